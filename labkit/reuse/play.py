"""Plays a scenario and gives back its trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.errors import ArgumentError, FormatError
from labkit.host.engine import Engine
from labkit.host.instance import Instance
from labkit.host.program import Program
from labkit.host.store import HostFunction, Store
from labkit.record.recorder import Listener, Recorder
from labkit.record.scenario import HostBehaviour, Reentry, Scenario, ScenarioStep
from labkit.record.trace import Trace
from labkit.reuse.policy import Knobs, policy_info
from labkit.reuse.runner import Runner

Load = Callable[[str], Program]


class ScenarioError(Exception):
    """Raised by a scenario's own host function; its text is the scenario's."""


def play(
    scenario: Scenario,
    load: Load,
    *,
    policy: str | None = None,
    knobs: Knobs | None = None,
    engine: Engine | None = None,
    listener: Listener | None = None,
    sheltered: bool = False,
) -> Trace:
    """Run every step of `scenario`, with programs from `load`, and return the trace.

    `engine` is used if its settings are the scenario's, so that repeated plays need not compile again.
    `listener` is told of every step as it begins and as it ends. `sheltered`: this process may die.
    Raises `ArgumentError` if `policy` is given for a scenario that names its own stores, `FormatError` if a step
    refers to something that no step before it made, `UnsafeError` if the scenario could abort this process.
    """
    chosen = policy_for(scenario, policy)
    if engine is not None and engine.settings == scenario.engine:
        return _play(scenario, load, engine, chosen, knobs, listener)
    with Engine(scenario.engine, sheltered=sheltered) as own:
        return _play(scenario, load, own, chosen, knobs, listener)


def policy_for(scenario: Scenario, asked: str | None = None) -> str | None:
    """The reuse policy `scenario` runs under when `asked` is asked for; None when it names its own stores.

    Raises `ArgumentError` if a policy is asked for that cannot apply, `UnknownNameError` for one that is none.
    """
    own_stores = any(step.do != "call" or step.instance is not None for step in scenario.steps)
    if own_stores and asked is not None:
        raise ArgumentError(f"{scenario.id} names its own stores, so no reuse policy applies; leave it out.")
    return None if own_stores else policy_info(asked or scenario.policy or "keep").name


def _play(
    scenario: Scenario,
    load: Load,
    engine: Engine,
    policy: str | None,
    knobs: Knobs | None,
    listener: Listener | None,
) -> Trace:
    if scenario.mixes_async:
        engine.check_shelter()
    recorder = Recorder(engine.release.version, policy=policy, scenario=scenario.id, listener=listener)
    player = _Player(scenario, load, engine, recorder)
    try:
        if policy is None:
            player.play_stores()
        else:
            player.play_policy(policy, knobs)
    finally:
        player.close()
    return recorder.trace()


class _Player:
    def __init__(self, scenario: Scenario, load: Load, engine: Engine, recorder: Recorder) -> None:
        self._scenario = scenario
        self._load = load
        self._engine = engine
        self._recorder = recorder
        self._stores: dict[int, Store] = {}
        self._instances: dict[int, Instance] = {}
        self._calling: list[Callable[..., Any]] = []
        self._held: set[str] = set()
        self._imports = {path: self._host(how) for path, how in scenario.imports.items()}

    def _host(self, how: HostBehaviour) -> HostFunction:
        def answer(*_args: Any) -> Any:
            if how.raises is not None:
                raise ScenarioError(how.raises)
            if how.acquires is not None:
                self._acquire(how.acquires)
            if how.releases is not None:
                self._release(how.releases)
            if how.reenters is not None:
                self._reenter(how.reenters)
            return how.returns

        async def answer_later(*args: Any) -> Any:
            return answer(*args)

        return answer_later if how.asynchronous else answer

    def _acquire(self, lock: str) -> None:
        if lock in self._held:
            raise ScenarioError(f"{lock} is locked")
        self._held.add(lock)

    def _release(self, lock: str) -> None:
        if lock not in self._held:
            raise ScenarioError(f"{lock} is not locked")
        self._held.remove(lock)

    def _reenter(self, how: Reentry) -> None:
        self._calling[-1](how.export, *how.args)

    def play_policy(self, policy: str, knobs: Knobs | None) -> None:
        program = self._load(self._scenario.guest)
        with Runner(
            self._engine,
            self._recorder,
            program,
            policy=policy,
            knobs=knobs,
            imports=self._imports,
            limits=self._scenario.limits,
        ) as runner:
            for step in self._scenario.steps:
                self._call(step, runner.call)

    def play_stores(self) -> None:
        for step in self._scenario.steps:
            match step.do:
                case "instantiate":
                    self._instantiate(step)
                case "close":
                    self._store(step.store).close()
                case "call":
                    instance = self._instances.get(step.instance or 0)
                    if instance is None:
                        raise FormatError(
                            f"{self._scenario.id} calls instance {step.instance}, which no step before made."
                        )
                    self._call(step, instance.call)

    def _instantiate(self, step: ScenarioStep) -> None:
        program = self._load(step.program or self._scenario.guest)
        instance = self._store(step.store).instantiate(program, caller=step.caller)
        self._instances[step.instance or len(self._instances) + 1] = instance

    def _store(self, number: int | None) -> Store:
        number = number or 1
        if number not in self._stores:
            self._stores[number] = Store(
                self._engine, self._recorder, imports=self._imports, limits=self._scenario.limits
            )
        return self._stores[number]

    def _call(self, step: ScenarioStep, call: Callable[..., Any]) -> None:
        if step.export is None:
            raise FormatError(f"{self._scenario.id} has a call step without an export.")
        self._calling.append(call)
        try:
            call(step.export, *step.args, caller=step.caller)
        finally:
            self._calling.pop()

    def close(self) -> None:
        for store in self._stores.values():
            store.close()
