//! Doubles a number, and says so when the number is too large.

mod abi;

use std::sync::atomic::{AtomicU32, Ordering};

/// The cases of `guest-error` in `wit/world.wit`, in the same order.
#[repr(u8)]
pub enum GuestError {
    InputTooLarge,
}

/// State that lives as long as the instance does.
static ANSWERED: AtomicU32 = AtomicU32::new(0);

pub fn process_input(input: f64) -> Result<f64, GuestError> {
    if input > 100.0 {
        return Err(GuestError::InputTooLarge);
    }
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    Ok(input * 2.0)
}

pub fn calls() -> u32 {
    ANSWERED.load(Ordering::Relaxed)
}
