//! Limits the memory, which no host of JavaScript does: 32 MiB, so that running out of it takes no time.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=--max-memory={}", 32 << 20);
}
