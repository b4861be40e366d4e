"""The switch of synchronous and asynchronous under real releases, in child processes."""

import pytest

from labkit import Lab
from labkit.errors import ArgumentError, RuntimeMissingError
from labkit.record import Mix
from labkit.record.mix import every_mix
from labkit.runtimes import add_runtime
from labkit.views.async_words import deciding_step, gap_of, kind_of, stalls

THREE = ("41.0.0", "42.0.0", "50.0.1")


@pytest.fixture(scope="module")
def widget():
    for version in THREE:
        add_runtime(version)
    with Lab() as lab:
        yield lab.async_switch(THREE)


@pytest.fixture
def play(widget):
    """Sets the switches one by one, as clicks do, and gives the widget."""

    def set_to(mix):
        for field in ("link", "work", "engine", "instantiate", "call"):
            widget.switches.rows[field].value = getattr(mix, field)
        assert widget.mix == mix
        return widget

    return set_to


def kinds(widget):
    return [kind_of(cell) for cell in widget.cells]


def said(widget):
    return widget.told().splitlines()[1]


def deciding(widget):
    return deciding_step(widget.cells[-1].trace)


def test_an_engine_made_for_async_and_a_host_that_is_not(play):
    widget = play(Mix("async", "plain", "sync", "sync"))
    assert kinds(widget) == ["aborted", "returned", "returned"]
    assert said(widget).startswith(
        "Up to 41.0.0 instantiating takes the whole process down; since 42.0.0 the call returns 7. The call takes "
    )
    widget.strip.buttons.index = 0
    assert "Step 1 took the whole process down with SIGABRT: " in widget.detail.value


def test_a_coroutine_and_a_call_that_nobody_awaits(play):
    widget = play(Mix("async", "coroutine", "awaited", "sync", "sleeps"))
    assert kinds(widget) == ["aborted", "refused", "refused"]
    assert deciding(widget).outcome.cause.kind == "async-required"
    assert widget.told().splitlines()[1:] == [
        "Up to 41.0.0 the call takes the whole process down; "
        "since 42.0.0 the call is refused: the store wants asynchronous calls.",
        "What to change: await the call.",
    ]


def test_a_plain_host_function_goes_with_awaited_calls(play):
    widget = play(Mix("async", "plain", "awaited", "awaited"))
    assert kinds(widget) == ["returned"] * 3
    assert widget.mending.layout.display == "none"


# Before and after a coroutine the loop comes round once more, which a busy machine may draw out.
@pytest.mark.parametrize(("link", "part"), [("plain", 0.9), ("coroutine", 0.5)])
def test_a_host_function_that_blocks_keeps_the_loop(play, link, part):
    widget = play(Mix("async", link, "awaited", "awaited", "blocks"))
    assert kinds(widget) == ["returned"] * 3
    for cell in widget.cells:
        longest, took = gap_of(cell)
        assert longest >= part * took
    assert "Under 50.0.1 the event loop stands still for " in widget.told()


def test_a_host_function_that_starts_a_loop_under_a_loop(play):
    widget = play(Mix("async", "plain", "awaited", "awaited", "asyncio.run"))
    assert kinds(widget) == ["host-error"] * 3
    assert deciding(widget).outcome.raised == "RuntimeError"
    assert said(widget) == "Under each of these 3 releases the call stops on RuntimeError in a host function."


def test_what_mends_a_mix_does(play):
    for mix in dict.fromkeys(mix.mended() for mix in every_mix()):
        widget = play(mix)
        assert (mix, kinds(widget)) == (mix, ["returned"] * 3)
        assert not any(map(stalls, widget.cells))


def test_the_release_of_the_environment_alone():
    with Lab() as lab:
        widget = lab.async_switch("50.0.1")
        assert said(widget).startswith("Under 50.0.1 the call returns 7. The call takes ")
        assert widget.mending.layout.display == "none"


def test_all_on_this_machine_by_default():
    with Lab() as lab:
        # Its guest is a core module: releases without components count.
        add_runtime("20.0.0")
        cells = lab.async_switch().cells
    by_release = {cell.runtime: kind_of(cell) for cell in cells}
    assert {"20.0.0", *THREE} <= by_release.keys()
    assert by_release["20.0.0"] == "aborted"
    assert list(by_release) == sorted(by_release, key=lambda version: [int(part) for part in version.split(".")])


def test_a_release_that_cannot_be_had_is_a_sentence():
    with Lab() as lab:
        widget = lab.async_switch(["42.99.0", "50.0.1"])
    assert kinds(widget) == [None, "returned"]
    assert widget.told().splitlines()[-1].startswith("Wasmtime 42.99.0 could not be fetched: ")


def test_what_is_no_release():
    with Lab() as lab:
        with pytest.raises(RuntimeMissingError, match=r"^'new' is no Wasmtime version; write it as 41\.0\.0\.$"):
            lab.async_switch("new")
        with pytest.raises(ArgumentError, match=r"^Name at least one Wasmtime release, such as 41\.0\.0\.$"):
            lab.async_switch([])
