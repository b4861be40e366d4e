//! Writes the JavaScript that belongs to a module made with wasm-bindgen, for Node: `bindings MODULE.wasm FOLDER`.

use std::ffi::OsStr;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [module, folder] = arguments.as_slice() else {
        eprintln!("usage: bindings MODULE.wasm FOLDER");
        return ExitCode::from(2);
    };
    match write(module, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn write(module: &OsStr, folder: &OsStr) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    let made = bindgen.input_path(module).typescript(false).nodejs(true).and_then(|node| node.generate(folder));
    made.map_err(|problem| format!("{problem:#}"))
}
