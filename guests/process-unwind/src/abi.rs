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

#[unsafe(export_name = "transfer")]
extern "C" fn transfer(amount: i32) -> *const Lowered {
    lower(caught(|| crate::transfer(amount)))
}

#[unsafe(export_name = "total")]
extern "C" fn total() -> *const Lowered {
    lower(caught(crate::total))
}

#[unsafe(export_name = "transfer-plain")]
extern "C" fn transfer_plain(amount: i32) -> *const Lowered {
    lower(caught(|| crate::transfer_plain(amount)))
}

#[unsafe(export_name = "total-plain")]
extern "C" fn total_plain() -> *const Lowered {
    lower(caught(crate::total_plain))
}

#[unsafe(export_name = "note")]
extern "C" fn note(amount: i32) -> *const Lowered {
    lower(caught(|| crate::note(amount)))
}

#[unsafe(export_name = "notes")]
extern "C" fn notes() -> *const Lowered {
    lower(caught(crate::notes))
}

#[unsafe(export_name = "open")]
extern "C" fn open() -> *const Lowered {
    lower(caught(crate::open))
}

#[unsafe(export_name = "dive")]
extern "C" fn dive(depth: i32) -> *const Lowered {
    lower(caught(|| crate::dive(depth)))
}

#[unsafe(export_name = "add")]
extern "C" fn add(left: i32, right: i32) -> *const Lowered {
    lower(caught(|| crate::add(left, right)))
}

#[unsafe(export_name = "load")]
extern "C" fn load(mib: i32) -> *const Lowered {
    lower(caught(|| crate::load(mib)))
}

#[unsafe(export_name = "recurse")]
extern "C" fn recurse() -> *const Lowered {
    lower(caught(|| crate::recurse(0)))
}

#[unsafe(export_name = "stop")]
extern "C" fn stop() -> *const Lowered {
    lower(caught(crate::stop))
}

/// Nobody catches this one, and it may unwind out of the guest.
#[unsafe(export_name = "escape")]
extern "C-unwind" fn escape(amount: i32) -> i32 {
    crate::transfer_plain(amount)
}

/// Nobody catches this one either, and it may not unwind any further.
#[unsafe(export_name = "escape-from-c")]
extern "C" fn escape_from_c(amount: i32) -> i32 {
    crate::transfer_plain(amount)
}
