"""The timeline: its sentence, its geometry, and both papers."""

import itertools

import msgspec
import pytest
import stories

from labkit.host.outcome import Outcome
from labkit.views import figure_png, timeline_alt, timeline_figure, timeline_html, timeline_reading, timeline_table
from labkit.views.canvas import WIDTH
from labkit.views.theme import DARK
from labkit.views.timeline_layout import RIGHT, lay_out
from labkit.views.timeline_words import telling_step

ALL = ("three", "seven", "guest_errors", "fresh_store", "rebuild", "sixty", "many_lanes", "hostile", "every_kind")


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("three", "Step 3 was refused because step 2 poisoned store 1."),
        (
            "seven",
            "Step 3 was refused because step 2 poisoned store 1. A new instance in that store does not help; "
            "a new store does.",
        ),
        (
            "guest_errors",
            "Step 3 answered with the guest's own error, and step 4 still returned: the store stays usable.",
        ),
        ("fresh_store", "2 stores were poisoned, and no call was refused: none of them was used again."),
        ("rebuild", "Step 3 trapped and poisoned store 1; later calls went to another store and were answered."),
        ("every_kind", "Step 13 aborted the whole process (SIGABRT): every store in it is gone."),
    ],
)
def test_reading_is_computed_from_the_trace(name, reading):
    assert timeline_reading(getattr(stories, name)()) == reading


def test_reading_of_little_and_of_success():
    assert timeline_reading(stories.Story().trace()) == "No steps yet: instantiate a program to begin."
    assert timeline_reading(stories.Story().new(1).trace()) == "1 instantiation, no call yet."
    calls = stories.Story().new(1).call(1, stories.returned(2.0), 1.0).call(1, stories.returned(4.0), 2.0)
    assert timeline_reading(calls.trace()) == "All 2 calls returned."


def test_reading_up_to_41_blames_the_instance():
    story = stories.Story(runtime="41.0.0").new(1).call(1, stories.trapped(), 101.0)
    story.call(1, stories.refused(2, scope="instance"), 10.0).new(1).call(1, stories.returned(20.0), 10.0)
    assert timeline_reading(story.trace()) == "Step 3 was refused: step 2 poisoned this instance."


def test_core_modules_are_not_shown_as_locked_out():
    record = stories.PROGRAM.__class__("core", "module", "00" * 32, 8, "wat")
    story = stories.Story(program="core").new(1).call(1, stories.trapped()).call(1, stories.returned(1))
    trace = story.trace().__class__(format=1, runtime="50.0.1", programs=(record,), steps=tuple(story.steps))
    assert timeline_reading(trace) == "Step 2 trapped, yet store 1 still answers: step 3 returned."
    assert lay_out(trace, 24, None).lanes[0].poisoned is None


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("last", [8, 24, 60])
def test_no_two_texts_overlap_and_none_leaves_the_sheet(name, last):
    trace = getattr(stories, name)()
    figure = timeline_figure(trace, last=last, selected=telling_step(trace))
    renderer = figure._get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    for text, box in zip(figure.axes[0].texts, boxes, strict=True):
        assert 0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert 0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for (one, a), (other, b) in itertools.combinations(zip(figure.axes[0].texts, boxes, strict=True), 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
        assert apart, (one.get_text(), other.get_text())


def test_width_is_fixed_and_height_follows_the_stores():
    inches = {name: timeline_figure(getattr(stories, name)()).get_size_inches() for name in ALL}
    assert {round(width * 72, 1) for width, _ in inches.values()} == {WIDTH}
    assert inches["three"][1] == inches["guest_errors"][1] < inches["seven"][1]
    assert inches["many_lanes"][1] < 7


def test_the_same_trace_gives_the_same_text():
    trace = stories.fresh_store()
    assert timeline_html(trace) == timeline_html(trace)
    assert timeline_html(trace, key="a") != timeline_html(trace, key="b")


def test_long_traces_show_a_window_and_say_so():
    trace = stories.sixty()
    assert (layout := lay_out(trace, 24, None)).hidden == "steps 1–36 not shown"
    assert [step.n for step in layout.steps] == list(range(37, 61))
    earlier = lay_out(trace, 10, 30)
    assert (earlier.steps[-1].n, earlier.hidden) == (30, "steps 1–20 and 31–60 not shown")
    assert max(lane.right for lane in layout.lanes) <= RIGHT


def test_dark_paper_is_dark():
    figure = timeline_figure(stories.seven(), dark=True)
    colours = {text.get_color() for text in figure.axes[0].texts}
    assert colours <= {DARK.ink, DARK.muted, DARK.text["trapped"]}
    assert figure_png(figure).startswith(b"\x89PNG")


def test_alt_and_table_tell_every_step():
    alt = timeline_alt(stories.three())
    assert alt.startswith("Timeline of 3 steps in 1 store under Wasmtime 50.0.1. Step 3 was refused")
    assert "Step 3, store 1: process-input(10.0): refused – step 2 poisoned this store." in alt
    table = timeline_table(stories.three(), selected=3)
    assert table.count('<th scope="row">') == 3
    assert table.count("aria-current") == 1
    assert timeline_alt(stories.sixty()).endswith("Calls: 40 returned, 1 trapped and 17 refused.")


def test_the_table_has_a_column_for_output_where_there_is_any():
    story = stories.three()
    assert "output" not in timeline_table(story)
    first = story.steps[0]
    wrote = msgspec.structs.replace(
        first, outcome=msgspec.structs.replace(first.outcome, stdout="run 1: <b>\n", stderr="careful\n")
    )
    table = timeline_table(msgspec.structs.replace(story, steps=(wrote, *story.steps[1:])))
    assert '<th scope="col">output</th>' in table
    assert "<pre>run 1: &lt;b&gt;\ncareful</pre>" in table


def test_a_panics_message_is_not_shown_twice():
    story = stories.three()
    second = story.steps[1]
    panicked = msgspec.structs.replace(
        second, outcome=msgspec.structs.replace(second.outcome, panic="panicked at x", stderr="panicked at x\n")
    )
    table = timeline_table(msgspec.structs.replace(story, steps=(story.steps[0], panicked, *story.steps[2:])))
    assert '<th scope="col">output</th>' not in table


def test_an_instantiation_that_takes_the_process_down_made_nothing_and_poisoned_nobody():
    died = Outcome(kind="aborted", signal="SIGABRT", message="assertion failed")
    story = stories.Story(runtime="48.0.0").new(1)
    story.steps[0] = msgspec.structs.replace(story.steps[0], outcome=died)
    shown = [text.get_text() for text in timeline_figure(story.trace()).axes[0].texts]
    assert "gone with the process in step 1" in shown
    assert "process-panic being instantiated" in shown
    assert [text for text in shown if "poisoned" in text] == []
