//! The exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! `s32` crosses the boundary as it is. A `result<s32, panic-error>` does not fit one value: it is written to memory
//! (tag at 0, payload at 4) and its address is returned. The texts of an error stay where they are until the next one.

mod caught;

use std::cell::UnsafeCell;

use caught::{PanicError, caught};

#[repr(C)]
struct Lowered {
    tag: u8,
    payload: Payload,
}

#[repr(C)]
union Payload {
    value: i32,
    error: Error,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Error {
    message: (*const u8, usize),
    file: (*const u8, usize),
    line: u32,
    column: u32,
}

struct ReturnArea(UnsafeCell<(Lowered, Option<PanicError>)>);

// A component instance runs one call at a time.
unsafe impl Sync for ReturnArea {}

static RETURN_AREA: ReturnArea =
    ReturnArea(UnsafeCell::new((Lowered { tag: 0, payload: Payload { value: 0 } }, None)));

fn lower(answer: Result<i32, PanicError>) -> *const Lowered {
    let area = unsafe { &mut *RETURN_AREA.0.get() };
    area.0 = match answer {
        Ok(value) => Lowered { tag: 0, payload: Payload { value } },
        Err(error) => {
            let error = area.1.insert(error);
            let lowered = Error {
                message: (error.message.as_ptr(), error.message.len()),
                file: (error.file.as_ptr(), error.file.len()),
                line: error.line,
                column: error.column,
            };
            Lowered { tag: 1, payload: Payload { error: lowered } }
        }
    };
    &area.0
}

/// What the guest refuses by itself is an error without a place.
fn refused(message: String) -> PanicError {
    PanicError { message, file: String::new(), line: 0, column: 0 }
}

#[unsafe(export_name = "transfer")]
extern "C" fn transfer(amount: i32) -> *const Lowered {
    lower(caught(|| crate::transfer(amount)).and_then(|answer| answer.map_err(refused)))
}

#[unsafe(export_name = "first")]
extern "C" fn first() -> *const Lowered {
    lower(caught(|| crate::accounts()[0]))
}

#[unsafe(export_name = "second")]
extern "C" fn second() -> *const Lowered {
    lower(caught(|| crate::accounts()[1]))
}
