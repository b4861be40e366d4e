//! The exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! A string that comes from the host lies in memory that the host asked `cabi_realloc` for, and belongs to the
//! guest from then on. A `result<_, lifecycle-error>` is an address too: of its tag, with the case beside it. A
//! string that goes to the host stays where it is until the host calls `cabi_post_process`.

use std::alloc::{Layout, alloc, handle_alloc_error, realloc};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

use crate::LifecycleError;

/// An `err` has its case where an `ok` has the address of its text.
#[repr(C)]
struct Lowered {
    tag: u8,
    payload: Payload,
    length: usize,
}

#[repr(C)]
union Payload {
    text: *mut u8,
    error: u8,
}

/// The same without a text, where the case follows the tag at once.
#[repr(C)]
struct LoweredUnit {
    tag: u8,
    error: u8,
}

struct ReturnArea<T>(UnsafeCell<T>);

// A component instance runs one call at a time.
unsafe impl<T> Sync for ReturnArea<T> {}

static TEXT_AREA: ReturnArea<Lowered> =
    ReturnArea(UnsafeCell::new(Lowered { tag: 0, payload: Payload { text: null_mut() }, length: 0 }));
static UNIT_AREA: ReturnArea<LoweredUnit> = ReturnArea(UnsafeCell::new(LoweredUnit { tag: 0, error: 0 }));

fn lower_text(answer: Result<String, LifecycleError>) -> *const Lowered {
    let lowered = match answer {
        Ok(text) => {
            let text = Box::leak(text.into_boxed_str());
            Lowered { tag: 0, payload: Payload { text: text.as_mut_ptr() }, length: text.len() }
        }
        Err(error) => Lowered { tag: 1, payload: Payload { error: error as u8 }, length: 0 },
    };
    unsafe { *TEXT_AREA.0.get() = lowered };
    TEXT_AREA.0.get()
}

fn lower_unit(answer: Result<(), LifecycleError>) -> *const LoweredUnit {
    let lowered = match answer {
        Ok(()) => LoweredUnit { tag: 0, error: 0 },
        Err(error) => LoweredUnit { tag: 1, error: error as u8 },
    };
    unsafe { *UNIT_AREA.0.get() = lowered };
    UNIT_AREA.0.get()
}

#[unsafe(export_name = "init")]
extern "C" fn init() -> *const LoweredUnit {
    lower_unit(crate::init())
}

#[unsafe(export_name = "process")]
unsafe extern "C" fn process(address: *mut u8, length: usize) -> *const Lowered {
    let input = unsafe { Vec::from_raw_parts(address, length, length) };
    lower_text(crate::process(String::from_utf8(input).expect("the host hands over UTF-8")))
}

#[unsafe(export_name = "cabi_post_process")]
unsafe extern "C" fn free_text(lowered: *const Lowered) {
    let lowered = unsafe { &*lowered };
    if lowered.tag == 0 {
        drop(unsafe { Vec::from_raw_parts(lowered.payload.text, lowered.length, lowered.length) });
    }
}

#[unsafe(export_name = "shutdown")]
extern "C" fn shutdown() -> *const LoweredUnit {
    lower_unit(crate::shutdown())
}

#[unsafe(export_name = "cabi_realloc")]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        // An empty string has an address all the same, and nobody looks there.
        return align as *mut u8;
    }
    let (address, layout) = unsafe {
        if old_size == 0 {
            let layout = Layout::from_size_align_unchecked(new_size, align);
            (alloc(layout), layout)
        } else {
            let layout = Layout::from_size_align_unchecked(old_size, align);
            (realloc(old, layout, new_size), layout)
        }
    };
    if address.is_null() {
        handle_alloc_error(layout);
    }
    address
}
