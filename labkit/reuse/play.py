"""Plays a scenario and gives back its trace."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from labkit.errors import ArgumentError, FormatError
from labkit.host.engine import Engine
from labkit.host.instance import Instance
from labkit.host.observer import Observer
from labkit.host.program import Program
from labkit.host.store import Store
from labkit.host.wasi import Wasi
from labkit.record.knobs import Knobs
from labkit.record.recorder import Listener, Recorder
from labkit.record.scenario import Guarding, Scenario, ScenarioStep
from labkit.record.trace import Trace
from labkit.reuse.guard import Abort, Guard
from labkit.reuse.heartbeat import Heartbeat
from labkit.reuse.host_side import HostSide
from labkit.reuse.loops import in_a_loop, without_loop
from labkit.reuse.policy import policy_info
from labkit.reuse.runner import Runner, Watch

Load = Callable[[str], Program]


def play(
    scenario: Scenario,
    load: Load,
    *,
    policy: str | None = None,
    knobs: Knobs | None = None,
    engine: Engine | None = None,
    listener: Listener | None = None,
    sheltered: bool = False,
    kept: Path | None = None,
    watch: Watch | None = None,
) -> Trace:
    """Run every step of `scenario`, with programs from `load`, and return the trace.

    `engine` is used if its settings are the scenario's, so that repeated plays need not compile again.
    `listener` is told of every step as it begins and as it ends, `watch` of instances while they can be looked
    into. `sheltered`: this process may die. `kept`: a folder for machine code. Awaited steps run in an event loop
    of their own, on a thread of their own where one is running already. `knobs` take the place of the scenario's.
    Raises `ArgumentError` if `policy` is given for a scenario that names its own stores, `FormatError` if a step
    refers to something that no step before it made, `UnsafeError` if the scenario could abort this process.
    """
    chosen = policy_for(scenario, policy)
    if engine is not None and engine.settings == scenario.engine:
        return _play(scenario, load, engine, chosen, knobs, listener, watch)
    with Engine(scenario.engine, sheltered=sheltered, kept=kept) as own:
        return _play(scenario, load, own, chosen, knobs, listener, watch)


def policy_for(scenario: Scenario, asked: str | None = None) -> str | None:
    """The reuse policy `scenario` runs under when `asked` is asked for; None when it names its own stores.

    Raises `ArgumentError` if a policy is asked for that cannot apply, `UnknownNameError` for one that is none.
    """
    if not scenario.takes_policy and asked is not None:
        why = "calls its guest through a guard" if scenario.guard else "names its own stores"
        raise ArgumentError(f"{scenario.id} {why}, so no reuse policy applies; leave it out.")
    return policy_info(asked or scenario.policy or "keep").name if scenario.takes_policy else None


def _play(
    scenario: Scenario,
    load: Load,
    engine: Engine,
    policy: str | None,
    knobs: Knobs | None,
    listener: Listener | None,
    watch: Watch | None,
) -> Trace:
    if scenario.mixes_async:
        engine.check_shelter()
    recorder = Recorder(engine.release.version, policy=policy, scenario=scenario.id, listener=listener)
    if scenario.needs_loop:
        _play_in_loop(scenario, load, engine, recorder, watch)
        return recorder.trace()
    with _Player(scenario, load, engine, recorder, watch) as player:

        def steps() -> None:
            if scenario.guard is not None:
                player.play_guarded(scenario.guard, recorder.trace)
            elif policy is None:
                player.play_stores()
            else:
                player.play_policy(policy, knobs)

        if scenario.nests_loops:
            without_loop(steps)
        else:
            steps()
    return recorder.trace()


def _play_in_loop(scenario: Scenario, load: Load, engine: Engine, recorder: Recorder, watch: Watch | None) -> None:
    if not scenario.names_stores:
        raise FormatError(f"{scenario.id} needs an event loop, where no reuse policy applies; name instances.")
    heartbeat = Heartbeat(recorder)
    with _Player(scenario, load, engine, heartbeat, watch) as player:
        # Building and compiling keep the loop as well, and are none of the steps.
        player.prepare()

        async def steps() -> None:
            async with heartbeat:
                for group in _groups(scenario.steps):
                    await player.play_together(group)
                    await heartbeat.beat()

        in_a_loop(steps)


def _groups(steps: tuple[ScenarioStep, ...]) -> Iterator[list[ScenarioStep]]:
    """Steps that run at the same time; most run alone."""
    for name, group in itertools.groupby(steps, key=lambda step: step.together):
        if name is None:
            yield from ([step] for step in group)
        else:
            yield list(group)


class _Player:
    def __init__(
        self, scenario: Scenario, load: Load, engine: Engine, observer: Observer, watch: Watch | None
    ) -> None:
        self._watch = watch or (lambda _instance: None)
        self._scenario = scenario
        self._load = load
        self._engine = engine
        self._observer = observer
        self._stores: dict[int, Store] = {}
        self._instances: dict[int, Instance] = {}
        self._host = HostSide()
        self._imports = {path: self._host.function(how) for path, how in scenario.imports.items()}

    def play_policy(self, policy: str, knobs: Knobs | None) -> None:
        program = self._load(self._scenario.guest)
        with Runner(
            self._engine,
            self._observer,
            program,
            policy=policy,
            knobs=knobs or self._scenario.knobs,
            imports=self._imports,
            limits=self._scenario.limits,
            wasi=self._scenario.wasi,
            watch=self._watch,
        ) as runner:
            for step in self._scenario.steps:
                with self._host.calling(runner.call):
                    runner.call(self._export(step), *step.args, caller=step.caller)

    def play_guarded(self, guarding: Guarding, trace: Callable[[], Trace]) -> None:
        program = self._load(self._scenario.guest)
        with Guard(
            self._engine,
            self._observer,
            program,
            trace=trace,
            imports=self._imports,
            limits=self._scenario.limits,
            wasi=self._scenario.wasi,
        ) as guard:

            def hook(_abort: Abort) -> None:
                for call in guarding.on_abort:
                    guard.call(call.export, *call.args, caller="the hook")

            guard.on_abort(hook)
            for step in self._scenario.steps:
                if step.do == "reinit":
                    guard.schedule_reinit()
                    continue
                with self._host.calling(guard.call):
                    guard.call(self._export(step), *step.args, caller=step.caller)

    def prepare(self) -> None:
        """Compile whatever the steps instantiate."""
        for step in self._scenario.steps:
            if step.do == "instantiate":
                self._engine.compile(self._program(step))

    def play_stores(self) -> None:
        for step in self._scenario.steps:
            self._do(step)

    async def play_together(self, steps: list[ScenarioStep]) -> None:
        """Each step in a task of its own; what one of them raises is raised when all have ended."""
        done = await asyncio.gather(*(self._await(step) for step in steps), return_exceptions=True)
        for result in done:
            if result is not None:
                raise result

    async def _await(self, step: ScenarioStep) -> None:
        if step.in_thread:
            await asyncio.to_thread(self._do, step)
        elif not step.asynchronous:
            self._do(step)
        elif step.do == "instantiate":
            store = self._store(step.store, step.wasi)
            program, given = self._program(step), self._given(step)
            self._keep(step, await store.instantiate_async(program, caller=step.caller, given=given))
        else:
            instance = self._instance(step)
            with self._host.calling(instance.call, instance.store.close), contextlib.suppress(TimeoutError):
                async with asyncio.timeout(step.cancel_after):
                    await instance.call_async(self._export(step), *step.args, caller=step.caller)
            self._watch(instance)

    def _do(self, step: ScenarioStep) -> None:
        match step.do:
            case "instantiate":
                store = self._store(step.store, step.wasi)
                made = store.instantiate(self._program(step), caller=step.caller, given=self._given(step))
                self._keep(step, made)
            case "close":
                self._store(step.store).close()
            case "call":
                instance = self._instance(step)
                with self._host.calling(instance.call, instance.store.close):
                    instance.call(self._export(step), *step.args, caller=step.caller)
                self._watch(instance)

    def _given(self, step: ScenarioStep) -> dict[str, Instance]:
        return {module: self._made(number) for module, number in step.given.items()}

    def _program(self, step: ScenarioStep) -> Program:
        return self._load(step.program or self._scenario.guest)

    def _keep(self, step: ScenarioStep, instance: Instance) -> None:
        self._instances[step.instance or len(self._instances) + 1] = instance
        self._watch(instance)

    def _store(self, number: int | None, wasi: Wasi | None = None) -> Store:
        number = number or 1
        if number not in self._stores:
            self._stores[number] = Store(
                self._engine,
                self._observer,
                imports=self._imports,
                limits=self._scenario.limits,
                wasi=wasi or self._scenario.wasi,
            )
        return self._stores[number]

    def _instance(self, step: ScenarioStep) -> Instance:
        return self._made(step.instance)

    def _made(self, number: int | None) -> Instance:
        instance = self._instances.get(number or 0)
        if instance is None:
            raise FormatError(f"{self._scenario.id} uses instance {number}, which no step before made.")
        return instance

    def _export(self, step: ScenarioStep) -> str:
        if step.export is None:
            raise FormatError(f"{self._scenario.id} has a call step without an export.")
        return step.export

    def __enter__(self) -> _Player:
        return self

    def __exit__(self, *_exc: object) -> None:
        for store in self._stores.values():
            store.close()
