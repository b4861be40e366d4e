//! The exports of `wit/world.wit` as the canonical ABI wants them.
//!
//! `f64` and `u32` cross the boundary as they are, so each function only passes its call on.

#[unsafe(export_name = "process-input")]
extern "C" fn process_input(input: f64) -> f64 {
    crate::process_input(input)
}

#[unsafe(export_name = "calls")]
extern "C" fn calls() -> u32 {
    crate::calls()
}
