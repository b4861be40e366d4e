"""The switch of synchronous and asynchronous: what it says and shows, on data."""

import re
import threading

import msgspec
import pytest
import stories

from labkit.host.outcome import Cause, Outcome
from labkit.record import Mix, explain
from labkit.record.mix import every_mix
from labkit.runtimes import Cell
from labkit.views import AsyncSwitch
from labkit.views.async_buttons import MixButtons
from labkit.views.async_words import moved, reading, to_change

RELEASES = ("20.0.0", "41.0.0", "42.0.0", "50.0.1")
BLOCKING = Mix("async", "plain", "awaited", "awaited", "blocks")
FORGOTTEN = Mix("async", "coroutine", "awaited", "sync", "sleeps")


def plain(html):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html).split())


def told(runtime, *outcomes, gap=6.0, took=201.0):
    """An instantiation, and if that went well a call."""
    story = stories.Story(runtime, "host-log").new(1, outcome=outcomes[0])
    if len(outcomes) > 1:
        story.call(1, outcomes[1], export="run", us=took * 1000, gap_ms=gap)
    return Cell("mix", None, runtime, story.trace())


def aborted():
    return Outcome("aborted", signal="SIGABRT", message="assertion failed: !store.0.async_support()")


def returned(runtime, **more):
    return told(runtime, stories.returned(), stories.returned(7), **more)


def refused(runtime):
    cause = Cause("async-required", 1)
    return told(runtime, stories.returned(), Outcome("refused", message="no", cause=cause))


def result(scenario, runtime):
    """What real releases answer to a few mixes."""
    major = int(runtime.partition(".")[0])
    if "coroutine-awaited-sync" in scenario.id:
        return told(runtime, stories.returned(), aborted()) if major < 42 else refused(runtime)
    if scenario.id.endswith("mix-async-plain-sync-sync-returns"):
        return told(runtime, aborted()) if major < 42 else returned(runtime, took=0.4)
    return returned(runtime, gap=200.8) if scenario.id.endswith("blocks") else returned(runtime)


class Elsewhere:
    """Releases as data, and what was played under them."""

    def __init__(self):
        self.played = []

    def play(self, scenario, releases, on_cell):
        self.played.append((scenario.id.partition("mix-")[2], *releases))
        for done, runtime in enumerate(releases, 1):
            on_cell(result(scenario, runtime), done, len(releases))


def switch(elsewhere=None, *, mix=None, releases=RELEASES, play=None):
    widget = AsyncSwitch(play or (elsewhere or Elsewhere()).play, releases, "50.0.1", explain, mix=mix)
    widget.fill()
    return widget


def test_it_begins_with_the_mistake_of_the_issue():
    widget = switch()
    assert widget.told() == (
        "An engine made for async, a plain host function that returns at once, synchronous instantiation, "
        "synchronous call.\n"
        "Up to 41.0.0 instantiating takes the whole process down; since 42.0.0 the call returns 7. "
        "The call takes 400 µs under 50.0.1, and the event loop hardly notices it.\n"
        "What to change: use an engine without async support."
    )
    assert plain(widget.sentence.value) == widget.told().splitlines()[1]
    assert widget.strip.buttons.options == (
        "20.0.0: aborted instantiating",
        "41.0.0: aborted instantiating",
        "42.0.0: returned gap 6 ms, differs from 41.0.0",
        "50.0.1: returned gap 6 ms",
    )
    assert widget.release == "50.0.1"
    assert plain(widget.detail.value).startswith(
        "Wasmtime 50.0.1 , the release of this environment Step 2 returned 7: host-log answered as it should."
    )


def test_each_mix_is_played_once():
    elsewhere = Elsewhere()
    widget = switch(elsewhere)
    widget.switches.rows["call"].value = "awaited"
    widget.switches.rows["call"].value = "sync"
    assert elsewhere.played == [
        ("async-plain-sync-sync-returns", *RELEASES),
        ("async-plain-sync-awaited-returns", *RELEASES),
    ]


def test_only_what_has_no_result_is_played_again():
    asked = []

    def play(scenario, releases, on_cell):
        asked.append(releases)
        for done, runtime in enumerate(releases, 1):
            missing = Cell("mix", None, runtime, problem="Wasmtime 20.0.0 is not here.")
            on_cell(missing if runtime == "20.0.0" else result(scenario, runtime), done, len(releases))

    widget = switch(play=play)
    widget.switches.rows["engine"].value = "plain"
    widget.switches.rows["engine"].value = "async"
    assert asked == [list(RELEASES), list(RELEASES), ["20.0.0"]]
    assert plain(widget.advice.value).endswith("What to change: use an engine without async support. "
                                               "Wasmtime 20.0.0 is not here.")  # fmt: skip
    assert widget.strip.buttons.options[0] == "20.0.0: no result"
    assert widget.strip.buttons.tooltips[0] == "Wasmtime 20.0.0 is not here."
    widget.strip.buttons.index = 0
    assert plain(widget.detail.value) == "Wasmtime 20.0.0 Wasmtime 20.0.0 is not here."


def test_a_release_is_chosen_and_stays_chosen():
    widget = switch()
    widget.strip.buttons.index = 1
    assert widget.release == "41.0.0"
    assert plain(widget.detail.value).startswith(
        "Wasmtime 41.0.0 Step 1 took the whole process down with SIGABRT: assertion failed"
    )
    widget.switches.rows["link"].value = "coroutine"
    assert widget.release == "41.0.0"
    assert widget.strip.buttons.index == 1


def test_a_loop_that_stands_still():
    widget = switch(mix=BLOCKING)
    assert widget.told().splitlines()[1:] == [
        "Under each of these 4 releases the call returns 7. "
        "Under 50.0.1 the event loop stands still for as long as the call takes, 200 ms.",
        "What to change: make the host function a coroutine that has a thread do the blocking.",
    ]
    assert widget.strip.buttons.options[-1] == "50.0.1: returned stalls 200 ms"
    # The bar is as long as the rule that stands for the call.
    assert "9px 57px/78px 4px" in widget.strip._style.value
    widget.mend_button.click()
    assert widget.mix == Mix("async", "coroutine", "awaited", "awaited", "thread")
    assert widget.told().splitlines()[1:] == [
        "Under each of these 4 releases the call returns 7. "
        "Under 50.0.1 the event loop goes on while the call takes 200 ms: its longest gap is 6 ms."
    ]
    assert widget.strip.buttons.options[-1] == "50.0.1: returned gap 6 ms"
    assert "9px 57px/2px 4px" in widget.strip._style.value
    assert widget.mending.layout.display == "none"


def test_a_loop_that_stands_still_for_most_of_it():
    cells = [returned("50.0.1", gap=150.0)]
    assert reading(cells, "50.0.1") == (
        "Under 50.0.1 the call returns 7. "
        "Under 50.0.1 the event loop stands still for 150 ms of the 200 ms that the call takes."
    )


def test_three_answers_in_a_row():
    forgotten = [
        refused("14.0.0"),
        told("20.0.0", stories.returned(), aborted()),
        told("41.0.0", stories.returned(), aborted()),
        refused("42.0.0"),
    ]
    assert reading(forgotten, "50.0.1") == (
        "Up to 14.0.0 the call is refused: the store wants asynchronous calls; "
        "from 20.0.0 to 41.0.0 the call takes the whole process down; "
        "since 42.0.0 the call is refused: the store wants asynchronous calls."
    )


def test_nothing_played_yet():
    widget = AsyncSwitch(Elsewhere().play, RELEASES, "50.0.1", explain)
    assert widget.told().splitlines()[1:] == ["No release has a result."]
    assert widget.strip.buttons.options[0] == "20.0.0: not played"
    assert plain(widget.detail.value).endswith("It has not been played.")


def test_where_the_environments_release_is_not_asked_for_the_last_one_counts():
    widget = switch(releases=("41.0.0", "42.0.0"), mix=BLOCKING)
    assert widget.release == "42.0.0"
    assert "Under 42.0.0 the event loop stands still" in widget.told()


def test_what_the_new_function_cannot_do_moves_and_says_so():
    widget = switch(mix=FORGOTTEN)
    widget.switches.rows["link"].value = "plain"
    assert widget.mix.work == "blocks"
    assert plain(widget.note.value) == "A plain function cannot sleep as coroutines do: now it blocks for 0.2 s."
    assert [value for _label, value in widget.switches.rows["work"].options] == [
        "returns",
        "blocks",
        "asyncio.run",
    ]
    widget.switches.rows["work"].value = "asyncio.run"
    assert widget.note.value == ""
    widget.switches.rows["link"].value = "coroutine"
    assert widget.mix.work == "sleeps"
    assert plain(widget.note.value) == "A coroutine needs no asyncio.run : now it awaits a sleep of 0.2 s."


def test_a_move_is_told_where_there_is_one():
    for mix in every_mix():
        after = mix.linked("plain" if mix.link == "coroutine" else "coroutine")
        assert bool(moved(mix, after)) == (mix.work in ("sleeps", "thread", "asyncio.run"))
        assert moved(mix, mix) == ""


@pytest.mark.parametrize(
    ("mix", "change"),
    [
        (Mix("plain", "plain", "sync", "awaited"), "make the call synchronous"),
        (Mix("plain", "plain", "awaited", "awaited"), "use an engine made for async"),
        (FORGOTTEN, "await the call"),
        (Mix("plain", "coroutine", "sync", "sync", "blocks"),
         "use an engine made for async; have a thread do the blocking, and await it; "
         "await the instantiation and the call"),
        (Mix("async", "plain", "awaited", "awaited", "asyncio.run"),
         "make the host function a coroutine that awaits what `asyncio.run` was to run"),
    ],
)  # fmt: skip
def test_what_to_change(mix, change):
    assert to_change(mix) == change


def test_what_is_as_it_should_be_needs_no_change():
    assert all((to_change(mix) == "") == (mix.mended() == mix) for mix in every_mix())


def test_an_interrupt_keeps_what_is_there():
    def play(scenario, releases, on_cell):
        on_cell(result(scenario, releases[0]), 1, len(releases))
        raise KeyboardInterrupt

    widget = switch(play=play)
    assert widget.told().splitlines()[1:] == [
        "Under 20.0.0 instantiating takes the whole process down.",
        "What to change: use an engine without async support.",
        "Stopped before the end; run the cell again to play what is missing.",
    ]


def test_a_click_during_a_play_ends_it():
    """The second click comes while the first one's mix is at work: that one learns of it at its next cell."""
    reached = []

    def play(scenario, releases, on_cell):
        for done, runtime in enumerate(releases, 1):
            if scenario.id.endswith("sync-sync-blocks") and done == 2:
                widget.switches.rows["work"].value = "returns"
            on_cell(result(scenario, runtime), done, len(releases))
            reached.append((scenario.id.rpartition("-")[2], runtime))

    widget = AsyncSwitch(play, RELEASES, "50.0.1", explain)
    widget.switches.rows["work"].value = "blocks"
    assert reached == [("blocks", "20.0.0"), *(("returns", version) for version in RELEASES)]
    assert widget.mix == Mix()
    assert "since 42.0.0 the call returns 7" in widget.told()
    assert widget.problem.layout.display == "none"


def test_a_click_that_comes_on_another_thread_while_rows_are_set_is_not_lost():
    clicks = []
    buttons = MixButtons(FORGOTTEN, lambda _before, after: clicks.append(after))
    other = threading.Thread(target=lambda: setattr(buttons.rows["instantiate"], "value", "sync"))

    def meanwhile(_change):
        other.start()
        other.join(0.2)

    buttons.rows["work"].observe(meanwhile, names="options")
    buttons.rows["link"].value = "plain"
    other.join()
    assert buttons.mix == Mix("async", "plain", "sync", "sync", "blocks")
    assert {field: row.value for field, row in buttons.rows.items()} == msgspec.structs.asdict(buttons.mix)
    assert clicks[-1] == buttons.mix


def test_a_release_chosen_on_another_thread_during_an_update_is_not_lost():
    widget = switch()
    other = threading.Thread(target=lambda: setattr(widget.strip.buttons, "index", 1))

    def meanwhile(_change):
        if other.ident is None:
            other.start()
            other.join(0.2)

    widget.strip.buttons.observe(meanwhile, names="options")
    widget.switches.rows["link"].value = "coroutine"
    other.join()
    assert (widget.release, widget.strip.buttons.index) == ("41.0.0", 1)


def test_what_a_play_raises_is_raised_at_first_and_shown_after_a_click():
    def play(scenario, releases, on_cell):
        raise LookupError("no guest")

    widget = AsyncSwitch(play, RELEASES, "50.0.1", explain)
    with pytest.raises(LookupError):
        widget.fill()
    widget.switches.rows["call"].value = "awaited"
    assert "This mix could not be played: LookupError: no guest" in plain(widget.problem.value)
    assert 'role="alert"' in widget.problem.value
    assert widget.told().endswith("No release has a result.")


def test_the_static_form_is_the_switches_a_table_and_the_explanation():
    widget = switch(mix=FORGOTTEN)
    html = widget.static()
    text = plain(html)
    assert text.startswith(
        "engine: made for async ; linker: a coroutine ; instantiate: awaited ; call: synchronously ; "
        "host function: sleeps 0.2 s Up to 41.0.0 the call takes the whole process down; since 42.0.0 the call is "
        "refused: the store wants asynchronous calls. Wasmtime outcome loop stood still for call took"
    )
    assert "41.0.0 aborted in the call – – 42.0.0 ≠ refused in the call – –" in text
    assert "What to change: await the call. Wasmtime 50.0.1 , the release of this environment" in text
    assert "Step 2 was refused because store 1 wants asynchronous calls" in text
    assert html.count('<th scope="row">') == len(RELEASES) + 2
    bundle = widget._repr_mimebundle_()
    assert (bundle["text/html"], bundle["text/plain"]) == (html, widget.told())


def test_the_table_has_the_loops_gaps():
    text = plain(switch(mix=BLOCKING, releases=("41.0.0", "50.0.1")).static())
    assert "41.0.0 returned 200 ms 200 ms 50.0.1 returned 200 ms 200 ms" in text


def test_both_palettes_draw_the_signs():
    style = switch().strip._style.value
    # One picture per kind and palette, however many releases there are.
    assert style.count("data:image/svg+xml") == 4
    assert style.count('[data-jp-theme-light="false"] .lk-strip') == 4
    assert len(set(re.findall(r"data:image/svg\+xml;base64,([^\"]+)", style))) == 4


def test_every_switch_has_a_name_and_every_button_a_tooltip():
    widget = switch()
    rows = widget.switches.rows
    assert [row.description for row in rows.values()] == [
        "engine",
        "linker",
        "instantiate",
        "call",
        "host function",
    ]
    for link in ("plain", "coroutine"):
        rows["link"].value = link
        assert all(len(row.tooltips) == len(row.options) for row in rows.values())
    assert widget.mend_button.tooltip
    assert len(widget.strip.buttons.tooltips) == len(RELEASES)


def test_while_a_mix_is_played_the_releases_say_so():
    shown = []

    def play(scenario, runtimes, on_cell):
        shown.append((view.strip.buttons.options, view.strip._dom_classes, view.detail.value))
        for runtime in runtimes:
            on_cell(result(scenario, runtime), 1, len(runtimes))

    view = AsyncSwitch(play, RELEASES, "50.0.1", explain)
    view.fill()
    ((options, classes, detail),) = shown
    assert options == tuple(f"{release}: playing …" for release in RELEASES)
    assert "lk-busy" in classes
    assert detail.startswith('<div aria-busy="true">')
    assert "lk-busy" not in view.strip._dom_classes
    assert view.detail.value.startswith('<div aria-busy="false">')
