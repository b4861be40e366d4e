"""The version switch, driven headless."""

import re

import grids

from labkit.errors import RuntimeMissingError
from labkit.record import explain
from labkit.runtimes import Cell
from labkit.views import VersionSwitch


class Elsewhere:
    """Releases as data: which there are, and how often each was played."""

    def __init__(self, make=grids.new_instance):
        self.played = []
        self.make = make

    def play(self, version):
        self.played.append(version)
        if version == "38.0.0":
            return Cell("x", None, version, problem="Wasmtime 38.0.0 runs core modules only.")
        return grids.cell("x", None, self.make(version))

    def add(self, version, say):
        if version == "99":
            raise RuntimeMissingError("Wasmtime 99.0.0 could not be fetched: there is no such release.")
        say(f"fetching Wasmtime {version}")
        return type("Runtime", (), {"version": f"{version}.0.0"})


def switch(elsewhere, releases=("41.0.0", "50.0.1")):
    return VersionSwitch("A story", elsewhere.play, elsewhere.add, releases, "50.0.1", explain)


def plain(html):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html).split())


def test_it_begins_with_the_release_of_the_environment():
    widget = switch(Elsewhere())
    assert widget.release == "50.0.1"
    assert plain(widget.verdict.value) == "This is how it goes under 50.0.1, the release of this environment."
    assert widget.timeline.trace.runtime == "50.0.1"


def test_another_release_is_compared_with_it():
    widget = switch(Elsewhere())
    widget.release_buttons.value = "41.0.0"
    assert widget.sentence == (
        "Under 41.0.0 step 4 returned 20.0; under 50.0.1 it is refused: step 2 poisoned the store."
    )
    assert widget.timeline.selected == 4
    assert widget.timeline.trace.runtime == "41.0.0"
    assert widget.told().startswith(f"A story under Wasmtime 41.0.0\n{widget.sentence}\n")
    assert "Wasmtime 41.0.0" in plain(widget.static())


def test_the_same_under_both_and_played_once_each():
    elsewhere = Elsewhere(grids.same_instance)
    widget = switch(elsewhere)
    for version in ("41.0.0", "50.0.1", "41.0.0"):
        widget.release_buttons.value = version
    assert widget.sentence == "The same under both: every step went under 41.0.0 as it does under 50.0.1."
    assert elsewhere.played == ["50.0.1", "41.0.0"]


def test_a_release_is_added_with_the_button_or_with_enter():
    widget = switch(Elsewhere())
    widget.version.value = " 42 "
    widget.add_button.click()
    assert (widget.release, widget.version.value) == ("42.0.0", "")
    widget.version.value = "45"
    widget.version._handle_custom_msg({"event": "submit"}, [])
    assert widget.release_buttons.options == ("41.0.0", "42.0.0", "45.0.0", "50.0.1")
    assert widget.release == "45.0.0"
    assert widget.status.value == ""


def test_an_unknown_release_is_a_sentence_and_changes_nothing():
    widget = switch(Elsewhere())
    widget.add_button.click()
    assert plain(widget.problem.value) == "Write the release to add, such as 43.0.0."
    widget.version.value = "99"
    widget.add_button.click()
    assert plain(widget.problem.value) == "Wasmtime 99.0.0 could not be fetched: there is no such release."
    assert 'role="alert"' in widget.problem.value
    assert (widget.release, widget.version.value) == ("50.0.1", "99")


def test_a_release_that_cannot_play_it_says_why():
    widget = switch(Elsewhere(), ("38.0.0", "50.0.1"))
    widget.release_buttons.value = "38.0.0"
    assert widget.sentence == "Wasmtime 38.0.0 runs core modules only."
    assert widget.timeline.layout.display == "none"


def test_every_control_has_a_name_and_a_tooltip():
    widget = switch(Elsewhere())
    for control in (widget.version, widget.add_button):
        assert control.description
        assert control.tooltip
    assert widget.release_buttons.description == "Wasmtime"
    assert widget.release_buttons.tooltips == (
        "Play under Wasmtime 41.0.0",
        "Play under Wasmtime 50.0.1, the release of this environment",
    )
