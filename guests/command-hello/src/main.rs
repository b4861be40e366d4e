//! A command: greets, tells what it was given, and ends as it is told to.

mod reading;

use std::env;
use std::fs::File;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use reading::{next_line, standard_input};

/// State that lives as long as the instance does.
static RUNS: AtomicU32 = AtomicU32::new(0);

fn main() {
    let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
    let greeting = env::var("GREETING").unwrap_or("Hello".into());
    let name = env::args().nth(1).unwrap_or("nobody".into());
    println!("run {run}: {greeting}, {name}");
    println!("standard input: {}", standard_input().unwrap_or("nothing".into()));

    let note = File::open("/lab/notes.txt").ok().and_then(|notes| next_line(&notes));
    match note {
        Some(line) => println!("notes.txt: {line}"),
        None => eprintln!("there is nothing in /lab/notes.txt"),
    }

    // `command-hello Ada 3` exits with status 3; without a status it returns.
    if let Some(status) = env::args().nth(2) {
        process::exit(status.parse().unwrap_or(1));
    }
}
