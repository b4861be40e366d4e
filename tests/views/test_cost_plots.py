"""Pictures of costs: what they say follows from the data, and stops where the noise begins."""

from itertools import pairwise

import msgspec
import pytest
from matplotlib.colors import to_hex

from labkit.cost.comparison import Pair
from labkit.cost.pool import PoolCost, PoolReport
from labkit.cost.results import Noise
from labkit.cost.shipped import shipped_results
from labkit.errors import UnknownNameError
from labkit.views import cost_plot, figure_png, pool_figure
from labkit.views.chart import Scale, around, spread
from labkit.views.cost_words import crossover, extended, policies_reading, pool_reading, traps_reading
from labkit.views.theme import DARK

NAMES = ("policies", "phases", "python", "traps", "touched", "reuse", "workers")
RUN = shipped_results()


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_has_a_sentence_an_alt_text_and_its_table(name):
    plot = cost_plot(RUN, name)
    html = plot._repr_html_()
    assert plot.reading.endswith(".")
    assert repr(plot) == plot.reading
    assert plot.reading.split(";")[0][:40] in html
    assert 'role="img"' in html
    assert "A/A: " in html
    assert "<table" in html
    assert "show as a table" in html


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_picture_draws_on_both_papers(name, dark):
    figure = cost_plot(RUN, name).figure(dark=dark)
    assert figure.get_size_inches()[0] == pytest.approx(9.6)
    assert (to_hex(figure.get_facecolor()) == DARK.paper) == dark
    assert len(figure_png(figure, dpi=60)) > 5000


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_its_picture(name):
    figure = cost_plot(RUN, name).figure()
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert box.x0 >= -1, text.get_text()
        assert box.x1 <= width + 1, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.y1 <= height, text.get_text()


def noisy(table, floor):
    """The run with a table in which the same thing timed twice differed by `floor`."""
    tables = [
        msgspec.structs.replace(one, noise=Noise((Pair("twin", 1e4, 1e4 * (1 + floor)),)))
        if one.id == table
        else one
        for one in RUN
    ]
    return msgspec.structs.replace(RUN, tables=tuple(tables))


def test_a_difference_below_the_noise_is_none():
    steady, shaky = (
        policies_reading(run, "rust-component") for run in (noisy("policies", 0.01), noisy("policies", 1e6))
    )
    assert "× a live call" in steady
    assert "no difference this run can tell from a live call" in shaky
    assert "no difference this run can tell" in traps_reading(noisy("traps", 1e6), "component", "native")


def test_a_table_that_is_missing_is_one_sentence():
    with pytest.raises(UnknownNameError, match="table"):
        cost_plot(msgspec.structs.replace(RUN, tables=()), "policies")
    with pytest.raises(UnknownNameError, match="cost plot"):
        cost_plot(RUN, "costs")


def test_the_crossover_of_two_straight_lines():
    rebuild, fresh = [(0.0, 1.0), (0.5, 11.0)], [(0.0, 4.0), (0.5, 8.0)]
    assert crossover(rebuild, fresh) == pytest.approx(0.25)
    assert crossover(rebuild, [(0.0, 15.0), (0.5, 17.5)]) == pytest.approx(14 / 15)
    assert crossover(rebuild, [(0.0, 40.0), (0.5, 41.0)]) is None
    assert crossover(rebuild, [(0.0, 3.0), (0.5, 13.0)]) is None
    assert extended(rebuild) == ((0.5, 11.0), (1.0, 21.0))
    assert extended([(0.0, 1.0), (1.0, 2.0)]) == ()


def pool(*p95):
    costs = tuple(PoolCost(size, 1000, 10e3, ns, ns) for size, ns in enumerate(p95, 1))
    return PoolReport("guest", 32, 4, costs, 50e3, "here")


def test_a_pool_says_from_which_size_on_nobody_waits():
    told = "With one instance half of the calls take at most 10 µs, and one in twenty 80 µs or more"
    assert pool_reading(pool(80e3, 80e3, 20e3, 21e3)) == f"{told}; from 3 instances on that is 21 µs at most."
    assert pool_reading(pool(80e3, 81e3, 79e3)) == f"{told}; a larger pool makes no difference this run can tell."
    assert figure_png(pool_figure(pool(80e3, 20e3)), dpi=50)


def test_labels_are_moved_apart_and_keep_their_order():
    places = [10.0, 11.0, 11.5, 60.0]
    moved = spread(places, 13.0)
    assert all(above - below >= 13.0 - 1e-9 for below, above in pairwise(moved))
    assert moved[3] == 60.0
    assert spread([], 13.0) == []


def test_a_scale_has_few_round_ticks():
    assert Scale(0.0, 105.0, 0, 100).ticks() == [0.0, 50.0, 100.0]
    assert Scale(*around([3.0, 700.0]), 0, 100, log=True).ticks() == [10.0, 100.0, 1000.0]
    assert Scale(1.0, 10.0, 0, 100, log=True).ticks() == [1.0, 2.0, 5.0, 10.0]
    assert Scale(1.0, 100.0, 0.0, 10.0, log=True)(10.0) == pytest.approx(5.0)
    assert around([12.0, 13.0]) == (10.0, 100.0)
