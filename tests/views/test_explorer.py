"""The bench for a program of one's own: what its fields say, what its buttons do, and what it shows."""

import pytest

from labkit import Lab
from labkit.errors import ArgumentError, LabkitError, UnknownNameError
from labkit.host.shape import Part, Shape
from labkit.host.signature import Signature
from labkit.record import load_repro
from labkit.runtimes import add_runtime
from labkit.views.form import Form
from tests.explore import wat

U8, STRING = Shape("u8"), Shape("string")
STYLE = Shape("record", (Part("separator", STRING), Part("upper", Shape("bool"))))
FORM = Shape("variant", (Part("circle", Shape("f64")), Part("nothing")))
DRAW = Signature(
    "draw",
    (
        Part("of", FORM),
        Part("style", STYLE),
        Part("modes", Shape("flags", (Part("read"), Part("write")))),
        Part("hue", Shape("enum", (Part("red"), Part("green")))),
        Part("words", Shape("list", (Part(shape=STRING),))),
        Part("size", Shape("option", (Part(shape=U8),))),
        Part("title", STRING),
    ),
)
ARGS = ({"circle": 2.5}, {"separator": "-", "upper": True}, ["write"], "green", ["a"], 3, "two words")


@pytest.fixture(scope="module")
def lab():
    # A bench offers the releases that are there.
    add_runtime("45.0.0")
    with Lab() as found:
        yield found


@pytest.fixture
def bench(lab, tmp_path):
    def opened(text):
        (tmp_path / "mine.wat").write_text(text)
        return lab.explore(tmp_path / "mine.wat")

    return opened


def told(bench):
    return [str(outcome) for outcome in bench.outcomes]


def test_a_form_begins_with_the_least_values_and_holds_any():
    form = Form(DRAW, lambda: None)
    assert form.arguments() == ({"circle": 0.0}, {"separator": "", "upper": False}, [], "red", [], None, "")
    form.fill(ARGS)
    assert form.arguments() == ARGS


def test_a_field_that_is_wrong_is_named():
    form = Form(Signature("draw", (Part("size", U8),)), lambda: None)
    (field,) = form.widget.children
    field.value = "300"
    with pytest.raises(ArgumentError) as refused:
        form.arguments()
    assert str(refused.value) == "draw: `size` takes u8, not 300: the range is 0 to 255."


def test_calls_are_made_from_the_form_and_taken_back(bench):
    found = bench(wat.CELL)
    found.export.value = "put"
    found.form.fill((16, 7))
    found.call_button.click()
    found.again_button.click()
    assert told(found) == ["returned", "returned"]
    assert "0 → 7" in found.memory.value
    found.undo_button.click()
    found.reset_button.click()
    assert (found.session.calls, found.played, found.results.layout.display) == ((), None, "none")
    assert found.static().startswith('<div class="labkit">')


def test_what_does_not_fit_is_said_beside_the_buttons_and_changes_nothing(bench):
    found = bench(wat.CELL)
    found.call("grow")
    found.export.value = "put"
    found.form.widget.children[0].value = "x"
    found.call_button.click()
    assert (
        "put: <code>arg1</code> takes i32, not &#x27;x&#x27;: a whole number is wanted. Nothing was called."
        in (found.problem.value)
    )
    assert told(found) == ["returned 1"]


def test_a_stub_is_switched_on_and_off(bench):
    found = bench(wat.ENV)
    found.call("ask(7)")
    found.stub("env#log", "5")
    assert told(found) == ["returned 5"]
    found.stubs.rows["env#log"].how.value = "stops the guest"
    assert told(found) == [
        "stopped on a host exception: UnmetImportError: env#log was called, and nobody provides it"
    ]
    with pytest.raises(ArgumentError, match="takes i32, not 'nothing'"):
        found.stub("env#log", "nothing")
    assert told(found) == [
        "stopped on a host exception: UnmetImportError: env#log was called, and nobody provides it"
    ]
    found.stubs.rows["env#log"].value.value = "nothing"
    found.stubs.rows["env#log"].how.value = "returns"
    found.call_button.click()
    assert "takes i32, not &#x27;nothing&#x27;" in found.problem.value
    assert len(found.outcomes) == 1
    with pytest.raises(UnknownNameError):
        found.stub("env#lag", "5")


def test_another_policy_and_release(bench):
    found = bench(wat.ENV)
    for _ in range(2):
        found.call("count")
    assert [outcome.value for outcome in found.under(policy="fresh-store")] == [1, 1]
    found.policy.value = "keep"
    assert [outcome.value for outcome in found.outcomes] == [1, 2]
    assert found.under(wasmtime="45.0.0") == found.outcomes
    assert found.played.trace.runtime == "45.0.0"
    with pytest.raises(ArgumentError, match=r"^hope is none of keep, "):
        found.under(policy="hope")


def test_what_was_done_is_saved_as_a_repro(bench, tmp_path):
    found = bench(wat.ENV)
    with pytest.raises(LabkitError, match="Nothing has been called yet"):
        found.save(tmp_path / "early.labkit")
    found.stub("env#log", "5")
    found.call("ask(7)")
    found.path.value = str(tmp_path / "mine.labkit")
    found.save_button.click()
    assert "saved;" in found.saved.value
    repro = load_repro(tmp_path / "mine.labkit")
    assert [step.outcome.value for step in repro.trace] == [None, 5]
    assert repro.scenario.imports["env#log"].returns == 5


def test_a_program_that_depends_on_chance_is_told_so(bench):
    found = bench("""(module (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
      (memory (export "memory") 1) (func (export "roll") (result i64)
        (drop (call $r (i32.const 0) (i32.const 8))) (i64.load (i32.const 0))))""")
    found.call("roll")
    assert found.note.value == ""
    found.call("roll")
    assert "step 2 went differently than before" in found.note.value


def test_a_program_of_which_nothing_can_be_called_shows_why(bench):
    found = bench(wat.LEAST_MEMORY_PAGE)
    assert "uses custom page sizes" in found.static()
    assert found.call_button not in found.children


def test_arguments_and_input_for_a_command(lab):
    found = lab.explore(lab.build("command-hello"))
    found.given.args.value = "'Ada Lovelace'"
    found.call("wasi:cli/run")
    assert "Ada Lovelace" in found.outcome.value
    found.given.args.value = "'Ada"
    assert "quotation mark that is not closed" in found.problem.value


def test_a_file_is_picked_or_named(lab, tmp_path):
    picker = lab.pick()
    assert picker.told() == "No program is open yet."
    picker.choose("mine.wat", wat.CELL.encode())
    assert picker.explorer.session.program.name == "mine"
    (tmp_path / "other.wat").write_text(wat.ENV)
    picker.path.value = str(tmp_path / "other.wat")
    picker.open_button.click()
    assert picker.explorer.session.program.name == "other"
    picker.choose("photo.wasm", b"\x89PNG\r\n\x1a\n" + bytes(8))
    assert "photo.wasm is no WebAssembly" in picker.problem.value
