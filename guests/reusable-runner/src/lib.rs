//! A service instead of a command: set up once, asked often, shut down in the end.

mod abi;

use std::sync::Mutex;

/// The cases of `lifecycle-error` in `wit/world.wit`, in the same order.
#[repr(u8)]
pub enum LifecycleError {
    NotInitialised,
    AlreadyInitialised,
}

use LifecycleError::{AlreadyInitialised, NotInitialised};

struct Service {
    answered: u32,
}

/// There is a service between `init` and `shutdown`, and none before and after.
static SERVICE: Mutex<Option<Service>> = Mutex::new(None);

pub fn init() -> Result<(), LifecycleError> {
    let mut service = SERVICE.lock().unwrap();
    if service.is_some() {
        return Err(AlreadyInitialised);
    }
    *service = Some(Service { answered: 0 });
    Ok(())
}

pub fn process(input: String) -> Result<String, LifecycleError> {
    let mut service = SERVICE.lock().unwrap();
    let service = service.as_mut().ok_or(NotInitialised)?;
    service.answered += 1;
    Ok(format!("{} ({})", input.to_uppercase(), service.answered))
}

pub fn shutdown() -> Result<(), LifecycleError> {
    SERVICE.lock().unwrap().take().map(drop).ok_or(NotInitialised)
}
