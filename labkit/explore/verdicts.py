"""What the trials of a health check show, one sentence each, with the steps that show it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from labkit.host.outcome import Outcome
from labkit.inspect.anatomy import Anatomy
from labkit.record import Step, Trace

Level = Literal["good", "note", "beware", "unknown"]


class Trial(msgspec.Struct, frozen=True, omit_defaults=True):
    """Calls of one export under one policy; `memory` is the size of an exported memory after each step."""

    policy: str
    trace: Trace
    memory: dict[int, int] = {}

    @property
    def calls(self) -> list[Step]:
        """One step per call: the call, or the instantiation that failed in its place.

        There are fewer where an instance that could not be made was kept.
        """
        return [
            step
            for step in self.trace
            if step.do == "call" or (step.outcome is not None and step.outcome.kind != "returned")
        ]


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a host has to know. `evidence`: policy and step of what shows it; `probe` is the first calls.

    `level`: `beware` of what makes a host go wrong that does not know of it; a `note` leaves it a choice.
    """

    about: str
    level: Level
    sentence: str
    evidence: tuple[tuple[str, int], ...] = ()


def answered(outcome: Outcome | None) -> bool:
    """Whether a host got what it asked for; a command that ends with status 0 gave it."""
    return outcome is not None and (outcome.ok or (outcome.kind == "exited" and outcome.status == 0))


def answers(probe: Trial) -> Verdict:
    """How often it was answered, with a store of its own for each call."""
    calls = probe.calls
    counts = Counter(_kind(step.outcome) for step in calls)
    told = _listed([f"{kind} {_times(count)}" for kind, count in counts.items()])
    failing = [step for step in calls if not answered(step.outcome)]
    with_args = "without arguments" if not calls[0].args else f"with {_count(len(calls), 'different argument')}"
    if len(calls) > 1:
        with_args = f"with {len(calls)} lists of arguments"
    sentence = f"Called {with_args}, it {told}."
    if not failing:
        sentence += " It never failed with these." if calls[0].args else ""
        return Verdict("answers", "good", sentence, _at("probe", calls))
    first = failing[0]
    assert first.outcome is not None
    shown = ", ".join(map(repr, first.args))
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    sentence += f" The first that failed: ({shown}) {first.outcome.describe()}."
    return Verdict("answers", "beware", sentence, _at("probe", failing))


_SHOWN = 60


def reuse(keep: Trial) -> Verdict:
    """Whether one instance answers more than once."""
    first, *others = keep.calls
    if not others or not answered(first.outcome):
        return Verdict("reuse", "unknown", "No call was answered, so nothing is known of a second one.")
    second = others[0]
    if answered(second.outcome):
        sentence = "One instance answered twice in a row: it can be reused."
        return Verdict("reuse", "good", sentence, _at("keep", [first, second]))
    assert second.outcome is not None
    sentence = (
        f"It is single-shot: the second call of one instance {second.outcome.describe()}. "
        "Give each call a store of its own."
    )
    return Verdict("reuse", "beware", sentence, _at("keep", [first, second]))


def state(keep: Trial, fresh: Trial) -> Verdict | None:
    """Whether what it answers depends on calls before."""
    one, other = keep.calls[:2], fresh.calls[:2]
    if not all(answered(step.outcome) for step in (*one, *other)):
        return None
    kept, anew = [value_of(step.outcome) for step in one], [value_of(step.outcome) for step in other]
    if anew[0] != anew[1]:
        sentence = "Equal calls answer differently in fresh stores too: time, chance or input decides."
        return Verdict("state", "note", sentence, _at("fresh-store", other))
    if kept[0] != kept[1]:
        sentence = (
            f"It keeps state: equal calls of one instance answered {short(kept[0])} and then {short(kept[1])}, "
            "of fresh ones the same each time. A policy that makes new instances loses it."
        )
        return Verdict("state", "note", sentence, _at("keep", one) + _at("fresh-store", other))
    sentence = "Equal calls in a row had equal answers: calling it does not change what it answers."
    return Verdict("state", "good", sentence, _at("keep", one))


def after_a_failure(trials: Mapping[str, Trial], *, failed: bool) -> Verdict | None:
    """Which policies answer the call after one that failed; None where none failed."""
    if not failed:
        return None
    after = {policy: trial.calls[3] for policy, trial in trials.items() if len(trial.calls) > 3}
    well = [policy for policy, step in after.items() if answered(step.outcome)]
    badly = [policy for policy, step in after.items() if not answered(step.outcome)]
    evidence = tuple((policy, step.n) for policy, step in after.items())
    if not badly:
        sentence = f"After a failure the next call was answered under every policy tried: {_listed(well)}."
        if "keep" in well:
            sentence += " An instance that was kept may be damaged all the same: Wasmtime lets core modules go on."
        return Verdict("after a failure", "note", sentence, evidence)
    ended = after[badly[0]].outcome
    assert ended is not None
    sentence = (
        f"After a failure, {_listed(badly)} {'go' if len(badly) > 1 else 'goes'} on failing ({ended.describe()}); "
        f"{_listed(well) or 'no policy'} answered the next call."
    )
    return Verdict("after a failure", "beware", sentence, evidence)


def memory(keep: Trial) -> Verdict:
    """Whether an exported memory grows with the calls of one instance."""
    sizes = [keep.memory[step.n] for step in keep.calls if step.n in keep.memory]
    if len(sizes) < 2:
        return Verdict("memory", "unknown", "Its memory is not exported, so the host cannot see whether it grows.")
    grown = sizes[-1] - sizes[0]
    evidence = tuple(("keep", n) for n in keep.memory)
    if not grown:
        return Verdict("memory", "good", f"Its memory stayed at {sizes[0]:,} bytes.", evidence)
    calls = len(sizes) - 1
    sentence = (
        f"Its memory grew from {sizes[0]:,} to {sizes[-1]:,} bytes in {calls} calls: {grown // calls:,} each."
    )
    return Verdict("memory", "beware", sentence, evidence)


def start(anatomy: Anatomy, trials: Iterable[Trial]) -> Verdict:
    """What being instantiated does."""
    has = any(section.name == "start" for one in anatomy.binaries for section in one.sections)
    made = [(trial.policy, step) for trial in trials for step in trial.trace if step.do == "instantiate"]
    failed = [(policy, step) for policy, step in made if not answered(step.outcome)]
    busy = [(policy, step) for policy, step in made if step.host_calls or _wrote(step.outcome)]
    if failed:
        policy, step = failed[0]
        assert step.outcome is not None
        sentence = f"Instantiating it {step.outcome.describe()}, in {len(failed)} of {len(made)} tries."
        return Verdict("start", "beware", sentence, ((policy, step.n),))
    if busy:
        policy, step = busy[0]
        sentence = "Being instantiated, it calls the host or writes output already."
        return Verdict("start", "note", sentence, ((policy, step.n),))
    if has:
        sentence = "It has a start function, which calls no host function and writes nothing."
        return Verdict("start", "note", sentence)
    return Verdict("start", "good", "It has no start function: being instantiated runs none of its code.")


def instantiation(seconds: float, trials: Iterable[Trial]) -> Verdict:
    """What a new instance costs, and what compiling cost just now."""
    steps = [step for trial in trials for step in trial.trace if step.do == "instantiate"]
    made = [step.us for step in steps if step.us is not None and answered(step.outcome)]
    if not made:
        ended = next((step.outcome.describe() for step in steps if step.outcome is not None), None)
        why = f"No instance could be made: it {ended}." if ended else "No instance was made: no export was called."
        return Verdict("instantiation", "unknown", why)
    middle = statistics.median(made)
    price = f"{middle:,.0f} µs" if middle < 1000 else f"{middle / 1000:,.1f} ms"
    took = f"{price} (median of {len(made)}, in a child process)"
    sentence = f"A new instance takes {took}; compiling took {seconds:.2f} s."
    return Verdict("instantiation", "good" if middle < _SLOW else "note", sentence)


_SLOW = 5000.0


def _at(policy: str, steps: Iterable[Step]) -> tuple[tuple[str, int], ...]:
    return tuple((policy, step.n) for step in steps)


def _kind(outcome: Outcome | None) -> str:
    words = {
        "returned": "returned",
        "guest-error": "answered with its own error",
        "trapped": "trapped",
        "refused": "was refused",
        "exited": "exited",
        "host-error": "was stopped by the host",
        "aborted": "aborted the process",
        "timed-out": "ran out of time",
    }
    return words[outcome.kind] if outcome is not None else "did not come to its end"


def value_of(outcome: Outcome | None) -> object:
    """What a host can tell two answers apart by."""
    assert outcome is not None
    return outcome.kind, outcome.value, outcome.error, outcome.stdout


def short(value: object) -> str:
    """Such an answer, for a sentence."""
    assert isinstance(value, tuple)
    _, returned, error, written = value
    text = repr(returned if error is None else error) + (f" after writing {written!r}" if written else "")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _wrote(outcome: Outcome | None) -> bool:
    return outcome is not None and bool(outcome.stdout or outcome.stderr)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _listed(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
