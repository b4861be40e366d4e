//! Multiplies by a rate that a static constructor fetches, as some libraries set themselves up.

mod abi;

use std::sync::atomic::{AtomicU32, Ordering};

static RATE: AtomicU32 = AtomicU32::new(0);
static ANSWERED: AtomicU32 = AtomicU32::new(0);

/// Runs before anybody calls anything: the linker gathers `.init_array`.
#[used]
#[unsafe(link_section = ".init_array")]
static SET_UP: extern "C" fn() = set_up;

extern "C" fn set_up() {
    RATE.store(abi::fetch(3), Ordering::Relaxed);
}

pub fn process_input(input: f64) -> f64 {
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    input * f64::from(RATE.load(Ordering::Relaxed))
}

pub fn calls() -> u32 {
    ANSWERED.load(Ordering::Relaxed)
}
