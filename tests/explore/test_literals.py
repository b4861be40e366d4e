"""What people type for a value, and what they are told when it is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import ArgumentError
from labkit.explore import parse, samples, zero
from labkit.explore.literals import parse_arguments, parse_call
from labkit.explore.wave import written
from labkit.host.shape import INTEGERS, Part, Shape
from labkit.host.signature import Signature

U8, F64, STRING, BOOL = Shape("u8"), Shape("f64"), Shape("string"), Shape("bool")
STYLE = Shape(
    "record", (Part("separator", STRING), Part("upper", BOOL), Part("width", Shape("option", (Part(shape=U8),))))
)
FORM = Shape("variant", (Part("circle", F64), Part("nothing")))
MODES = Shape("flags", (Part("read"), Part("write")))
HUE = Shape("enum", (Part("red"), Part("green")))
ANSWER = Shape("result", (Part("ok", U8), Part("err")))
PAIR = Shape("tuple", (Part(shape=U8), Part(shape=STRING)))
BYTES = Shape("list", (Part(shape=U8),))
PERHAPS = Shape("option", (Part(shape=Shape("option", (Part(shape=U8),))),))
ALL = [U8, F64, STRING, BOOL, Shape("char"), Shape("i64"), STYLE, FORM, MODES, HUE, ANSWER, PAIR, BYTES, PERHAPS]


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (U8, " 0x10 ", 16),
        (F64, "2", 2.0),
        (F64, "nan", "nan"),
        (STRING, "two words", "two words"),
        (STRING, '"two\\nlines"', "two\nlines"),
        (STYLE, '{separator: "-", upper: true}', {"separator": "-", "upper": True, "width": None}),
        (STYLE, '{"separator": "-", "upper": true, "width": 3}', {"separator": "-", "upper": True, "width": 3}),
        (FORM, "circle(2.5)", {"circle": 2.5}),
        (FORM, '{"circle": 2.5}', {"circle": 2.5}),
        (FORM, "nothing", "nothing"),
        (MODES, "{write, read}", ["read", "write"]),
        (MODES, '["read"]', ["read"]),
        (MODES, "{}", []),
        (HUE, "green", "green"),
        (ANSWER, "ok(1)", {"ok": 1}),
        (ANSWER, "err", {"err": None}),
        (PAIR, '(1, "a")', [1, "a"]),
        (BYTES, "[1, 2]", [1, 2]),
        (BYTES, '{"bytes": "00ff"}', {"bytes": "00ff"}),
        (PERHAPS, "none", None),
        (PERHAPS, "some(none)", {"some": None}),
        (PERHAPS, "some(some(3))", {"some": 3}),
    ],
)
def test_a_value_is_read_as_it_is_typed(shape, text, value):
    assert parse(shape, text, "f: x") == value


@pytest.mark.parametrize(
    ("shape", "text", "sentence"),
    [
        (U8, "256", "f: `x` takes u8, not 256: the range is 0 to 255."),
        (U8, "1.5", "f: `x` takes u8, not 1.5: a whole number is wanted."),
        (U8, "", "f: `x`: '' cannot be read, because a value is missing."),
        (U8, "1 2", "f: `x`: '1 2' cannot be read, because after the value stands '2'."),
        (F64, "1e999", "f: `x` takes f64, not '1e999': it is too large for an f64."),
        (F64, "-1e999", "f: `x` takes f64, not '-1e999': it is too large for an f64."),
        (F64, "ten", "f: `x` takes f64, not 'ten': a number is wanted, or nan, inf, -inf."),
        (BOOL, "yes", "f: `x` takes bool, not 'yes': write true or false."),
        (
            STYLE,
            '{separator: 1, upper: true}',
            'f: `x`.separator takes string, not 1: write a text, in quotation marks: "…".',
        ),
        (
            Shape("record", (Part("a", U8), Part("b", U8))),
            "{a: 1}",
            "f: `x` takes record { a: u8, b: u8 }, not {'a': 1}: 'b' is missing.",
        ),
        (
            Shape("record", (Part("a", U8),)),
            "{c: 1}",
            "f: `x` takes record { a: u8 }, not {'c': 1}: it has no field 'c'; its fields are a.",
        ),
        (FORM, "circle", "f: `x` takes variant { circle(f64), nothing }, not 'circle': circle carries a value: "
                         "write circle(…)."),
        (FORM, "disc(1)", "f: `x` takes variant { circle(f64), nothing }, not {'disc': 1}: 'disc' is none of "
                          "circle(…), nothing."),
        (MODES, "{run}", "f: `x` takes flags { read, write }, not ('run',): 'run' is none of read, write."),
        (PAIR, "(1)", "f: `x` takes tuple<u8, string>, not [1]: 2 values are wanted, as in (…, …)."),
        (Shape("own"), "1", "f: `x` takes own<resource>, which cannot be written as a value: only a guest can "
                            "give one."),
        (BYTES, "[" * 50, f"f: `x`: {'[' * 50!r} cannot be read, because it is nested too deeply."),
        (BYTES, "[1, 2", "f: `x`: '[1, 2' cannot be read, because [ is not closed by ]."),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told_where(shape, text, sentence):
    with pytest.raises(ArgumentError) as refused:
        parse(shape, text, "f: `x`")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("shape", ALL, ids=str)
def test_every_sample_can_be_written_and_read_again(shape):
    for value in samples(shape):
        assert parse(shape, written(shape, value), "x") == value


@given(text=st.text(max_size=30), shape=st.sampled_from(ALL))
def test_whatever_is_typed_is_a_value_or_a_sentence(text, shape):
    try:
        parse(shape, text, "x")
    except ArgumentError as error:
        assert "\n" not in str(error)  # noqa: PT017  # either way is right


def test_a_call_is_a_name_and_arguments():
    join = Signature("join", (Part("words", Shape("list", (Part(shape=STRING),))), Part("style", HUE)), STRING)
    assert parse_call(' join([a, "b (c)"], red) ') == ("join", '[a, "b (c)"], red')
    assert parse_arguments(join, '[a, "b (c)"], red') == (["a", "b (c)"], "red")
    with pytest.raises(ArgumentError) as refused:
        parse_arguments(join, "[]")
    assert str(refused.value) == (
        "join takes 2 arguments, not 1: join: func(words: list<string>, style: enum { red, green }) -> string."
    )


@pytest.mark.parametrize("kind", INTEGERS)
def test_the_least_value_of_an_integer_is_zero(kind):
    assert zero(Shape(kind)) == 0
