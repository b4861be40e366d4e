//! Reads lines byte by byte: what one reader takes in advance, the next one misses.

use std::fs::File;
use std::io::Read;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;

/// The next line of standard input, if there is one.
pub fn standard_input() -> Option<String> {
    // Not ours to close.
    next_line(&ManuallyDrop::new(unsafe { File::from_raw_fd(0) }))
}

/// The next line of a file that is open, if there is one.
pub fn next_line(mut from: &File) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while from.read(&mut byte).ok()? == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    String::from_utf8(line).ok().filter(|line| !line.is_empty())
}
