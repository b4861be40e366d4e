"""Making a repro as small as one outcome of it allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from labkit.errors import LabkitError, ProgramError, ToolchainError
from labkit.host.plain import short
from labkit.host.program import Program
from labkit.record.repro import Repro, make_repro
from labkit.record.scenario import Scenario, ScenarioStep
from labkit.record.trace import Step, Trace
from labkit.repros.numbers import Put, nearest, numbers
from labkit.repros.shrinking import shrink_module
from labkit.repros.smaller import tidied, with_fewer_instances, with_simpler_values, without_steps
from labkit.repros.trying import Tried, last_signature, signature
from labkit.runtimes.difference import past
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.watch import ChildLimits

RUNS = 400
"""Plays of fewer steps and simpler values that are tried unless told otherwise."""

SECONDS = 120.0
"""How long it may take unless told otherwise."""

_SLOWER, _SLACK = 10.0, 2.0
"""A changed module may take this many times as long as the one it was, and so many seconds on top."""

_SHOWN = 5
"""Simpler values that a sentence names."""

Say = Callable[[str], None]


class Reduction(msgspec.Struct, frozen=True):
    """A smaller repro, and what it took: `runs` plays. `step` is the one of the original whose outcome stayed.

    `values` are the arguments that became simpler, each as it was and as it is. `notes`: what became of the
    programs, and what ended it early, in sentences.
    """

    repro: Repro
    original: Repro
    step: int
    runs: int
    values: tuple[tuple[Any, Any], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What is left, in words."""
        # Of the traces, as everywhere else: under a policy a scenario has no step that makes an instance.
        before, after = len(self.original.trace), len(self.repro.trace)
        last = self.repro.trace.steps[-1]
        was = "" if last.n == self.step else f", which was step {self.step},"
        steps = (
            f"{after} of {before} steps are left, after {self.runs} runs: "
            f"step {last.n}{was} {past(last.outcome)}, as before."
        )
        return " ".join([steps, *self._simpler(), *self.notes])

    def _simpler(self) -> list[str]:
        told = list(dict.fromkeys(f"{short(old)} → {short(new)}" for old, new in self.values))
        shown = told[:_SHOWN] + [f"{len(told) - _SHOWN} more"] * (len(told) > _SHOWN)
        return [f"Simpler values: {', '.join(shown)}."] if told else []


def reduce_repro(
    repro: Repro,
    runtime: Runtime,
    *,
    step: int | None = None,
    runs: int = RUNS,
    seconds: float = SECONDS,
    shrink: bool = False,
    shrinker: Path | None = None,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
    say: Say = lambda _text: None,
) -> Reduction:
    """Leave out steps and simplify values as long as `step` ends as it was recorded, for the same reason.

    Without `step` it is the last one that brought no answer. Everything is played in children under `runtime`, at
    most `runs` times. What counts is the outcome, the functions in the backtrace, and the same of the step to
    blame; never a text. With `shrink` core modules become smaller too, by `shrinker`, a wasm-tools, as long as the
    same two outcomes stay, whichever functions they come from. After `seconds`, or an interrupt, it is the
    smallest so far. Raises `LabkitError` if there is no such step, or if it does not end so here.
    """
    target = _target(repro.trace, step)
    cut = _until(repro, target)
    tried = Tried(repro.programs, runtime, limits, nursery, time.monotonic() + seconds)
    began = time.monotonic()
    trace = tried.trace(cut)
    wanted = signature(repro.trace, target)
    if last_signature(trace) != wanted:
        raise LabkitError(
            f"Step {target.n} does not go here as it was recorded, so there is nothing to reduce; "
            "`labkit replay` says what differs."
        )
    search = _Search(cut, wanted, tried, _SLOWER * (time.monotonic() - began) + _SLACK, say)
    try:
        search.leave_out(runs)
        if shrink:
            search.shrink(shrinker)
    except KeyboardInterrupt:
        search.notes.append("It was stopped; this is the smallest so far.")
    else:
        if tried.is_over:
            search.notes.append("The time was over; with more of it, it may get smaller.")
    found = tried.trace(search.best)
    if found is None:
        raise LabkitError("What was left in the end could not be played once more; try again.")
    return Reduction(
        make_repro(search.best, found, tried.programs),
        *(repro, target.n, tried.runs, tuple(search.simpler_values()), tuple(search.notes)),
    )


class _Search:
    """The smallest scenario so far; the smallest programs are those of `tried`. `patience`: seconds for a play of
    a changed module.
    """

    def __init__(self, scenario: Scenario, wanted: Any, tried: Tried, patience: float, say: Say) -> None:
        self.best = scenario
        self.notes: list[str] = []
        self._steps = [(step, step) for step in scenario.steps]
        self._wanted = wanted
        self._tried = tried
        self._patience = patience
        self._say = say

    def leave_out(self, runs: int) -> None:
        """Fewer steps and simpler values."""
        tried = self._tried
        while True:
            while (smaller := next(tried.keeping(self._wanted, _candidates(self.best), runs), None)) is not None:
                self._accept(smaller)
            if not self._nearer_numbers(runs):
                break
        tidy = tidied(self.best)
        if last_signature(tried.trace(tidy)) == self._wanted:
            self.best = tidy

    def _nearer_numbers(self, runs: int) -> bool:
        """Bisect what is left of each number; whether any became smaller."""
        before = self.best
        for place, _ in enumerate(numbers(self.best)):
            # Those before it may be others by now.
            number, put = list(numbers(self.best))[place]

            nearest(number, partial(self._keeps, put, runs))
        return self.best != before

    def _keeps(self, put: Put, runs: int, number: Any) -> bool:
        smaller = next(self._tried.keeping(self._wanted, iter([put(number)]), runs), None)
        if smaller is not None:
            self._accept(smaller)
        return smaller is not None

    def _accept(self, smaller: Scenario) -> None:
        after = f"after {self._tried.runs} runs"
        if len(smaller.steps) < len(self.best.steps):
            self._steps = _followed(self._steps, smaller.steps)
            trace = self._tried.trace(smaller)
            self._say(f"{len(trace or smaller.steps)} steps are left, {after}")
        else:
            pairs = list(zip(self._steps, smaller.steps, strict=True))
            self._steps = [(old, new) for (old, _), new in pairs]
            for (_, now), new in pairs:
                if now.args != new.args:
                    self._say(f"a simpler value: {_written(now)} → {_written(new)}, {after}")
        self.best = smaller

    def simpler_values(self) -> list[tuple[Any, Any]]:
        """The arguments of what is left that are others than they were, as they were and as they are."""
        pairs = [pair for old, new in self._steps for pair in zip(old.args, new.args, strict=False)]
        return [(old, new) for old, new in pairs if old != new]

    def shrink(self, shrinker: Path | None) -> None:
        """Smaller core modules."""
        used = {name: self._tried.programs[name] for name in self.best.program_names}
        for name, program in used.items():
            if program.kind == "component":
                self.notes.append(f"{name} is left as it is: wasm-tools shrinks core modules, and no components.")
            elif shrinker is None:
                self.notes.append(
                    f"{name} is left as it is: to make a module smaller too takes wasm-tools, which "
                    "`labkit setup --shrink` gets."
                )
            else:
                self._shrink(shrinker, name, program)

    def _shrink(self, shrinker: Path, name: str, program: Program) -> None:
        tried = self._tried
        wanted = last_signature(tried.trace(self.best), place=False)
        limits = ChildLimits(seconds=self._patience)

        def changed(wasm: bytes) -> Program:
            by = f"wasm-tools shrink, from SHA-256 {program.digest}"
            made = f"{program.toolchain}; {by}" if program.toolchain else by
            return Program.from_bytes(name, wasm, how="shrunk", toolchain=made)

        def keeps(wasm: bytes) -> bool:
            try:
                candidate = changed(wasm)
            except ProgramError:
                return False
            trace = tried.trace_with(self.best, {name: candidate}, limits)
            return bool(last_signature(trace, place=False) == wanted)

        def on_smaller(wasm: bytes) -> None:
            tried.programs[name] = changed(wasm)
            self._say(f"{name}: {len(wasm)} bytes after {tried.runs} runs")

        try:
            shrink_module(shrinker, program.wasm, keeps, on_smaller, until=tried.until)
        except ToolchainError as error:
            self.notes.append(str(error))
        finally:
            self.notes.append(f"{name} has {tried.programs[name].size} of {program.size} bytes left.")


def _followed(
    steps: list[tuple[ScenarioStep, ScenarioStep]], left: Sequence[ScenarioStep]
) -> list[tuple[ScenarioStep, ScenarioStep]]:
    """Of steps as they were and as they are, those that are `left`, which may be of other instances by now."""

    def essential(step: ScenarioStep) -> tuple[Any, ...]:
        return step.do, step.program, step.store, step.export, step.args

    rest = iter(steps)
    return [(next(old for old, now in rest if essential(now) == essential(step)), step) for step in left]


def _written(step: ScenarioStep) -> str:
    return f"{step.export}({', '.join(map(short, step.args))})"


def _candidates(scenario: Scenario) -> Iterator[Scenario]:
    yield from without_steps(scenario)
    yield from with_fewer_instances(scenario)
    yield from with_simpler_values(scenario)


def _target(trace: Trace, step: int | None) -> Step:
    if step is not None:
        return trace.step(step)
    failed = [one for one in trace if one.outcome is not None and not one.outcome.ok]
    if not failed:
        raise LabkitError("Every step of this repro was answered; name the one to keep with --step.")
    return failed[-1]


def _until(repro: Repro, target: Step) -> Scenario:
    """The scenario up to the step that counts; under a policy only calls are steps of it."""
    scenario = repro.scenario
    counted = [one for one in repro.trace if one.inside is None and (scenario.names_stores or one.do == "call")]
    if target not in counted:
        raise LabkitError(
            f"Step {target.n} is none of the scenario's own: a reuse policy or a host function made it; name "
            "another."
        )
    wanted = counted.index(target)
    last = [n for n, one in enumerate(scenario.steps) if one.do != "close"][wanted]
    return msgspec.structs.replace(scenario, steps=scenario.steps[: last + 1], expect=())
