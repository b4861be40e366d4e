//! The imports and exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! `f64` and `u32` cross the boundary as they are.

mod host {
    #[link(wasm_import_module = "$root")]
    unsafe extern "C" {
        pub fn fetch(key: u32) -> u32;
    }
}

pub fn fetch(key: u32) -> u32 {
    unsafe { host::fetch(key) }
}

unsafe extern "C" {
    /// Made by the linker: runs whatever `.init_array` lists.
    fn __wasm_call_ctors();
}

/// What a library that links wasi-libc's start-up code exports as well: the component's start function calls it.
///
/// Without it the linker has the constructors run around every single call.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    unsafe { __wasm_call_ctors() }
}

#[unsafe(export_name = "process-input")]
extern "C" fn process_input(input: f64) -> f64 {
    crate::process_input(input)
}

#[unsafe(export_name = "calls")]
extern "C" fn calls() -> u32 {
    crate::calls()
}
