//! The exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! `f64` and `u32` cross the boundary as they are. A `result<f64, guest-error>` does not fit one value:
//! it is written to memory (tag at 0, payload at 8) and its address is returned. The host reads it
//! before it can call again, so one such place is enough.

use std::cell::UnsafeCell;

use crate::GuestError;

#[repr(C)]
struct Lowered {
    tag: u8,
    payload: Payload,
}

#[repr(C)]
union Payload {
    value: f64,
    error: u8,
}

struct ReturnArea(UnsafeCell<Lowered>);

// A component instance runs one call at a time.
unsafe impl Sync for ReturnArea {}

static RETURN_AREA: ReturnArea = ReturnArea(UnsafeCell::new(Lowered { tag: 0, payload: Payload { value: 0.0 } }));

fn lower(answer: Result<f64, GuestError>) -> *const Lowered {
    let lowered = match answer {
        Ok(value) => Lowered { tag: 0, payload: Payload { value } },
        Err(error) => Lowered { tag: 1, payload: Payload { error: error as u8 } },
    };
    unsafe { *RETURN_AREA.0.get() = lowered };
    RETURN_AREA.0.get()
}

#[unsafe(export_name = "process-input")]
extern "C" fn process_input(input: f64) -> *const Lowered {
    lower(crate::process_input(input))
}

#[unsafe(export_name = "calls")]
extern "C" fn calls() -> u32 {
    crate::calls()
}
