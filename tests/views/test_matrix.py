"""The matrix: what it says and shows of cells, on data."""

import re

import grids
import pytest
import stories

from labkit.record import explain
from labkit.runtimes import Cell, tabulate
from labkit.views import MatrixView
from labkit.views.matrix_words import cell_words, matrix_reading

ROWS = [(grids.scenario("f/same"), "keep"), (grids.scenario("f/<new>", policy=None), None)]
CHANGE = "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store."


def plain(html):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html).split())


def cells():
    for runtime in grids.RELEASES:
        yield grids.cell("f/same", "keep", grids.same_instance(runtime))
        yield grids.cell("f/<new>", None, grids.new_instance(runtime))


def filled(found=None, releases=grids.RELEASES):
    view = MatrixView(ROWS, releases, explain)
    found = list(found or cells())

    def play(on_cell):
        for done, cell in enumerate(found, 1):
            on_cell(cell, done, len(ROWS) * len(releases))

    view.fill(play)
    return view


def test_it_is_filled_cell_by_cell():
    view = MatrixView(ROWS, grids.RELEASES, explain)
    assert matrix_reading(view.matrix) == "2 rows under 3 releases: 0 of 6 cells played."
    shown = []

    def play(on_cell):
        for done, cell in enumerate(cells(), 1):
            on_cell(cell, done, 6)
            shown.append((view.progress.value, plain(view.count.value), view.bar.layout.display))

    view.fill(play)
    assert shown[3] == (4, "4 of 6 cells", None)
    assert view.bar.layout.display == "none"
    assert plain(view.reading.value) == "2 rows under 3 releases: 1 differs between releases, at 42.0.0 (1)."


def test_buttons_say_in_words_what_their_signs_show():
    same, new = filled().buttons.rows
    assert same.options == (
        "41.0.0: trapped, refused",
        "42.0.0: trapped, refused",
        "50.0.1: trapped, refused",
    )
    assert new.options == (
        "41.0.0: trapped, returned",
        "42.0.0: trapped, refused, differs from 41.0.0",
        "50.0.1: trapped, refused",
    )
    assert new.tooltips[1] == f"42.0.0: trapped, refused, differs from 41.0.0. {CHANGE}"
    assert (same.description, new.description, new.tooltip) == ("same", "<new>", "f/<new>")


def test_equal_neighbours_are_counted():
    story = stories.Story().new(1).call(1, stories.trapped(), 101.0)
    for _ in range(3):
        story.call(1, stories.refused(2), 10.0)
    assert cell_words(grids.cell("x", None, story.trace())) == "trapped, 3 × refused"
    assert cell_words(grids.cell("x", None, stories.Story().new(1).trace())) == "no calls"


def test_it_begins_with_the_first_difference_and_what_changed():
    view = filled()
    assert view.chosen == (1, 1)
    assert plain(view.heading.value) == f"f/&lt;new&gt;, Wasmtime 42.0.0 {CHANGE}"
    assert view.timeline.trace.runtime == "42.0.0"
    assert view.timeline.selected == 4
    assert [row.index for row in view.buttons.rows] == [None, 1]


def test_choosing_a_cell_shows_its_trace_and_leaves_no_other_chosen():
    view = filled()
    view.buttons.rows[0].index = 2
    assert view.chosen == (0, 2)
    assert [row.index for row in view.buttons.rows] == [2, None]
    assert plain(view.heading.value) == "f/same under keep, Wasmtime 50.0.1"
    assert "Step 3 was refused because step 2" in plain(view.timeline.explanation.value)
    view.next_button.click()
    assert view.chosen == (1, 1)


def test_a_cell_without_a_result_says_why_and_is_no_difference():
    releases = ("38.0.0", *grids.RELEASES)
    problem = "process-panic is a component, and Wasmtime 38.0.0 runs core modules only."
    none = [Cell("f/same", "keep", "38.0.0", problem=problem), Cell("f/<new>", None, "38.0.0", problem=problem)]
    view = filled([*none, *cells()], releases)
    assert view.buttons.rows[0].options[:2] == ("38.0.0: no result", "41.0.0: trapped, refused")
    assert view.buttons.rows[0].tooltips[0] == f"38.0.0: no result. {problem}"
    assert "1 differs between releases, at 42.0.0 (1)." in plain(view.reading.value)
    assert plain(view.legend.value).endswith(f"? no result {problem}")
    view.choose(0, 0)
    assert plain(view.heading.value) == f"f/same under keep, Wasmtime 38.0.0 {problem}"
    assert view.timeline.layout.display == "none"


def test_an_interrupt_keeps_what_is_there():
    view = MatrixView(ROWS, grids.RELEASES, explain)

    def play(on_cell):
        for done, cell in enumerate(list(cells())[:4], 1):
            on_cell(cell, done, 6)
        raise KeyboardInterrupt

    view.fill(play)
    assert view.told() == (
        "2 rows under 3 releases: 4 of 6 cells played.\n"
        f"<new>: {CHANGE}\n"
        "Stopped before the end; make the matrix again to play what is missing."
    )
    assert view.buttons.rows[0].options[2] == "50.0.1: not played"
    assert "· not played" in plain(view.legend.value)


def test_what_a_play_raises_is_raised_and_nothing_stays_half_shown():
    view = MatrixView(ROWS, grids.RELEASES, explain)

    def play(on_cell):
        raise LookupError("no guest")

    with pytest.raises(LookupError):
        view.fill(play)
    assert view.bar.layout.display == "none"


def test_the_static_form_is_a_table_in_signs_and_words():
    view = filled()
    html = view.static()
    assert html.count('<th scope="row">') >= 2
    assert '<th scope="col">42.0.0</th>' in html
    assert '≠</strong><span class="lk-spoken">differs from 41.0.0: </span>' in html
    text = plain(html)
    assert "same trapped, refused trapped, refused trapped, refused" in text
    assert f"&lt;new&gt; : {CHANGE}" in text
    assert "<new>" not in html
    assert "Step 4 was refused because step 2 poisoned store 1" in text
    bundle = view._repr_mimebundle_()
    assert (bundle["text/html"], bundle["text/plain"]) == (view.static(), view.told())
    assert view.told().endswith(f"<new>: {CHANGE}")


@pytest.mark.parametrize(("columns", "width"), [(4, 96), (12, 58)])
def test_few_cells_get_more_room_than_many(columns, width):
    releases = [f"{39 + n}.0.0" for n in range(columns)]
    rows = [(grids.scenario(f"f/s{n}"), "keep") for n in range(16 if columns > 4 else 1)]
    view = MatrixView(rows, releases, explain)
    traces = {release: grids.same_instance(release) for release in releases}
    found = {(s.id, p, r): grids.cell(s.id, p, traces[r]) for s, p in rows for r in releases}
    view.buttons.update(tabulate(rows, releases, found))
    assert f"width:{width}px!important" in view.buttons._head.value
    # What looks the same is drawn once per palette, however many cells there are.
    assert view.buttons._head.value.count("data:image/svg+xml") == 2


def test_a_difference_behind_equal_signs_says_so():
    def answering(runtime, value):
        return stories.Story(runtime).new(1).call(1, stories.returned(value)).trace()

    found = [grids.cell("f/same", "keep", answering(v, n)) for v, n in zip(grids.RELEASES, (1, 2, 2), strict=True)]
    view = filled(found)
    assert view.buttons.rows[0].options == (
        "41.0.0: returned",
        "42.0.0: returned, differs from 41.0.0 in a value or in words",
        "50.0.1: returned",
    )
    assert "≈ the same outcomes, with another value or other words" in plain(view.legend.value)
    assert '<strong class="lk-differs" aria-hidden="true">≈</strong>' in view.static()
