"""Bisecting: the release in which a step's outcome changed, in as few runs as it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from labkit.errors import ArgumentError, LabkitError
from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.record.scenario import Scenario
from labkit.record.trace import Trace
from labkit.reuse.play import policy_for
from labkit.runtimes.cells import play_cell
from labkit.runtimes.difference import changed_words, essence, first_difference, outcome_of, step_or_none
from labkit.runtimes.fetch import Say, add_runtime
from labkit.runtimes.playable import lack_of, programs_of
from labkit.runtimes.release import releases_with_components
from labkit.runtimes.watch import ChildLimits


class Try(msgspec.Struct, frozen=True):
    """What the step did under one release."""

    runtime: str
    outcome: Outcome | None


class Change(msgspec.Struct, frozen=True):
    """A step went one way up to `last_before` and another since `first_after`.

    `candidates` are the releases it was looked for in, oldest first; `tries` those that were run, in that order.
    """

    scenario: str
    policy: str | None
    step: int
    last_before: str
    first_after: str
    before: Outcome | None
    after: Outcome | None
    candidates: tuple[str, ...]
    tries: tuple[Try, ...]

    @property
    def sentence(self) -> str:
        """What changed, in words."""
        return changed_words(self.last_before, self.first_after, self.step, self.before, self.after)


class NoChange(msgspec.Struct, frozen=True):
    """A scenario, or one step of it, goes the same way at both ends; false where a `Change` is true."""

    scenario: str
    step: int | None
    oldest: str
    newest: str

    def __bool__(self) -> bool:
        return False

    @property
    def sentence(self) -> str:
        """That nothing changed, in words."""
        what = self.scenario if self.step is None else f"Step {self.step} of {self.scenario}"
        return f"{what} goes the same way under Wasmtime {self.oldest} and {self.newest}."


def find_change_in_family(
    family: Sequence[Scenario],
    load: Callable[[str], Program],
    *,
    policy: str | None = None,
    step: int | None = None,
    releases: Sequence[str] | None = None,
    say: Say = lambda _text: None,
) -> Change | NoChange:
    """The first change among `family`, its main scenario first; a `step` is looked for in that one alone.

    Variants to which `policy` does not apply are passed over. Takes and raises what `find_change` does.
    """
    main, *others = family
    variants = [one for one in others if policy is None or policy_for(one) is not None] if step is None else []
    for scenario in (main, *variants):
        change = find_change(scenario, load, policy=policy, step=step, releases=releases, say=say)
        if change is not None:
            return change
    candidates = _candidates(main, _programs(main, load), releases)
    return NoChange(main.id, step, candidates[0], candidates[-1])


def find_change(
    scenario: Scenario,
    load: Callable[[str], Program],
    *,
    policy: str | None = None,
    step: int | None = None,
    releases: Sequence[str] | None = None,
    limits: ChildLimits | None = None,
    say: Say = lambda _text: None,
) -> Change | None:
    """The release in which `step` changed (default: the first step on which the ends disagree), or None.

    `releases`, oldest first, are by default one per major version from 39 on that can run the scenario; those that
    are missing and needed are fetched, and `say` is told of each run. As with every bisection, an outcome that
    changed and changed back between the ends is not seen. Raises what `add_runtime` raises, `ArgumentError` for
    less than two releases, and `LabkitError` when a release cannot play the scenario or for a step that neither
    end has.
    """
    programs = _programs(scenario, load)
    candidates = _candidates(scenario, programs, releases)
    tries = _Tries(scenario, programs, policy, limits, say)
    low, high = 0, len(candidates) - 1
    oldest, newest = tries.trace(candidates[low]), tries.trace(candidates[high])
    if step is None:
        step = first_difference(oldest, newest)
        if step is None:
            return None
    elif step_or_none(oldest, step) is None and step_or_none(newest, step) is None:
        raise LabkitError(f"{scenario.id} has no step {step}; it has {max(len(oldest), len(newest))} steps.")
    was = essence(step_or_none(oldest, step))
    if was == essence(step_or_none(newest, step)):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if essence(step_or_none(tries.trace(candidates[middle]), step)) == was:
            low = middle
        else:
            high = middle
    return Change(
        scenario.id,
        newest.policy,
        step,
        candidates[low],
        candidates[high],
        outcome_of(tries.trace(candidates[low]), step),
        outcome_of(tries.trace(candidates[high]), step),
        candidates,
        tuple(Try(version, outcome_of(trace, step)) for version, trace in tries.traces.items()),
    )


def _programs(scenario: Scenario, load: Callable[[str], Program]) -> dict[str, Program]:
    return {name: load(name) for name in programs_of(scenario)}


def _candidates(
    scenario: Scenario, programs: Mapping[str, Program], releases: Sequence[str] | None
) -> tuple[str, ...]:
    """The releases to look in; what nobody asked for by name and cannot run the scenario is none of them."""
    if releases is None:
        known = releases_with_components()
        return tuple(version for version in known if lack_of(scenario, programs, version) is None)
    if len(releases) < 2:
        raise ArgumentError("Bisecting takes at least two Wasmtime releases: one before the change and one after.")
    return tuple(releases)


class _Tries:
    """Every release is tried once."""

    def __init__(
        self,
        scenario: Scenario,
        programs: Mapping[str, Program],
        policy: str | None,
        limits: ChildLimits | None,
        say: Say,
    ) -> None:
        self.traces: dict[str, Trace] = {}
        self._scenario = scenario
        self._programs = programs
        self._policy = policy
        self._limits = limits
        self._say = say

    def trace(self, version: str) -> Trace:
        if version not in self.traces:
            add_runtime(version, self._say)
            self._say(f"{self._scenario.id} under Wasmtime {version}")
            cell = play_cell(self._scenario, self._programs, version, self._policy, self._limits)
            if cell.trace is None:
                raise LabkitError(f"Nothing to compare under Wasmtime {version}: {cell.problem}")
            self.traces[version] = cell.trace
        return self.traces[version]
