//! The exports as wasm-bindgen wants them: it makes the code around each, which catches a panic and throws it in
//! JavaScript, and which lets nobody in any more after an abort.

use wasm_bindgen::handler::{schedule_reinit, set_on_abort};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_namespace = host)]
extern "C" {
    /// Tells JavaScript that something happens in here.
    fn tell(event: &str);
}

#[wasm_bindgen(start, private)]
fn started() {
    tell("instance");
}

#[wasm_bindgen]
pub fn transfer(amount: i32) -> i32 {
    crate::transfer(amount)
}

#[wasm_bindgen]
pub fn total() -> i32 {
    crate::total()
}

#[wasm_bindgen(js_name = transferPlain)]
pub fn transfer_plain(amount: i32) -> i32 {
    crate::transfer_plain(amount)
}

#[wasm_bindgen(js_name = totalPlain)]
pub fn total_plain() -> i32 {
    crate::total_plain()
}

#[wasm_bindgen]
pub fn note(amount: i32) -> i32 {
    crate::note(amount)
}

#[wasm_bindgen]
pub fn notes() -> i32 {
    crate::notes()
}

#[wasm_bindgen]
pub fn open() -> i32 {
    crate::open()
}

#[wasm_bindgen]
pub fn dive(depth: i32) -> i32 {
    crate::dive(depth)
}

#[wasm_bindgen]
pub fn add(left: i32, right: i32) -> i32 {
    crate::add(left, right)
}

#[wasm_bindgen]
pub fn load(mib: i32) -> i32 {
    crate::load(mib)
}

#[wasm_bindgen]
pub fn recurse() -> i32 {
    crate::recurse(0)
}

#[wasm_bindgen]
pub fn stop() -> i32 {
    crate::stop()
}

fn tell_of_abort() {
    tell("hook");
}

fn tell_of_abort_then_reinit() {
    tell("hook");
    schedule_reinit();
}

/// Sets the hook for an abort, and returns whether there was one before.
#[wasm_bindgen(js_name = onAbort)]
pub fn on_abort(hook: &str) -> bool {
    let hook: fn() = match hook {
        "tell" => tell_of_abort,
        "reinit" => schedule_reinit,
        "tell-then-reinit" => tell_of_abort_then_reinit,
        _ => panic!("there is no hook {hook:?}"),
    };
    set_on_abort(hook).is_some()
}

#[wasm_bindgen]
pub fn reinit() {
    schedule_reinit();
}
