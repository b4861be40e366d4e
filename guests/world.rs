//! The build script of every guest with a world of its own: hands `wit/world.wit` to the linker.
//!
//! rustc links `wasm32-wasip2` with `wasm-component-ld`, which wraps the core module into a component.
//! It needs to know the world that the exports in `src/abi.rs` belong to.

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::rerun-if-changed=wit/world.wit");
    println!("cargo::rustc-link-arg-cdylib=--component-type={root}/wit/world.wit");
}
