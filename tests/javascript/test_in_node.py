"""What the account book does in a real Node, and that the shipped recording says the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from labkit.errors import ChildError
from labkit.guests import JavaScript
from labkit.javascript import Account, Event, Story, StoryStep, Thrown, Told, find_story, play_in_node, stories
from labkit.javascript.recorded import record, recorded, recording

TERMINATED = Thrown("Error", "Module terminated")
UNREACHABLE = Thrown("RuntimeError", "unreachable")
NEW = (Event("instance"),)


@pytest.fixture(scope="module")
def accounts(here: JavaScript) -> dict[str, Account]:
    """Every story, played now."""
    return {story.id: played(here, story) for story in stories().values()}


def played(here: JavaScript, story: Story) -> Account:
    made = here.bindings
    return play_in_node(story, here.node, made.module, wasm_bindgen=made.wasm_bindgen, rustc=made.rustc)


def bare(told: Told) -> Told:
    """Without the functions in a stack, whose names are of one compiler."""
    events = tuple(
        msgspec.structs.replace(event, error=event.error and Thrown(event.error.name, event.error.message))
        for event in told.events
    )
    error = told.error and Thrown(told.error.name, told.error.message)
    return msgspec.structs.replace(told, error=error, events=events)


def steps_of(account: Account) -> list[Told]:
    return [bare(told) for told in account.told]


def test_a_panic_is_thrown_as_a_panic_error_and_the_guest_goes_on(accounts: dict[str, Account]) -> None:
    too_large = Told("guest-error", error=Thrown("PanicError", "amount too large: 60"))
    locked = "called `Result::unwrap()` on an `Err` value: PoisonError { .. }"
    assert steps_of(accounts["panic"]) == [
        Told("returned", 1),
        too_large,
        Told("guest-error", error=Thrown("PanicError", locked)),
        Told("returned", 0),
        too_large,
        Told("returned", 40),
        Told("returned", 2),
    ]


def test_the_stack_of_a_panic_error_does_not_name_what_panicked(accounts: dict[str, Account]) -> None:
    error = accounts["panic"].told[1].error
    assert error is not None
    assert [name for name in error.frames if "refuse_above_50" in name] == []
    assert [name for name in error.frames if name.startswith("transfer")]


def test_the_hook_runs_before_the_caller_is_told_and_nobody_gets_in_any_more(accounts: dict[str, Account]) -> None:
    refused = Told("refused", error=TERMINATED, by=3)
    assert steps_of(accounts["abort"]) == [
        Told("returned", False),
        Told("returned", 1),
        Told("trapped", error=UNREACHABLE, events=(Event("hook"), Event("re-entry", error=TERMINATED))),
        refused,
        refused,
        refused,
    ]


def test_a_hook_that_schedules_brings_one_new_instance_without_a_hook(accounts: dict[str, Account]) -> None:
    assert steps_of(accounts["reinit"]) == [
        Told("returned", False),
        Told("returned", 1),
        Told("trapped", error=UNREACHABLE),
        Told("returned", 0, events=NEW),
        Told("trapped", error=UNREACHABLE),
        Told("refused", error=TERMINATED, by=5),
    ]


def test_a_hook_that_tells_first_never_gets_to_schedule(accounts: dict[str, Account]) -> None:
    assert steps_of(accounts["tell-first"])[3] == Told("refused", error=TERMINATED, by=3)


def test_a_text_in_the_first_call_after_a_reinit_goes_to_the_old_memory(accounts: dict[str, Account]) -> None:
    out_of_bounds = Thrown("RuntimeError", "memory access out of bounds")
    assert steps_of(accounts["text-first"])[2:4] == [
        Told("trapped", error=out_of_bounds, events=NEW),
        Told("refused", error=TERMINATED, by=3),
    ]


def test_out_of_memory_and_out_of_stack_are_no_panic_errors(accounts: dict[str, Account]) -> None:
    full, deep = (accounts["no-panic"].told[n].error for n in (1, 4))
    assert full is not None
    assert (full.name, full.message) == ("RuntimeError", "unreachable")
    # The message does not say memory; the stack does.
    assert "std::alloc::rust_oom" in full.frames
    assert deep == Thrown(
        "RangeError", "Maximum call stack size exceeded", ("account_book::recurse",) * len(deep.frames)
    )


def test_the_recording_is_what_a_run_says_now(accounts: dict[str, Account]) -> None:
    live, shipped = record(accounts), recording()
    assert live.stories.keys() == shipped.stories.keys()
    for story, told in live.stories.items():
        assert [bare(one) for one in told] == [bare(one) for one in shipped.stories[story]], story
    undated = [msgspec.structs.replace(one.versions, date="") for one in (live, shipped)]
    if undated[0] == undated[1]:
        assert live.stories == shipped.stories


def test_an_account_says_with_what_it_was_made(here: JavaScript, accounts: dict[str, Account]) -> None:
    versions = accounts["panic"].versions
    assert not accounts["panic"].recorded
    assert (versions.wasm_bindgen, versions.rustc) == (here.bindings.wasm_bindgen, here.bindings.rustc)
    assert recorded("panic").recorded


def test_an_export_that_is_not_there_is_the_hosts_own_error(here: JavaScript) -> None:
    story = Story("wrong", "", (StoryStep("call", "stop"), StoryStep("call", "no-such")))
    told = played(here, story).told[1]
    assert (told.kind, told.error and told.error.name) == ("host-error", "TypeError")


def test_a_module_that_cannot_be_loaded_is_one_sentence(here: JavaScript, tmp_path: Path) -> None:
    with pytest.raises(ChildError) as caught:
        play_in_node(find_story("panic"), here.node, tmp_path / "none.js", wasm_bindgen="0", rustc="rustc 1.0.0")
    assert str(caught.value).startswith("Node ended with status 1 before the story did: ")


def test_a_node_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ChildError, match=r"node cannot be started: No such file or directory\.$"):
        play_in_node(
            find_story("panic"), tmp_path / "node", tmp_path / "a.js", wasm_bindgen="0", rustc="rustc 1.0.0"
        )
