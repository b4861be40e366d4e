"""The same steps under Wasmtime, and what a lab shows of both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labkit import Lab
from labkit.errors import UnknownNameError
from labkit.javascript import Event, Thrown, Told, stories
from labkit.javascript.recorded import recording
from labkit.views import SideBySide

NEW = (Event("instance"),)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def shown(lab: Lab) -> dict[str, SideBySide]:
    """Every story, as a cell shows it."""
    return {story: lab.javascript(story) for story in stories()}


def test_the_guard_keeps_its_hooks_and_can_be_told_to_start_over(shown: dict[str, SideBySide]) -> None:
    steps = list(shown["abort"].wasmtime.told)
    refusal = Event("re-entry", error=Thrown("refused", "terminated"))
    assert steps[:2] + steps[3:] == [
        Told("returned", False),
        Told("returned", 1),
        Told("refused", by=3),
        Told("returned"),
        Told("returned", 0, events=NEW),
    ]
    assert (steps[2].kind, steps[2].events) == ("trapped", (Event("hook"), refusal))
    assert [step.kind for step in shown["reinit"].wasmtime.told].count("refused") == 0


def test_the_second_hook_runs_whatever_the_first_one_did(shown: dict[str, SideBySide]) -> None:
    assert shown["tell-first"].wasmtime.told[3] == Told("returned", 0, events=NEW)


def test_the_panic_comes_with_its_place(shown: dict[str, SideBySide]) -> None:
    error = shown["panic"].wasmtime.told[1].error
    assert error == Thrown("panic-error", "amount too large: 60 (process-unwind/src/lib.rs:41:9)")


def test_the_trace_of_the_wasmtime_side_can_be_explained(shown: dict[str, SideBySide]) -> None:
    trace = shown["abort"].wasmtime.trace
    assert [step.outcome.kind for step in trace if step.export == "notes" and step.outcome] == [
        "refused",
        "refused",
        "returned",
    ]


@pytest.mark.parametrize(
    ("story", "differs"),
    [
        ("panic", ()),
        ("abort", (5, 6)),
        ("reinit", (6,)),
        ("tell-first", (4,)),
        ("text-first", (3, 4, 5)),
        ("no-panic", (4,)),
    ],
)
def test_where_both_sides_differ(shown: dict[str, SideBySide], story: str, differs: tuple[int, ...]) -> None:
    assert shown[story].differs == differs


def test_without_node_the_recording_is_shown_and_says_so(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    shown = lab.javascript("abort")
    made = recording().versions
    said = (
        f"The JavaScript side is a recording of {made.date}, made with Node {made.node}, wasm-bindgen "
        f"{made.wasm_bindgen} and {made.rustc}. `labkit setup --javascript` prepares this machine for a live run."
    )
    assert shown.javascript.told == recording().stories["abort"]
    assert repr(shown).splitlines()[:2] == [
        "An abort, with a hook that tells of it: 6 steps, of which numbers 5 and 6 end differently.",
        said,
    ]
    assert f"recorded {made.date}</th>" in shown._repr_html_()
    assert "<code>labkit setup --javascript</code>" in shown._repr_html_()


def test_a_step_that_ends_differently_is_marked_for_eye_and_ear(shown: dict[str, SideBySide]) -> None:
    html = shown["tell-first"]._repr_html_()
    assert html.count("<b>≠</b>") == html.count("ends differently:</span>") == 1
    assert "<code>on abort: tell, then reinit</code>" in html


def test_a_story_that_there_is_not_is_one_sentence(lab: Lab) -> None:
    with pytest.raises(
        UnknownNameError, match=r"There is no story named 'panik'; did you mean panic or no-panic\?"
    ):
        lab.javascript("panik")


def test_an_abort_says_which_it_was(shown: dict[str, SideBySide]) -> None:
    told = shown["no-panic"].wasmtime.told
    assert [step.error.message for step in told if step.error] == ["unreachable", "stack-overflow"]
