"""What a call costs on average, from what was measured of its parts."""

import pytest

from labkit.cost import Results, Row, Subject, Table, Times
from labkit.cost.comparison import Noise, Pair
from labkit.cost.model import CostModel, Setting
from labkit.cost.shipped import shipped_results

GUEST = "component"


def times(ns):
    return Times(100, ns, ns, ns, ns, ns)


def row(what, ns, *, guest=GUEST, reading="python", at=None):
    return Row(Subject(what, guest, reading, "pooling", at=at), times(ns))


def results(*, trap=200.0, first=100.0, second=101.0):
    noise = Noise((Pair("keep", first, second),))
    rows = {
        "keep": 100.0,
        "rebuild-on-trap": 100.0,
        "fresh-store": 400.0,
        "fresh-instance": 300.0,
        "recompile": 9000.0,
    }
    phases = [row("trap", trap)] if trap else []
    sizes = [row("fresh-store", 400.0 + size, guest="large", at=size) for size in (0.0, 4096.0)]
    return Results(
        format=1,
        began="2026-01-01",
        seconds=1.0,
        machine=shipped_results().machine,
        programs={},
        tables=(
            Table("policies", "", tuple(row(what, ns) for what, ns in rows.items()), noise),
            Table("phases", "", tuple(phases), noise),
            Table("touched", "", tuple(sizes), noise),
        ),
    )


def cost(policy, share, touched=0.0, **kwargs):
    return CostModel(results(**kwargs)).cost(policy, Setting(GUEST, "python", "pooling", share, touched))


@pytest.mark.parametrize(
    ("policy", "share", "wanted"),
    [
        ("rebuild-on-trap", 0.0, 100.0),
        # Every second call: half a live call, half a trap and a new store (400 - 100).
        ("rebuild-on-trap", 0.5, 0.5 * 100 + 0.5 * (200 + 300)),
        ("fresh-store", 0.5, 0.5 * 400 + 0.5 * (300 + 200)),
        ("rebuild-on-trap", 1.0, 500.0),
        ("fresh-store", 1.0, 500.0),
        ("keep", 0.0, 100.0),
        ("keep", 0.01, None),
        ("fresh-instance", 0.01, None),
        ("recompile", 0.0, 9000.0),
    ],
)
def test_an_average_of_calls_that_return_and_calls_that_trap(policy, share, wanted):
    assert cost(policy, share) == (None if wanted is None else pytest.approx(wanted))


def test_memory_is_paid_by_new_instances_only():
    assert cost("fresh-store", 0.0, 4096.0) == pytest.approx(400 + 4096)
    assert cost("rebuild-on-trap", 0.0, 4096.0) == pytest.approx(100)
    assert cost("rebuild-on-trap", 0.5, 4096.0) == pytest.approx(0.5 * 100 + 0.5 * (500 + 4096))


def test_memory_that_nobody_timed_has_no_cost():
    assert cost("fresh-store", 0.0, 2.0**20) is None


def test_a_guest_whose_trap_nobody_timed_does_not_trap():
    assert cost("keep", 0.5, trap=None) == pytest.approx(100.0)


def test_the_shipped_run_has_what_the_explorer_asks_for():
    model = CostModel(shipped_results())
    assert {"empty", "one-page", "rust", "large", "component", "rust-component"} <= set(model.guests())
    assert model.sizes("large") == (0.0, 4096.0, 2.0**20, 8 * 2.0**20)
    assert (model.sizes("one-page"), model.sizes("component")) == ((0.0, 4096.0), (0.0,))
    for guest in ("component", "rust-component", "rust"):
        for reading in ("native", "python"):
            setting = Setting(guest, reading)
            rebuild, fresh, compiled = (
                model.cost(p, setting) for p in ("rebuild-on-trap", "fresh-store", "recompile")
            )
            assert rebuild < fresh < compiled
    assert all(table.complete for table in shipped_results())
    assert shipped_results().machine.wasmtime == "50.0.1"
