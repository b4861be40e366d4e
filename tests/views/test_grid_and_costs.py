"""Blast radius and costs: what they say, on data."""

import pytest
import stories

from labkit.cost import PolicyCost
from labkit.runtimes import Cell
from labkit.views import (
    blast_radius_alt,
    blast_radius_figure,
    blast_radius_html,
    blast_radius_reading,
    blast_radius_table,
    by_release,
    cost_figure,
    cost_html,
    cost_reading,
    cost_table,
)
from labkit.views.canvas import WIDTH
from labkit.views.costs import duration

ROWS = ("same instance", "new instance, same store", "new store")
COSTS = (
    PolicyCost("keep", 1000, 18.2, 17.6, 19.3),
    PolicyCost("fresh-store", 1000, 74.6, 70.0, 81.0, "a <note>"),
    PolicyCost("recompile", 50, 5460.0, 5000.0, 6000.0),
)


def column(*answered):
    story = stories.Story().new(1).call(1, stories.trapped(), 101.0)
    for row, ok in zip(ROWS, answered, strict=False):
        story.call(1, stories.returned(20.0) if ok else stories.refused(2), 10.0, caller=row)
    return story.trace()


def releases():
    return {str(n): column(False, n < 42, True) for n in range(40, 45)}


def test_grid_reading_names_who_is_answered():
    reading = blast_radius_reading(releases(), rule=(2, "42: the store"))
    assert reading == (
        "“new store” is answered everywhere; “same instance” is not answered anywhere; "
        "“new instance, same store” changed with 42."
    )
    what = {"guest panic": column(False, False, True), "own error": column(True, True, True)}
    assert blast_radius_reading(what) == (
        "“new store” is answered everywhere; “same instance” and “new instance, same store” only with “own error”."
    )
    assert blast_radius_reading({}) == "Nobody has called yet."


def test_grid_shows_every_cell_and_a_dash_for_none():
    traces = {**releases(), "45": column(False)}
    html = blast_radius_html(traces, rule=(2, "42: the store"), axis="Wasmtime release")
    assert html.count("<title>") == 5 * 3 + 1
    assert "45 not called" in blast_radius_alt(traces)
    assert "new instance, same store: 40 to 41 returned, 42 to 44 refused, 45 not called." in (
        blast_radius_alt(traces, rule=(2, "42: the store"))
    )
    assert blast_radius_table(traces).count('<th scope="row">') == 3
    texts = [text.get_text() for text in blast_radius_figure(traces, rule=(2, "42: the store")).axes[0].texts]
    assert texts.count("–") == 2
    assert "42: the store" in texts


def test_the_rule_goes_where_the_columns_first_differ():
    cells = [Cell("x", None, f"{name}.0.0", trace) for name, trace in releases().items()]
    missing = Cell("x", None, "45.0.0", problem="Wasmtime 45.0.0 could not be fetched.")
    radius = by_release([*cells, missing])
    assert list(radius.traces) == ["40", "41", "42", "43", "44", "45"]
    assert radius.rule == (2, "since 42")
    assert radius.notes == ("Wasmtime 45.0.0 could not be fetched.",)
    assert "Wasmtime 45.0.0 could not be fetched." in radius._repr_html_()
    assert by_release(cells[:2]).rule is None
    twice = by_release([cells[0], Cell("x", None, "40.0.1", cells[2].trace)])
    assert (list(twice.traces), twice.rule) == (["40.0.0", "40.0.1"], (1, "since 40.0.1"))


def test_grid_keeps_long_names_on_the_sheet():
    trace = stories.Story().new(1).call(1, stories.returned(1.0), caller="w" * 300 + " and more").trace()
    figure = blast_radius_figure({"a very long column name " * 4: trace}, rule=(0, "rule " * 60))
    renderer = figure._get_renderer()
    assert figure.get_size_inches()[0] * 72 == pytest.approx(WIDTH)
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert 0 <= box.x0 <= box.x1 <= figure.bbox.x1, text


def test_cost_reading_compares_with_a_live_instance():
    assert cost_reading(COSTS) == (
        "A fresh store costs 4.1× a live instance; recompiling inside each call costs about 300×"
    )
    assert cost_reading(COSTS[:1]) == "A live instance costs 18 µs per call."
    same = (COSTS[0], PolicyCost("pool", 1000, 18.25, 18.0, 18.5))
    assert cost_reading(same, noise=0.01) == "A pooled instance costs the same as a live instance"
    assert cost_reading(()) == "Nothing has been measured yet."


@pytest.mark.parametrize(
    ("us", "text"),
    [(0.59, "590 ns"), (1, "1 µs"), (1.94, "1.9 µs"), (18.2, "18 µs"), (21900, "22 ms"), (2.5e6, "2.5 s")],
)
def test_durations_have_two_figures(us, text):
    assert duration(us) == text


def test_cost_picture_and_table_say_where_it_was_measured():
    html = cost_html(COSTS, machine="4 × Xeon, wasmtime 50.0.1", noise=0.004)
    assert "4 × Xeon, wasmtime 50.0.1; two runs of one policy differ by 0.4 %" in html
    table = cost_table(COSTS, machine="4 × Xeon", noise=0.004)
    assert "a &lt;note&gt;" in table
    assert "from Python" in table
    assert "0.4 %" in table
    assert cost_figure(()).get_size_inches()[0] * 72 == pytest.approx(WIDTH)
