//! Two accounts that hold 100 together, and a transfer that panics when its first half is done.

#![cfg_attr(panic = "unwind", feature(asm_experimental_arch))]

mod abi;

use std::cell::Cell;

thread_local! {
    static BOOK: Cell<[i32; 2]> = const { Cell::new([100, 0]) };
}

fn refuse_above_50(amount: i32) {
    if amount > 50 {
        panic!("amount too large: {amount}");
    }
}

pub fn transfer(amount: i32) -> Result<i32, String> {
    let [first, second] = BOOK.get();
    BOOK.set([first - amount, second]);
    refuse_above_50(amount);
    BOOK.set([first - amount, second + amount]);
    Ok(first + second)
}

pub fn accounts() -> [i32; 2] {
    BOOK.get()
}
