//! Catches a panic where the host called in, and makes a value of it.
//!
//! What is thrown carries the message only. The hook, which runs before anything is unwound, knows the place too.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// `panic-error` in `wit/world.wit`.
pub struct PanicError {
    pub message: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}

static LISTENING: Once = Once::new();

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<PanicError>> = const { RefCell::new(None) };
}

/// What `work` returns, or the panic that it unwound with. Where a panic aborts, nothing comes back.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, PanicError> {
    LISTENING.call_once(listen);
    CATCHING.set(cfg!(panic = "unwind"));
    let answer = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(false);
    answer.map_err(|_| SEEN.take().expect("the hook has seen it"))
}

fn listen() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if CATCHING.get() {
            SEEN.set(Some(seen(info)));
        } else {
            print(info);
        }
    }));
}

fn seen(info: &PanicHookInfo<'_>) -> PanicError {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or(payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location();
    PanicError {
        message: text.unwrap_or_default().to_owned(),
        file: place.map_or(String::new(), |place| place.file().to_owned()),
        line: place.map_or(0, |place| place.line()),
        column: place.map_or(0, |place| place.column()),
    }
}

// What a panic is thrown as. Elsewhere the C++ library brings this tag.
#[cfg(panic = "unwind")]
std::arch::global_asm!(".globl __cpp_exception", ".tagtype __cpp_exception i32", "__cpp_exception:");
