//! The imports and exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! `f64` and `u32` cross the boundary as they are. A string that goes to the host is an address and a
//! length; the host copies it during the call.

mod host {
    #[link(wasm_import_module = "$root")]
    unsafe extern "C" {
        pub fn acquire(name: *const u8, length: usize);
        pub fn release(name: *const u8, length: usize);
        pub fn log(message: *const u8, length: usize);
    }
}

pub fn acquire(name: &str) {
    unsafe { host::acquire(name.as_ptr(), name.len()) }
}

pub fn release(name: &str) {
    unsafe { host::release(name.as_ptr(), name.len()) }
}

pub fn log(message: &str) {
    unsafe { host::log(message.as_ptr(), message.len()) }
}

#[unsafe(export_name = "process-input")]
extern "C" fn process_input(input: f64) -> f64 {
    crate::process_input(input)
}

#[unsafe(export_name = "calls")]
extern "C" fn calls() -> u32 {
    crate::calls()
}
