//! A command without `main`: exports `run` itself, so that no start-up code of the C library is linked.

mod abi;

use std::env;
use std::fs::File;
use std::io::Read;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// State that lives as long as the instance does.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// Read from the environment by the first run, and never again.
static GREETING: OnceLock<String> = OnceLock::new();

/// Opened by the first run and kept open, so that each run reads on where the last one stopped.
static NOTES: Mutex<Option<File>> = Mutex::new(None);

pub fn run() {
    let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
    let greeting = GREETING.get_or_init(|| {
        println!("initialising the greeting");
        env::var("GREETING").unwrap_or("Hello".into())
    });
    let name = env::args().nth(1).unwrap_or("nobody".into());
    println!("run {run}: {greeting}, {name}");

    // Standard input is not ours to close.
    let mut input = ManuallyDrop::new(unsafe { File::from_raw_fd(0) });
    match next_line(&mut input) {
        Some(line) => println!("standard input: {line}"),
        None => println!("standard input: nothing"),
    }
    match next_note() {
        Some(line) => println!("notes.txt: {line}"),
        None => eprintln!("there is nothing more in /lab/notes.txt"),
    }
}

fn next_note() -> Option<String> {
    let mut notes = NOTES.lock().unwrap();
    if notes.is_none() {
        *notes = File::open("/lab/notes.txt").ok();
    }
    next_line(notes.as_mut()?)
}

/// Byte by byte: what one reader takes in advance, the next one misses.
fn next_line(from: &mut File) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while from.read(&mut byte).ok()? == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    String::from_utf8(line).ok().filter(|line| !line.is_empty())
}
