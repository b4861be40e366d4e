"""The heartbeat of an event loop: what the picture says, on data."""

import pytest

from labkit.host import Outcome
from labkit.record import Step, Trace
from labkit.record.trace import FORMAT
from labkit.views import (
    Heartbeats,
    heartbeat_alt,
    heartbeat_figure,
    heartbeat_html,
    heartbeat_reading,
    heartbeat_table,
)
from labkit.views.canvas import WIDTH
from labkit.views.heartbeat import Gap, longest_gap


def trace(*gaps):
    """Calls of 300 ms each, after a short instantiation that kept the loop all the time."""
    returned = Outcome("returned")
    watched = None if None in gaps else 20.0
    made = Step(n=1, do="instantiate", store=1, program="p", outcome=returned, us=2e4, gap_ms=watched)
    calls = [
        Step(n=n, do="call", store=1, program="p", outcome=returned, us=300_000.0, gap_ms=gap)
        for n, gap in enumerate(gaps, 2)
    ]
    return Trace(format=FORMAT, runtime="50.0.1", steps=(made, *calls))


BLOCKS, AWAITED, NOBODY = trace(5.0, 302.4), trace(7.9), trace(None)
THREE = {"it <blocks>": BLOCKS, "awaited": AWAITED, "no loop": NOBODY}


def test_the_gap_is_that_of_the_longest_step():
    assert longest_gap(BLOCKS) == Gap(302.4, 300.0)
    blocked = Step(n=1, do="instantiate", store=1, program="p", outcome=Outcome("returned"), us=4e5, gap_ms=399.0)
    assert longest_gap(Trace(format=FORMAT, runtime="50.0.1", steps=(blocked, *AWAITED.steps))) == Gap(
        399.0, 400.0
    )
    assert longest_gap(NOBODY) is None


@pytest.mark.parametrize(
    ("traces", "reading"),
    [
        (THREE,
         "“it <blocks>” stops the event loop, for 300 ms; under the other it stands still for 7.9 ms at most."),
        ({"a": BLOCKS, "b": trace(299.0), "c": trace(9.0), "d": trace(6.0)},
         "2 of 4 stop the event loop, for 300 ms; under the 2 others it stands still for 9 ms at most."),
        ({"a": BLOCKS, "b": trace(310.0)}, "2 of 2 stop the event loop, for 310 ms."),
        ({"a": trace(9.0), "b": trace(6.0)},
         "The event loop goes on all the time: it stands still for 9 ms at most."),
        ({"a": AWAITED, "none": NOBODY},
         "The event loop goes on all the time: it stands still for 7.9 ms at most."),
        ({"none": NOBODY}, "Nobody has watched an event loop yet."),
        ({}, "Nobody has watched an event loop yet."),
    ],
)  # fmt: skip
def test_the_reading_names_who_kept_the_loop(traces, reading):
    assert heartbeat_reading(traces) == reading
    assert heartbeat_figure(traces).get_size_inches()[0] * 72 == pytest.approx(WIDTH)


def test_the_picture_in_words():
    assert heartbeat_alt(THREE) == (
        "Longest time in which nothing else in the event loop ran. "
        "“it <blocks>” stops the event loop, for 300 ms; under the other it stands still for 7.9 ms at most. "
        "it <blocks>: 300 ms of 300 ms. awaited: 7.9 ms of 300 ms. no loop: not measured."
    )


def test_every_call_is_in_the_picture_and_in_the_table():
    html = heartbeat_html(THREE)
    assert html.count("<title>") == 2
    assert "stopped for 300 ms" in html
    assert "goes on, 7.9 ms at most" in html
    assert "not measured" in html
    table = heartbeat_table(THREE)
    assert "it &lt;blocks&gt;" in table
    assert table.count("<tr") == 4
    assert [table.count(f">{answer}</td>") for answer in ("no", "yes", "–")] == [1, 1, 2]
    assert "not measured" in table


def test_both_palettes_draw_the_same():
    light, dark = (heartbeat_figure(THREE, dark=dark) for dark in (False, True))
    assert [text.get_text() for text in light.axes[0].texts] == [text.get_text() for text in dark.axes[0].texts]
    assert light.get_facecolor() != dark.get_facecolor()


def test_in_a_cell_it_is_the_picture_with_its_table_and_without_a_notebook_its_words():
    view = Heartbeats(THREE)
    assert "<svg" in view._repr_html_()
    assert "show as a table" in view._repr_html_()
    assert repr(view) == heartbeat_alt(THREE)
