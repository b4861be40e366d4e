//! Doubles a number, and panics when the number is too large.

mod abi;

use std::sync::atomic::{AtomicU32, Ordering};

/// State that lives as long as the instance does.
static ANSWERED: AtomicU32 = AtomicU32::new(0);

pub fn process_input(input: f64) -> f64 {
    if input > 100.0 {
        panic!("input too large: {input}");
    }
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    input * 2.0
}

pub fn calls() -> u32 {
    ANSWERED.load(Ordering::Relaxed)
}
