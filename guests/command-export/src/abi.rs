//! The export of `wit/world.wit` as the canonical ABI wants it.
//!
//! A `result` without payloads is one number: 0 for `ok`, 1 for `err`.

#[unsafe(export_name = "wasi:cli/run@0.2.0#run")]
extern "C" fn run() -> u32 {
    crate::run();
    0
}
