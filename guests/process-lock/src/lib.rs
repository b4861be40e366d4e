//! Doubles a number under a lock that belongs to the host, and panics before giving the lock back.

mod abi;

use std::sync::atomic::{AtomicU32, Ordering};

use abi::{acquire, log, release};

/// State that lives as long as the instance does.
static ANSWERED: AtomicU32 = AtomicU32::new(0);

pub fn process_input(input: f64) -> f64 {
    acquire("buffer");
    log(&format!("processing {input}"));
    if input > 100.0 {
        panic!("input too large: {input}");
    }
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    release("buffer");
    input * 2.0
}

pub fn calls() -> u32 {
    ANSWERED.load(Ordering::Relaxed)
}
