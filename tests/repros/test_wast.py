"""Scripts of engines' own test suites, as scenarios."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import FormatError
from labkit.repros import read_wast, record_repro
from labkit.repros.sexpr import read_groups
from labkit.runtimes import Runtime

SCRIPT = r"""
;; a comment (; of its own
(component
  (core module $m (func (export "seven") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "seven") (result u32) (canon lift (core func $i "seven"))))
(assert_return (invoke "seven") (u32.const 7))
(module $adds (; one (; inside ;) the other ;)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
  (func (export "nan") (result f64) (f64.div (f64.const 0) (f64.const 0)))
  (func $dive (export "dive") (call $dive))
  (func (export "both") (result i32 i64) (i32.const 1) (i64.const -1))
  (func (export "\22quoted\"")))
(assert_return (invoke "add" (i32.const 0x7fff_ffff) (i32.const 1)) (i32.const 0x8000_0000))
(assert_trap (invoke "div" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_return (invoke "half" (f32.const 0.2)) (f32.const 0x1.99999ap-4))
(assert_return (invoke "nan") (f64.const nan:arithmetic))
(assert_exhaustion (invoke "dive") "call stack exhausted")
(assert_return (invoke "both") (i32.const 1) (i64.const 0xffffffffffffffff))
(assert_return (invoke "\"quoted\""))
(register "lib" $adds)
(module (import "lib" "add" (func $add (param i32 i32) (result i32)))
  (func (export "three") (result i32) (call $add (i32.const 1) (i32.const 2))))
(assert_return (invoke "three") (i32.const 3))
(invoke $adds "add" (i32.const 1) (i32.const 1))
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_trap (module (func $s unreachable) (start $s)) "unreachable")
"""


def test_a_script_is_played_and_its_assertions_hold():
    script = read_wast(SCRIPT, "mine")
    assert (len(script.scenario.steps), len(script.assertions)) == (14, 10)
    assert script.left_out == ("line 28: assert_invalid",)
    made = record_repro(script.scenario, script.programs, Runtime("50.0.1"))
    assert script.unmet(made.trace) == []
    assert [step.outcome.value for step in made.trace if step.export == "half"] == [pytest.approx(0.1)]


def test_what_does_not_hold_is_told_by_its_line():
    script = read_wast(
        SCRIPT.replace("(i32.const 3))", "(i32.const 4))").replace('"integer divide by zero', '"integer overflow'),
        "x",
    )
    made = record_repro(script.scenario, script.programs, Runtime("50.0.1"))
    assert script.unmet(made.trace) == [
        "Line 17: step 5 should trap with “integer overflow”; it trapped: integer-division-by-zero.",
        "Line 26: step 12 should return [4]; it returned 3.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This script has nothing in it to play."),
        ("(module", "The list that line 1 opens is never closed."),
        ("\n)", "Line 2 cannot be read: a list is closed that was not opened."),
        ('(module "', "Line 1 cannot be read: a string or a list is not closed there."),
        ("(; (;", "The comment that line 1 opens is never closed."),
        ("(" * 300, "Line 1 cannot be read: lists are nested deeper than 200."),
        ('(invoke "f")', "Line 1: there is no instance yet."),
        ('(module)\n(invoke $x "f")', "Line 2: there is no instance $x."),
        ('(module)(invoke "f" (v128.const i32x4 0 0 0 0))', "Line 1: labkit knows no value such as `v128.const`."),
        ('(module)(invoke "f" (i32.const 4294967296))', "Line 1: '4294967296' is no i32."),
        ('(module)(invoke "f" (f64.const 0x))', "Line 1: '0x' is no f64."),
        ('(module (import "spectest" "print" (func)))', "Line 1: nobody registered 'spectest', which this module"),
        ("(thread $t)", "Line 1: labkit cannot play `thread`."),
        ('(module binary "\\zz")', "Line 1 cannot be read: '\\\\z' stands for nothing."),
        ('(module binary "abc")', "Line 1: program-1 is no WebAssembly: it is a text that begins with 'abc'."),
        ("(module (func $f (call $g)))", "Line 1: program-1 does not parse: "),
        ("(module definition $d)", "Line 1: labkit plays no definitions of modules apart from their instances."),
    ],
)
def test_what_cannot_be_played_is_a_sentence_with_its_line(text, sentence):
    with pytest.raises(FormatError) as raised:
        read_wast(text, "x")
    assert str(raised.value).startswith(sentence)


@given(st.text(st.sampled_from('()";\\ \n$ai0.(module'), max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        groups = read_groups(text)
    except FormatError:
        return
    assert all(text[group.start] == "(" and text[group.end - 1] == ")" for group in groups)
