"""Answers in Rust to "nothing stays half done", right and wrong, compiled here, and what each is told."""

import pytest

from labkit.errors import ToolchainError
from labkit.magics import build_cell
from labkit.workshop.checks import check_for
from tests.compiler import compiler

FRAME = """#![feature(asm_experimental_arch)]
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
pub fn accounts() -> [i32; 2] {
    BOOK.get()
}
%s
pub fn transfer(amount: i32) -> Result<i32, String> {
    let [first, second] = BOOK.get();
    %s
    #[allow(unreachable_code)]
    Ok(first + second)
}
"""

PUT_BACK = """struct PutBack([i32; 2], bool);
impl Drop for PutBack {
    fn drop(&mut self) {
        if !self.1 {
            BOOK.set(self.0);
        }
    }
}"""

CAUGHT = """if std::panic::catch_unwind(|| refuse_above_50(amount)).is_err() {
        %s
    }"""


def judged(body, *, before=""):
    compiler()
    return check_for("whole-transfer")(build_cell("process-transfer", FRAME % (before, body)))


@pytest.mark.parametrize(
    ("body", "before"),
    [
        ("refuse_above_50(amount); BOOK.set([first - amount, second + amount]);", ""),
        ("BOOK.set([first - amount, second]); let mut kept = PutBack([first, second], false);"
         "refuse_above_50(amount); BOOK.set([first - amount, second + amount]); kept.1 = true;", PUT_BACK),
        ('if amount > 50 { return Err("no".into()); } BOOK.set([first - amount, second + amount]);', ""),
        ("let mut copy = [first, second]; copy[0] -= amount; refuse_above_50(amount); copy[1] += amount;"
         "BOOK.set(copy);", ""),
        ("BOOK.set([first - amount, second]);"
         + CAUGHT % "BOOK.set([first, second]); return Err(String::new());"
         + "BOOK.set([first - amount, second + amount]);", ""),
    ],
    ids=["the check first", "a Drop that puts back", "an error instead", "a copy", "caught inside"],
)  # fmt: skip
def test_every_right_guest_passes(body, before):
    assert [(found.passed, found.text) for found in judged(body, before=before)] == [
        (True, "4 transfers were refused with an error, and left both accounts as they were."),
        (True, "The same instance made the other 3, each of them whole."),
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("BOOK.set([first - amount, second]); refuse_above_50(amount);"
         "BOOK.set([first - amount, second + amount]);",
         "transfer(60) was refused, and the accounts should hold 60 and 40; they hold 0 and 40, so half of it was "
         "done."),
        ("BOOK.set([first - amount, second + amount]); refuse_above_50(amount);",
         "transfer(60) was refused, and the accounts should hold 60 and 40; they hold 0 and 100."),
        ("BOOK.set([first - amount, second + amount]);",
         "transfer(60) is too large and should be answered with an error; it returned 100."),
        (CAUGHT % "return Ok(100);" + "BOOK.set([first - amount, second + amount]);",
         "transfer(60) is too large and should be answered with an error; it returned 100."),
        (CAUGHT % "BOOK.set([100, 0]); return Err(String::new());"
         + "BOOK.set([first - amount, second + amount]);",
         "transfer(60) was refused, and the accounts should hold 60 and 40; they hold 100 and 0."),
        ('if amount > 50 { std::process::abort(); } BOOK.set([first - amount, second + amount]);',
         "transfer(60) should be answered, whatever it says; it trapped: unreachable."),
        ("return Err(String::new());",
         "transfer(40) is allowed and should return 100; it answered with a panic it had caught:  (:0:0)."),
    ],
    ids=["half", "too late", "no check", "hidden", "the beginning put back", "aborts", "refuses everything"],
)  # fmt: skip
def test_a_wrong_guest_is_told_what_is_left(body, told):
    assert [(found.passed, found.text) for found in judged(body)] == [(False, told)]


def test_what_is_no_program_or_no_such_guest():
    (found,) = check_for("whole-transfer")("process_transfer")
    assert found.text == "Give the check your program: the variable that the %%guest cell made."
    (found,) = check_for("whole-transfer")(build_cell("process-transfer", "(component)"))
    assert found.text.startswith("There is no export of process-transfer named 'transfer'")


def test_without_a_toolchain_that_unwinds_the_cell_says_so(monkeypatch):
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    with pytest.raises(ToolchainError, match=r"Compiling process-transfer needs .*`labkit setup`"):
        build_cell("process-transfer", "pub fn nothing() {}")
