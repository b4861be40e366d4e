//! A service instead of a command: set up once, asked often, shut down in the end.

mod abi;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// The cases of `lifecycle-error` in `wit/world.wit`, in the same order.
#[repr(u8)]
pub enum LifecycleError {
    NotInitialised,
    AlreadyInitialised,
}

use LifecycleError::{AlreadyInitialised, NotInitialised};

/// Whether there is a service: from `init` to `shutdown`.
static READY: AtomicBool = AtomicBool::new(false);

/// How many inputs it has answered.
static ANSWERED: AtomicU32 = AtomicU32::new(0);

pub fn init() -> Result<(), LifecycleError> {
    if READY.swap(true, Relaxed) {
        return Err(AlreadyInitialised);
    }
    ANSWERED.store(0, Relaxed);
    Ok(())
}

pub fn process(input: String) -> Result<String, LifecycleError> {
    if !READY.load(Relaxed) {
        return Err(NotInitialised);
    }
    let number = ANSWERED.fetch_add(1, Relaxed) + 1;
    Ok(format!("{} ({number})", input.to_uppercase()))
}

pub fn shutdown() -> Result<(), LifecycleError> {
    if READY.swap(false, Relaxed) { Ok(()) } else { Err(NotInitialised) }
}
