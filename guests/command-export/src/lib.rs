//! A command without `main`: exports `run` itself, so that no start-up code of the C library is linked.

mod abi;
mod once;
mod reading;

use std::env;
use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering};

use once::OnceCell;
use reading::{next_line, standard_input};

/// State that lives as long as the instance does.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// Read from the environment by the first run, and never again.
static GREETING: OnceCell<String> = OnceCell::new();

/// Opened by the first run and kept open, so that each run reads on where the last one stopped.
static NOTES: OnceCell<Option<File>> = OnceCell::new();

pub fn run() {
    let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
    let greeting = GREETING.get_or_init(|| {
        println!("initialising the greeting");
        env::var("GREETING").unwrap_or("Hello".into())
    });
    let name = env::args().nth(1).unwrap_or("nobody".into());
    println!("run {run}: {greeting}, {name}");
    println!("standard input: {}", standard_input().unwrap_or("nothing".into()));

    let notes = NOTES.get_or_init(|| File::open("/lab/notes.txt").ok());
    match notes.as_ref().and_then(next_line) {
        Some(line) => println!("notes.txt: {line}"),
        None => eprintln!("there is nothing more in /lab/notes.txt"),
    }
}
