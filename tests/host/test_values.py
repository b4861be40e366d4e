"""Every component type crosses into a guest and back: the guest here returns the list it was given."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import ArgumentError
from labkit.host import Counter, Engine, Program, Store
from labkit.host.plain import plain
from tests.host.wat import CORE_COUNTER

TYPES = """
  (type $point' (record (field "x" s32) (field "the-name" string)))
  (export $point "point" (type $point'))
  (type $shape' (variant (case "nothing") (case "circle" f64) (case "label" string) (case "at" $point)))
  (export $shape "shape" (type $shape'))
  (type $single' (variant (case "input-too-large")))
  (export $single "single" (type $single'))
  (type $colour' (enum "red" "green"))
  (export $colour "colour" (type $colour'))
  (type $rights' (flags "read" "write" "run"))
  (export $rights "rights" (type $rights'))
  (type $inner (option u8))
  (type $mixed' (variant (case "number" u32) (case "yes" bool)))
  (export $mixed "mixed" (type $mixed'))
"""

ECHO = """
(component
  {types}
  (type $values (list {ty}))
  (core module $m
    (memory (export "memory") 64)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get 2) (i32.const 1)))
                              (i32.sub (i32.const 0) (local.get 2))))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "echo") (param "values" $values) (result $values)
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
"""


def integers(bits: int, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


text = st.text(st.characters(codec="utf-8"), max_size=20)
floats = st.floats(allow_nan=False)
point = st.fixed_dictionaries({"x": integers(32, True), "the-name": text})

CASES = {
    "bool": st.booleans(),
    "s8": integers(8, True),
    "u16": integers(16, False),
    "s32": integers(32, True),
    "u64": integers(64, False),
    "f32": st.floats(width=32, allow_nan=False),
    "f64": floats,
    "char": st.characters(codec="utf-8"),
    "string": text,
    "(list string)": st.lists(text, max_size=5),
    "(list u8)": st.binary(max_size=20),
    "(tuple u8 string)": st.tuples(integers(8, False), text).map(list),
    "$point": point,
    "$shape": st.one_of(
        st.just("nothing"),
        st.builds(lambda v: {"circle": v}, floats),
        st.builds(lambda v: {"label": v}, text),
        st.builds(lambda v: {"at": v}, point),
    ),
    "$single": st.just("input-too-large"),
    "$colour": st.sampled_from(["red", "green"]),
    "$rights": st.lists(st.sampled_from(["read", "write", "run"]), unique=True).map(sorted),
    "(option string)": st.none() | text,
    "(option $inner)": st.none() | st.builds(lambda v: {"some": v}, st.none() | integers(8, False)),
    "(result u32 (error string))": st.one_of(
        st.builds(lambda v: {"ok": v}, integers(32, False)), st.builds(lambda v: {"err": v}, text)
    ),
    "(result f64 (error $single))": st.one_of(
        st.builds(lambda v: {"ok": v}, floats), st.just({"err": "input-too-large"})
    ),
    "(result u32 (error u32))": st.one_of(
        st.builds(lambda v: {"ok": v}, integers(32, False)), st.builds(lambda v: {"err": v}, integers(32, False))
    ),
    "(result)": st.sampled_from([{"ok": None}, {"err": None}]),
}


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine


def echo(engine: Engine, ty: str, values: object) -> object:
    program = Program.from_wat("echo", ECHO.format(types=TYPES, ty=ty))
    with Store(engine, Counter()) as store:
        return store.instantiate(program).call("echo", values).unwrap()


@pytest.mark.parametrize("ty", CASES)
def test_values_come_back_as_they_went_in(engine, ty):
    @given(st.lists(CASES[ty], min_size=1, max_size=4))
    @settings(max_examples=25, deadline=None)
    def comes_back(values):
        assert echo(engine, ty, values) == values

    comes_back()


def test_a_list_of_bytes_is_bytes(engine):
    assert echo(engine, "u8", b"\0\xff") == b"\0\xff"


def test_nan_and_infinities_can_be_written_in_json(engine):
    nan, inf = echo(engine, "f64", ["nan", "-inf"])
    assert math.isnan(nan)
    assert inf == -math.inf
    assert plain([nan, inf, b"\x01"]) == ["nan", "-inf", {"bytes": "01"}]


@pytest.mark.parametrize(
    ("ty", "value", "message"),
    [
        ("f64", "ten", "echo: `values`[0] takes f64, not 'ten'."),
        ("u8", 256, "echo: `values`[0] takes u8, not 256 (the range is 0 to 255)."),
        ("s8", True, "echo: `values`[0] takes s8, not True."),
        ("char", "ab", "echo: `values`[0] takes char, not 'ab' (one character)."),
        ("$colour", "blue", "echo: `values`[0] takes enum { red, green }, not 'blue'."),
        ("$point", {"x": 1}, "echo: `values`[0] takes record { x: s32, the-name: string }, not {'x': 1} "
                             "(a dict with exactly these fields)."),
        ("$point", {"x": 1, "the-name": 2}, "echo: `values`[0].the-name takes string, not 2."),
        ("$mixed", {"yes": True}, "echo: `values`[0] takes variant { number(u32), yes(bool) }, not {'yes': True} "
                                  "(wasmtime-py would pass yes as number)."),
        ("(option u8)", "x", "echo: `values`[0].some takes u8, not 'x'."),
        ("f32", 10**400, f"echo: `values`[0] takes f32, not 1{'0' * 56}… (no float is as large)."),
        ("$rights", [["read"]], "echo: `values`[0] takes flags { read, write, run }, not [['read']]."),
        ("(list u8)", {"bytes": "0x"}, "echo: `values`[0] takes list<u8>, not {'bytes': '0x'} "
                                       "(two hexadecimal digits per byte)."),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_named_in_one_sentence(engine, ty, value, message):
    with pytest.raises(ArgumentError) as raised:
        echo(engine, ty, [value])
    assert str(raised.value) == message


def test_a_resource_is_a_handle_that_goes_back_to_its_guest(engine):
    program = Program.from_wat(
        "resources",
        """(component
          (type $thing' (resource (rep i32)))
          (export $thing "thing" (type $thing'))
          (core func $new (canon resource.new $thing'))
          (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
            (func (export "read") (param i32) (result i32) (local.get 0)))
          (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
          (func (export "make") (param "n" u32) (result (own $thing)) (canon lift (core func $i "make")))
          (func (export "read") (param "t" (borrow $thing)) (result u32) (canon lift (core func $i "read"))))""",
    )
    with Store(engine, Counter()) as store:
        instance = store.instantiate(program)
        handle = instance.call("make", 17).unwrap()
        assert repr(handle) == "<resource 1>"
        assert plain(handle) == {"resource": 1}
        assert instance.call("read", handle).unwrap() == 17
        assert instance.call("read", {"resource": 1}).unwrap() == 17
        with pytest.raises(ArgumentError, match="a resource of this store"):
            instance.call("read", {"resource": 9})


def test_numbers_of_core_modules_are_checked_too(engine):
    with Store(engine, Counter()) as store:
        core = store.instantiate(Program.from_wat("core", CORE_COUNTER))
        assert core.call("add", 2, 0.5).unwrap() == 2.5
        assert core.call("add", 2**32 - 1, 0).unwrap() == -1.0
        with pytest.raises(
            ArgumentError, match=r"add: argument 1 takes i32, and 4294967296 does not fit in 32 bits"
        ):
            core.call("add", 2**32, 0.0)
        with pytest.raises(ArgumentError, match=r"add: argument 2 takes f64, not 'x'\."):
            core.call("add", 1, "x")
        with pytest.raises(ArgumentError, match=r"add: argument 2 takes f64, and no float is as large as this"):
            core.call("add", 1, 10**400)


def test_an_integer_that_python_does_not_write_out(engine):
    with Store(engine, Counter()) as store:
        core = store.instantiate(Program.from_wat("core", CORE_COUNTER))
        with pytest.raises(ArgumentError, match=r"takes i32, and an enormous integer does not fit in 32 bits\.$"):
            core.call("add", 10**5000, 0.0)
