"""Putting the ledger to the test: every claim under every release, and whether what is seen is what is stated."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Literal

import msgspec

from labkit.claims.condition import Evidence, look
from labkit.claims.ledger import Claim, Run
from labkit.errors import ArgumentError
from labkit.host.lacks import Lack
from labkit.host.program import Program
from labkit.record.knobs import Knobs
from labkit.record.scenario import Scenario, find_scenario
from labkit.record.trace import Trace
from labkit.runtimes.cells import Cell, lasting, play_cell
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.playable import lack_of, programs_of
from labkit.runtimes.release import version_text
from labkit.runtimes.sweep import Progress

_CUT_SHORT = "{} under {}: the run was stopped from outside, which says nothing about the release; try it again."

State = Literal["holds", "does-not-hold", "cannot-run", "failed"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A claim under one release.

    `evidence` has what each condition found; `problem` says why there is none: because the release cannot run the
    scenarios at all (`cannot-run`), or because something went wrong here (`failed`). `traces` are the runs by
    name.
    """

    runtime: str
    state: State
    evidence: tuple[Evidence, ...] = ()
    problem: str | None = None
    traces: dict[str, Trace] = {}

    @property
    def holds(self) -> bool | None:
        """Whether the claim holds there; None where that was not found out."""
        return self.state == "holds" if self.state in ("holds", "does-not-hold") else None

    @property
    def deciding(self) -> Evidence | None:
        """What decides it: the first condition that is not met, else the last one."""
        unmet = [evidence for evidence in self.evidence if not evidence.met]
        return unmet[0] if unmet else self.evidence[-1] if self.evidence else None


class Checked(msgspec.Struct, frozen=True):
    """A claim with what was found; `disagreements` are sentences, one for each release that is not as stated."""

    claim: Claim
    findings: tuple[Finding, ...]
    disagreements: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every release that was tried is as the ledger says."""
        return not self.disagreements

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong here, once each."""
        failed = [finding.problem for finding in self.findings if finding.state == "failed" and finding.problem]
        return tuple(dict.fromkeys(failed))


class Report(msgspec.Struct, frozen=True):
    """Every claim that was run, under every release of `runtimes`, and those that wait for a scenario."""

    runtimes: tuple[str, ...]
    checked: tuple[Checked, ...]
    waiting: tuple[Claim, ...]

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Everything that is not as the ledger says."""
        return tuple(sentence for checked in self.checked for sentence in checked.disagreements)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that could not be done, once each."""
        return tuple(dict.fromkeys(problem for checked in self.checked for problem in checked.problems))


def check(
    claims: Iterable[Claim],
    runtimes: Iterable[str],
    load: Callable[[str], Program],
    *,
    nursery: Nursery | None = None,
    on_cell: Progress = lambda _cell, _done, _all: None,
) -> Report:
    """Run every claim under every release, each scenario in a child process; what is known is not run again.

    Runs whose times are compared are always made anew, one after another, when the others are done. `on_cell` is
    told of each finished run, how many are done, and of how many. Children come from `nursery`, by default one for
    this check. What goes wrong in a run stays in its finding.
    Raises `ArgumentError` without releases, `RuntimeMissingError` for what is no version, `UnknownNameError` for
    a scenario or policy that does not exist.
    """
    asked = list(claims)
    versions = tuple(dict.fromkeys(version_text(version) for version in runtimes))
    if not versions:
        raise ArgumentError("A claim needs at least one Wasmtime release to be tried under.")
    tested = [claim for claim in asked if not claim.waiting]
    with contextlib.nullcontext(nursery) if nursery is not None else Nursery() as prepared:
        plays = _Cells(tested, versions, load, prepared)
        cells = plays.play(on_cell)
    checked = [
        _checked(claim, [_finding(claim, version, cells, plays.lack(claim, version)) for version in versions])
        for claim in tested
    ]
    return Report(versions, tuple(checked), tuple(claim for claim in asked if claim.waiting))


_Key = tuple[tuple[Run, ...], Run, str]
"""The runs whose times are compared (none for a run that is only looked at), the run, the release."""


def _key(claim: Claim, run: Run, version: str) -> _Key:
    return (tuple(claim.runs.values()) if claim.timed else (), run, version)


class _Cells:
    """Plays what a set of claims needs, each run once."""

    def __init__(
        self, claims: Sequence[Claim], versions: Sequence[str], load: Callable[[str], Program], nursery: Nursery
    ) -> None:
        self._nursery = nursery
        runs = {run for claim in claims for run in claim.runs.values()}
        self._scenarios = {run.scenario: find_scenario(run.scenario) for run in runs}
        names = dict.fromkeys(name for one in self._scenarios.values() for name in programs_of(one))
        self._programs = {name: load(name) for name in names}
        self._keys = list(
            dict.fromkeys(
                _key(claim, run, version)
                for claim in claims
                for version in versions
                for run in claim.runs.values()
            )
        )

    def play(self, on_cell: Progress) -> dict[_Key, Cell]:
        """Every cell that is needed; children run side by side unless their times are compared."""
        done: dict[_Key, Cell] = {}

        def note(key: _Key, cell: Cell) -> None:
            done[key] = cell
            on_cell(cell, len(done), len(self._keys))

        futures: dict[Future[Cell], _Key] = {}
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            try:
                for key in self._keys:
                    if not key[0]:
                        futures[pool.submit(self._play, key)] = key
                for future in as_completed(futures):
                    note(futures[future], future.result())
            finally:
                for future in futures:
                    future.cancel()
        for key in self._keys:
            if key[0]:
                note(key, self._play(key))
        return done

    def _play(self, key: _Key) -> Cell:
        compared, run, version = key
        scenario = self._scenarios[run.scenario]
        needed = self._needed(scenario)
        if lack_of(scenario, needed, version) is not None:
            # Neither a trace nor a problem: nothing went wrong, there is only nothing to play.
            return Cell(scenario.id, run.policy, version)
        knobs = Knobs(drop_on_error=True) if run.drop_on_error else None
        return play_cell(
            scenario, needed, version, run.policy, nursery=self._nursery, knobs=knobs, anew=bool(compared)
        )

    def lack(self, claim: Claim, version: str) -> Lack | None:
        """What `version` lacks to run the claim at all."""
        scenarios = [self._scenarios[run.scenario] for run in claim.runs.values()]
        lacks = (lack_of(scenario, self._needed(scenario), version) for scenario in scenarios)
        return next((lack for lack in lacks if lack is not None), None)

    def _needed(self, scenario: Scenario) -> dict[str, Program]:
        return {name: self._programs[name] for name in programs_of(scenario)}


def _finding(claim: Claim, version: str, cells: Mapping[_Key, Cell], lack: Lack | None) -> Finding:
    if lack is not None:
        return Finding(version, "cannot-run", problem=lack.since)
    found = {name: cells[_key(claim, run, version)] for name, run in claim.runs.items()}
    problem = next((cell.problem for cell in found.values() if cell.problem), None)
    if problem is not None:
        return Finding(version, "failed", problem=problem)
    traces = {name: cell.trace for name, cell in found.items() if cell.trace is not None}
    if not all(lasting(trace) for trace in traces.values()):
        return Finding(version, "failed", problem=_CUT_SHORT.format(claim.id, version), traces=traces)
    evidence = tuple(look(condition, traces) for condition in claim.when)
    state: State = "holds" if all(one.met for one in evidence) else "does-not-hold"
    return Finding(version, state, evidence, traces=traces)


def _checked(claim: Claim, findings: Sequence[Finding]) -> Checked:
    stated = claim.releases
    wrong = [one for one in findings if one.holds is not None and one.holds != (one.runtime in stated)]
    sentences = tuple(_disagreement(claim, finding) for finding in wrong)
    return Checked(claim, tuple(findings), sentences)


def _disagreement(claim: Claim, finding: Finding) -> str:
    deciding = finding.deciding
    did = "it did" if finding.holds else "it did not"
    seen = f": {deciding.seen}" if deciding else ""
    return f"{claim.id}: the ledger says it holds {claim.releases.sentence}; under {finding.runtime} {did}{seen}."
