"""What a lab did, or a scenario, under other Wasmtime releases than the lab's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from labkit.claims import check, find_claims, releases_here
from labkit.errors import ArgumentError, RuntimeDamagedError, RuntimeMissingError
from labkit.guests import find_shrinker
from labkit.host import Engine, EngineSettings, Limits, Program
from labkit.host.versions import FIRST_WITH_COMPONENTS, Release
from labkit.notice import Notice
from labkit.record import Repro, Scenario, Trace, explain, find_scenario, scenarios
from labkit.record.repro import make_repro
from labkit.replays import scenario_to_replay
from labkit.repros import Reduction, Replay, record_repro, reduce_repro, replay
from labkit.reuse import Knobs
from labkit.runtimes import (
    Cell,
    Change,
    ChildLimits,
    NoChange,
    Nursery,
    Runtime,
    add_runtime,
    check_playable,
    find_change_in_family,
    in_order,
    installed_runtimes,
    matrix,
    own_version,
    play_cell,
    programs_of,
    rows_to_play,
    run_in_child,
)
from labkit.runtimes.fetch import Say
from labkit.runtimes.release import version_text
from labkit.runtimes.sweep import Progress
from labkit.shelf import Shelf

# The views, and matplotlib with them, are loaded by who shows something: a sandbox has a lab and shows nothing.
if TYPE_CHECKING:
    from labkit.views import AsyncSwitch, BlastRadius, ClaimsView, MatrixView, Releases, VersionSwitch

What = str | Scenario | Trace | Repro
"""Something to play: the id of a shipped scenario, or a scenario, trace or repro itself."""

Wanted = str | Scenario | Repro
"""Something to play under many releases: the id of a scenario or a family, or a scenario or repro itself."""

Build = Callable[[str], Program]
Brought = dict[str, Mapping[str, Program]]


class Playable(NamedTuple):
    """A scenario, where its programs come from, and what to call it."""

    scenario: Scenario
    load: Build
    title: str


class Elsewhere:
    """Plays a lab's things under other releases; `limits` and the engine's settings are the lab's."""

    def __init__(self, engine: Engine, limits: Limits, shelf: Shelf, build: Build, nursery: Nursery) -> None:
        self._engine = engine
        self._nursery = nursery
        self._limits = limits
        self._shelf = shelf
        self._build = build

    def playable(self, what: What) -> Playable:
        """A scenario by its id or your own, or what was done in a trace or repro, with exactly its programs."""
        if isinstance(what, Trace):
            return self._replay(what)
        if isinstance(what, Repro):
            return Playable(what.scenario, what.programs.__getitem__, what.title)
        wanted = find_scenario(what) if isinstance(what, str) else what
        return Playable(wanted, self._loader([wanted]), wanted.title)

    def _replay(self, trace: Trace) -> Playable:
        programs = self._shelf.of_trace(trace)
        codes = [self._engine.compile(program) for program in programs.values()]
        paths = {path: None for code in codes for path in code.imports if path not in code.others}
        scenario = scenario_to_replay(
            trace,
            paths,
            name=trace.scenario or "replay",
            title="What was done in the lab",
            limits=self._limits,
            engine=EngineSettings(fuel=self._limits.fuel is not None),
        )
        return Playable(scenario, programs.__getitem__, scenario.title)

    def _loader(self, wanted: Sequence[Scenario]) -> Build:
        """Shipped scenarios name guests of the catalogue; one's own may name any program of the lab."""
        shipped = scenarios()
        return self._build if all(shipped.get(one.id) == one for one in wanted) else self._shelf.named

    def releases(self, asked: Sequence[str]) -> Releases:
        """See `Lab.releases`."""
        from labkit.views import Releases

        with Notice("fetching") as notice:
            for version in asked:
                add_runtime(version, notice)
        return Releases(installed_runtimes())

    def record(self, what: What) -> Repro:
        """What a repro of it holds: a trace as it is; a scenario is played in a child process for it."""
        if isinstance(what, Repro):
            return what
        found = self.playable(what)
        programs = {name: found.load(name) for name in found.scenario.program_names}
        if isinstance(what, Trace):
            return make_repro(found.scenario, what, programs)
        return record_repro(found.scenario, programs, Runtime(own_version()), nursery=self._nursery)

    def replay(self, repro: Repro, version: str, limits: ChildLimits | None = None) -> Replay:
        """See `Lab.replay`."""
        check_playable(repro.scenario, repro.programs, version)
        with Notice("preparing") as notice:
            release = add_runtime(version, notice)
        return replay(repro, release, limits=limits, nursery=self._nursery)

    def reduce(self, repro: Repro, step: int | None, runs: int, seconds: float, shrink: bool) -> Reduction:
        """See `Lab.reduce`."""
        with Notice("reducing") as notice:
            release = add_runtime(repro.trace.runtime, notice)
            return reduce_repro(
                *(repro, release),
                step=step,
                runs=runs,
                seconds=seconds,
                shrink=shrink,
                shrinker=find_shrinker(),
                nursery=self._nursery,
                say=notice,
            )

    def run(
        self, what: What, version: str, policy: str | None, limits: ChildLimits | None, knobs: Knobs | None
    ) -> Trace:
        """See `Lab.run`."""
        wanted, load, _title = self.playable(what)
        programs = {name: load(name) for name in programs_of(wanted)}
        check_playable(wanted, programs, version)
        with Notice("preparing") as notice:
            release = add_runtime(version, notice)
        return run_in_child(
            wanted, programs, release, policy=policy, knobs=knobs, limits=limits, nursery=self._nursery
        )

    def bisect(
        self, what: What, policy: str | None, step: int | None, releases: Sequence[str] | None
    ) -> Change | NoChange:
        """See `Lab.bisect`."""
        found = self.playable(what)
        family = _families(what)[0] if isinstance(what, str) else [found.scenario]
        with Notice("bisecting") as notice:
            return find_change_in_family(
                family, found.load, policy=policy, step=step, releases=releases, say=notice
            )

    def claims(self, releases: str | Sequence[str] | None, family: str | None) -> ClaimsView:
        """See `Lab.claims`."""
        from labkit.views import ClaimsView

        wanted = find_claims([] if family is None else [family])
        with Notice("trying the claims") as notice:
            if releases is None:
                versions = list(releases_here())
            else:
                asked = releases.split(",") if isinstance(releases, str) else releases
                versions = [add_runtime(version, notice).version for version in asked]
            report = check(
                wanted,
                versions,
                self._build,
                nursery=self._nursery,
                on_cell=lambda _cell, done, total: notice(f"{done} of {total} runs"),
            )
        return ClaimsView(report)

    def matrix(
        self,
        asked: Wanted | Sequence[Wanted],
        releases: str | Sequence[str] | None,
        policies: str | Sequence[str],
        executor: Executor | None = None,
    ) -> MatrixView:
        """See `Lab.matrix`."""
        from labkit.views import MatrixView

        wanted, brought = _families(asked)
        names = [policies] if isinstance(policies, str) else policies
        rows = rows_to_play(wanted, names)
        versions, missing = _fetched(releases)
        if not versions or not rows:
            raise ArgumentError("A matrix needs at least one scenario and one Wasmtime release.")
        load = self._loader([one for one in wanted if one.id not in brought])
        view = MatrixView(rows, versions, explain)

        def play(on_cell: Progress) -> None:
            tell = _explaining(on_cell, missing)
            matrix(
                *(wanted, versions, load),
                brought=brought,
                policies=names,
                executor=executor,
                nursery=self._nursery,
                on_cell=tell,
            )

        view.fill(play)
        return view

    def switch(self, what: What, releases: str | Sequence[str] | None, policy: str | None) -> VersionSwitch:
        """See `Lab.version_switch`."""
        from labkit.views import VersionSwitch

        found = self.playable(what)
        ((_, chosen),) = rows_to_play([found.scenario], [policy] if policy else [])
        programs = {name: found.load(name) for name in programs_of(found.scenario)}
        versions, missing = _fetched(releases)
        own = own_version()

        def run(version: str) -> Cell:
            return _explained(play_cell(found.scenario, programs, version, chosen, nursery=self._nursery), missing)

        def add(version: str, say: Say) -> Runtime:
            check_playable(found.scenario, programs, version)
            return add_runtime(version, say)

        title = f"{found.title}, policy {chosen}" if chosen else found.title
        return VersionSwitch(title, run, add, list(dict.fromkeys([*versions, own])), own, explain)

    def async_switch(self, releases: str | Sequence[str] | None) -> AsyncSwitch:
        """See `Lab.async_switch`."""
        from labkit.views import AsyncSwitch

        # Its guest is a core module, which every release runs.
        versions, missing = (installed_runtimes(), {}) if releases is None else _fetched(releases)
        if not versions:
            raise ArgumentError("Name at least one Wasmtime release, such as 41.0.0.")

        def play(scenario: Scenario, wanted: Sequence[str], on_cell: Progress) -> None:
            tell = _explaining(on_cell, missing)
            matrix([scenario], wanted, self._build, nursery=self._nursery, on_cell=tell)

        view = AsyncSwitch(play, in_order(versions), own_version(), explain)
        view.fill()
        return view

    def poisoning_scope(self, releases: str | Sequence[str] | None) -> BlastRadius:
        """See `Lab.poisoning_scope`."""
        from labkit.views import by_release

        wanted = find_scenario("01-poisoned-component/poisoning-scope")
        versions, missing = _fetched(releases)
        with Notice("playing") as notice:
            result = matrix(
                [wanted],
                versions,
                self._build,
                nursery=self._nursery,
                on_cell=lambda _cell, done, total: notice(f"{done} of {total}"),
            )
        return by_release([_explained(cell, missing) for cell in result.rows[0].cells])


def _families(asked: Wanted | Sequence[Wanted]) -> tuple[list[Scenario], Brought]:
    """The scenarios asked for, each once, and what repros bring; a family's id stands for all of it."""
    wanted: dict[str, Scenario] = {}
    brought: Brought = {}
    for what in [asked] if isinstance(asked, str | Scenario | Repro) else asked:
        programs = what.programs if isinstance(what, Repro) else None
        if isinstance(what, Repro):
            what = what.scenario
        first = find_scenario(what) if isinstance(what, str) else what
        family = [first]
        if isinstance(what, str) and "/" not in what:
            family += [scenario for scenario in scenarios().values() if scenario.family == what]
        for scenario in family:
            known = scenario.id in wanted and brought.get(scenario.id) != programs
            if wanted.setdefault(scenario.id, scenario) != scenario or known:
                raise ArgumentError(f"Two different scenarios are called {scenario.id}; rename one of them.")
            if programs is not None:
                brought[scenario.id] = programs
    return list(wanted.values()), brought


def _fetched(asked: str | Sequence[str] | None) -> tuple[list[str], dict[str, str]]:
    """The releases to play under, and why some of those asked for could not be fetched."""
    if asked is None:
        return [v for v in installed_runtimes() if Release(v).major >= FIRST_WITH_COMPONENTS], {}
    versions = list(dict.fromkeys(version_text(v) for v in ([asked] if isinstance(asked, str) else asked)))
    missing = {}
    with Notice("preparing") as notice:
        for version in versions:
            try:
                add_runtime(version, notice)
            except (RuntimeMissingError, RuntimeDamagedError) as error:
                missing[version] = str(error)
    return versions, missing


def _explaining(on_cell: Progress, missing: Mapping[str, str]) -> Progress:
    def tell(cell: Cell, done: int, total: int) -> None:
        on_cell(_explained(cell, missing), done, total)

    return tell


def _explained(cell: Cell, missing: Mapping[str, str]) -> Cell:
    """A cell whose release is missing says why it could not be fetched, not merely that it is not here."""
    if cell.problem and cell.runtime in missing:
        return msgspec.structs.replace(cell, problem=missing[cell.runtime])
    return cell
