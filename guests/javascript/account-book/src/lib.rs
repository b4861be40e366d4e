//! An account book that can be left half-written: in a lock, in a borrow, in plain numbers, deep down the stack.
//!
//! The same source becomes a core module, a component that aborts when it panics, and one that unwinds.

#![cfg_attr(panic = "unwind", feature(asm_experimental_arch))]

mod abi;

use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Two accounts that always hold 100 together.
static BOOK: Mutex<[i32; 2]> = Mutex::new([100, 0]);
static PLAIN: [AtomicI32; 2] = [AtomicI32::new(100), AtomicI32::new(0)];
static OPEN: AtomicI32 = AtomicI32::new(0);
static DOCUMENT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

thread_local! {
    static NOTES: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) };
}

/// Counts a transfer as open until it goes out of scope, however that happens.
struct Open;

impl Open {
    fn begin() -> Self {
        OPEN.fetch_add(1, Relaxed);
        Open
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Relaxed);
    }
}

fn refuse_above_50(amount: i32) {
    if amount > 50 {
        panic!("amount too large: {amount}");
    }
}

/// Moves `amount` under a lock.
pub fn transfer(amount: i32) -> i32 {
    let _open = Open::begin();
    let mut book = BOOK.lock().unwrap();
    book[0] -= amount;
    refuse_above_50(amount);
    book[1] += amount;
    book[0] + book[1]
}

pub fn total() -> i32 {
    let book = BOOK.lock().unwrap();
    book[0] + book[1]
}

/// Moves `amount` with nothing to protect the numbers.
pub fn transfer_plain(amount: i32) -> i32 {
    PLAIN[0].fetch_sub(amount, Relaxed);
    refuse_above_50(amount);
    PLAIN[1].fetch_add(amount, Relaxed);
    total_plain()
}

pub fn total_plain() -> i32 {
    PLAIN[0].load(Relaxed) + PLAIN[1].load(Relaxed)
}

/// Appends to the notes, and returns how many there are.
pub fn note(amount: i32) -> i32 {
    NOTES.with(|notes| {
        let mut notes = notes.borrow_mut();
        refuse_above_50(amount);
        notes.push(amount);
        notes.len() as i32
    })
}

pub fn notes() -> i32 {
    NOTES.with(|notes| notes.borrow().len() as i32)
}

/// How many transfers have begun and not gone out of scope.
pub fn open() -> i32 {
    OPEN.load(Relaxed)
}

/// Panics under `depth` frames of 4 KiB each.
pub fn dive(depth: i32) -> i32 {
    let frame = std::hint::black_box([depth as u8; 4096]);
    if depth == 0 {
        panic!("nothing down here");
    }
    dive(depth - 1) + i32::from(frame[7])
}

/// Needs a little of the stack, and nothing else.
pub fn add(left: i32, right: i32) -> i32 {
    let both = std::hint::black_box([left, right]);
    both[0] + both[1]
}

/// Writes a document of so many MiB, and returns how many there are.
pub fn load(mib: i32) -> i32 {
    let mut document = DOCUMENT.lock().unwrap();
    for _ in 0..mib {
        document.push(vec![0xA5; 1 << 20]);
    }
    document.len() as i32
}

/// Calls itself for ever.
#[allow(unconditional_recursion)]
pub fn recurse(depth: i32) -> i32 {
    std::hint::black_box(depth) + recurse(depth + 1)
}

/// What the compiler puts where nothing can come.
pub fn stop() -> i32 {
    std::arch::wasm32::unreachable()
}
