//! A command: greets, tells what it was given, and ends as it is told to.

use std::env;
use std::fs::File;
use std::io::Read;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// State that lives as long as the instance does.
static RUNS: AtomicU32 = AtomicU32::new(0);

fn main() {
    let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
    let greeting = env::var("GREETING").unwrap_or("Hello".into());
    let name = env::args().nth(1).unwrap_or("nobody".into());
    println!("run {run}: {greeting}, {name}");

    // Standard input is not ours to close.
    let mut input = ManuallyDrop::new(unsafe { File::from_raw_fd(0) });
    match next_line(&mut input) {
        Some(line) => println!("standard input: {line}"),
        None => println!("standard input: nothing"),
    }
    match File::open("/lab/notes.txt").ok().and_then(|mut notes| next_line(&mut notes)) {
        Some(line) => println!("notes.txt: {line}"),
        None => eprintln!("there is nothing in /lab/notes.txt"),
    }

    // `command-hello Ada 3` exits with status 3; without a status it returns.
    if let Some(status) = env::args().nth(2) {
        process::exit(status.parse().unwrap_or(1));
    }
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
