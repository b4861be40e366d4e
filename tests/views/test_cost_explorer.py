"""The cost explorer: its sentence and picture follow its controls, and a run of this machine takes their place."""

import re

import msgspec
import pytest

from labkit import Lab
from labkit.cost.model import CostModel, Setting
from labkit.errors import LabkitError
from labkit.views.cost_explorer import CostExplorer
from labkit.views.explorer_picture import decision


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture
def explorer(lab):
    return lab.cost_explorer()


def picture(explorer):
    return re.search(r'aria-label="([^"]*)"', explorer.picture.value)[1]


def test_it_begins_with_the_shipped_run(explorer):
    assert re.match(
        r"With 1 % traps, rust-component: rebuild-on-trap costs \d+ µs a call against ", explorer.told()
    )
    assert "keep not possible" in picture(explorer)
    assert "closed by the first trap" in explorer.picture.value
    assert "by whoever made labkit" in explorer.evidence.value


def test_every_control_changes_what_is_shown(explorer):
    seen = {(explorer.told(), picture(explorer))}
    for control, value in [
        (explorer.share, 0.5),
        (explorer.reading, "native"),
        (explorer.allocation, "on-demand"),
        (explorer.touched, 2.0**20),
        (explorer.policies[3], True),
        (explorer.guest, "component"),
    ]:
        control.value = value
        now = (explorer.told(), picture(explorer))
        assert now not in seen
        seen.add(now)


def test_a_guest_that_cannot_trap_has_no_trap_rate(explorer):
    explorer.guest.value = "large"
    assert explorer.share.disabled
    assert not explorer.share.readout
    assert "with 0 % traps" in picture(explorer)
    assert explorer.told().startswith("With no traps, large: ")
    assert "No trap of this guest was measured." in explorer.picture.value


def test_the_static_form_has_sentence_picture_table_and_evidence(explorer):
    html = explorer.static()
    assert explorer.told()[:30] in html
    assert "<svg" in html
    assert ">0.1 % trap<" not in html
    assert ">10 % trap<" in html
    assert "The measured parts" in html
    assert "01-poisoned-component.ipynb" in html


def test_below_the_noise_it_does_not_decide_by_price(lab):
    model = CostModel(lab.measured())
    assert "times less" in decision(model, Setting(share=0.0), ("pool", "fresh-store"))
    nearly_always = decision(model, Setting("component", "native", share=1.0), ("rebuild-on-trap", "fresh-store"))
    assert nearly_always.endswith("no difference this run can tell. It keeps calls apart.")
    assert "not enough was measured" in decision(model, Setting(), ("pool",))


def test_a_run_of_this_machine_takes_the_place_of_the_shipped_one(lab):
    explorer = CostExplorer(lab.measured(), lab.cost_explorer()._measure, seconds=3)
    explorer.guest.value = "component"
    explorer.measure()
    assert explorer.measure_button.disabled
    assert explorer.progress.layout.visibility == "visible"
    explorer.wait(60)
    assert "component: measured here in" in explorer.status.value
    assert "Measured here." in explorer.evidence.value
    assert not explorer.measure_button.disabled
    explorer.guest.value = "rust-component"
    assert "by whoever made labkit" in explorer.evidence.value


def test_a_run_can_be_stopped(explorer):
    explorer.measure()
    explorer.stop()
    explorer.wait(30)
    assert "The run was stopped." in explorer.status.value
    assert (explorer.measure_button.disabled, explorer.stop_button.disabled) == (False, True)
    explorer.stop()


def test_while_it_measures_the_sentence_waits_for_the_rows_it_rests_on(lab):
    """The memory is timed last: until then a sentence about 8 MiB is the one that was there."""
    told = []

    class Part:
        def __init__(self, on_results):
            self.on_results = on_results

        def run(self):
            whole = lab.measured()
            for count in (1, 2, 3):
                names = ("policies", "phases", "touched")[:count]
                tables = tuple(whole.table(name) for name in names)
                # Everything takes twice as long here, so that one sees whose figures they are.
                self.on_results(slower(msgspec.structs.replace(whole, tables=tables)), count / 3)
                told.append((explorer.told(), "Measured here." in explorer.evidence.value))
            return slower(whole)

        def stop(self):
            pass

    explorer = CostExplorer(lab.measured(), lambda _guest, _seconds, on_results: Part(on_results))
    explorer.guest.value, explorer.touched.value = "large", 8 * 2.0**20
    explorer.allocation.value = "on-demand"
    shipped = explorer.told()
    explorer.measure()
    explorer.wait(30)
    assert told[:2] == [(shipped, False)] * 2
    assert told[2][1]
    assert told[2][0] != shipped
    explorer.touched.value = 0.0
    assert explorer.model is not explorer._model


def slower(results):
    """The same results with every median twice as large."""

    def twice(row):
        times = row.times and msgspec.structs.replace(row.times, median=2 * row.times.median)
        return msgspec.structs.replace(row, times=times)

    tables = (msgspec.structs.replace(table, rows=tuple(map(twice, table.rows))) for table in results)
    return msgspec.structs.replace(results, tables=tuple(tables))


def test_no_memory_is_offered_that_the_guest_has_not(explorer):
    explorer.touched.value = 8 * 2.0**20
    explorer.guest.value = "one-page"
    assert [label for label, _ in explorer.touched.options] == ["nothing", "4 KiB"]
    assert explorer.setting.touched == 0
    explorer.guest.value = "component"
    assert explorer.touched.disabled


def test_what_cannot_be_measured_is_said_in_the_widget(lab):
    def impossible(_guest, _seconds, _on_results):
        raise LabkitError("There is no compiler, and no prebuilt file of it.")

    explorer = CostExplorer(lab.measured(), impossible)
    explorer.measure()
    assert "There is no compiler, and no prebuilt file of it." in explorer.problem.value
    assert explorer.told().startswith("With 1 % traps")
