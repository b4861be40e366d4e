"""A scenario: a trace without its outcomes, so that it can be run again anywhere.

Two ways to say who is called. A step without `instance` goes through a reuse policy, which decides the store; a
step with `instance` (and the `instantiate` steps that made it) names its own, and no policy applies.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from labkit import bounds, resources
from labkit.bounds import Name, Number, Pause, Text
from labkit.decodable import decodable
from labkit.errors import unknown
from labkit.host.engine import EngineSettings
from labkit.host.limits import Limits
from labkit.host.outcome import Kind
from labkit.host.wasi import Wasi
from labkit.record.knobs import Knobs
from labkit.record.trace import FORMAT, Trace

Arguments = Annotated[tuple[Any, ...], Meta(max_length=bounds.ARGUMENTS)]


class Reentry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A host function that calls `export` of the instance that called it."""

    export: Name
    args: Arguments = ()


NestedLoop = Literal["asyncio.run", "run_until_complete", "own-loop", "run_coroutine_threadsafe"]
"""Ways to wait for a coroutine in a function that is no coroutine."""


ClassName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=bounds.NAME)]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One answer of a host function: the value it returns, or the text and the class of what it raises."""

    returns: Any = None
    raises: Text | None = None
    exception: ClassName | None = None


class HostBehaviour(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the host function behind an import does, as data: wait, return a value, raise, or call back.

    `acquires` takes the host's lock of that name and raises while somebody holds it; `releases` gives it back. The
    locks belong to the play, so that they outlive every store. `asynchronous`: it is linked for asynchronous
    calls, and a synchronous caller is refused (up to Wasmtime 41: aborted) before it is asked. `closes`: it closes
    the store whose guest called it. `exception` is what the class of the exception that it raises is called.
    `answers`: what it answers call by call, in place of `returns` and `raises`; once they are used up, it raises.

    Before it does anything else than acquire, it may wait, in seconds. `blocks` keeps the thread, and with it the
    event loop; `in_thread` has another thread do that. `sleeps` waits as coroutines do. Where the function is
    none, `nested_loop` says how it waits for one all the same: by `asyncio.run`, by `run_until_complete` of the
    loop that is running, by a loop of its own, or for a task of the running loop (`run_coroutine_threadsafe`), for
    as long as `blocks` says.
    """

    returns: Any = None
    raises: Text | None = None
    exception: ClassName | None = None
    answers: Annotated[tuple[Answer, ...], Meta(max_length=bounds.ANSWERS)] = ()
    reenters: Reentry | None = None
    acquires: Name | None = None
    releases: Name | None = None
    asynchronous: bool = False
    closes: bool = False
    sleeps: Pause | None = None
    blocks: Pause | None = None
    in_thread: bool = False
    nested_loop: NestedLoop | None = None


class ScenarioStep(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing to do. Stores and instances are numbered in the order in which they first appear.

    `asynchronous`: it is awaited. `in_thread`: another thread makes the call, which is not awaited, and the event
    loop goes on. Such steps in a row with the same `together` are begun in their order and run at the same time.
    `cancel_after`: so many seconds after it was begun, whoever awaits a call stops waiting. `given`: instances of
    the same store whose exports answer imports of a new one, by the imports' module name. `wasi`: what the store
    that it opens gives to its guests, in place of the scenario's.
    """

    do: Literal["instantiate", "call", "close"] = "call"
    program: Name | None = None
    store: Number | None = None
    instance: Number | None = None
    export: Name | None = None
    args: Arguments = ()
    caller: Text | None = None
    asynchronous: bool = False
    in_thread: bool = False
    together: Name | None = None
    cancel_after: Pause | None = None
    given: Annotated[dict[Name, Number], Meta(max_length=bounds.IMPORTS)] = {}
    wasi: Wasi | None = None


@decodable
class Scenario(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Steps to run, the guest they are for and the policy they run under unless another is asked for.

    `knobs` are the policy's. `imports` maps an import's path to what its host function does. `expect` lists the
    outcome kinds of the call steps, in order, under `policy` and the pinned runtime; the tests run it. `in_loop`:
    an event loop runs on the thread that takes the steps, as in a notebook, also if it awaits none of them.
    `wasi`: what every store gives to its guests, each time anew.
    """

    id: Name
    title: Text
    guest: Text
    steps: Annotated[tuple[ScenarioStep, ...], Meta(max_length=bounds.STEPS)]
    format: int = FORMAT
    shows: Text = ""
    policy: Name | None = None
    knobs: Knobs = Knobs()
    imports: Annotated[dict[Name, HostBehaviour], Meta(max_length=bounds.IMPORTS)] = {}
    limits: Limits = Limits()
    engine: EngineSettings = EngineSettings()
    in_loop: bool = False
    wasi: Wasi | None = None
    expect: Annotated[tuple[Kind, ...], Meta(max_length=bounds.STEPS)] = ()

    @property
    def family(self) -> str:
        """`01-poisoned-component/story` → `01-poisoned-component`."""
        return self.id.partition("/")[0]

    @property
    def program_names(self) -> tuple[str, ...]:
        """The names of the programs it needs, in order."""
        named = [step.program for step in self.steps if step.do == "instantiate" and step.program]
        return tuple(dict.fromkeys([self.guest, *named]))

    @property
    def names_stores(self) -> bool:
        """Whether its steps name their own stores, so that no reuse policy applies."""
        return any(step.do != "call" or step.instance is not None for step in self.steps)

    @property
    def mixes_async(self) -> bool:
        """Whether anything in it is asynchronous, so that it may meet something that is not."""
        coroutines = any(how.asynchronous for how in self.imports.values())
        yields = self.engine.epoch_yield or self.engine.fuel_yield is not None
        return coroutines or yields or self.engine.async_support or self.awaits

    @property
    def needs_loop(self) -> bool:
        """Whether it needs an event loop: for itself, or for a step that does not hold it up."""
        return self.in_loop or self.awaits or any(step.in_thread for step in self.steps)

    @property
    def awaits(self) -> bool:
        """Whether any of its steps is awaited."""
        return any(step.asynchronous for step in self.steps)

    @property
    def nests_loops(self) -> bool:
        """Whether a host function starts an event loop, or wants to."""
        return any(how.nested_loop is not None for how in self.imports.values())

    def within(self, ceiling: Limits) -> Scenario:
        """The same steps under limits that are no looser than `ceiling`, whatever the scenario asks for."""
        counted = self.engine.fuel or ceiling.fuel is not None
        return msgspec.structs.replace(
            self,
            limits=self.limits.within(ceiling),
            engine=msgspec.structs.replace(self.engine, fuel=counted),
        )

    def to_json(self) -> str:
        """The scenario as JSON, indented for people."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()


@decodable
class _Family(msgspec.Struct):
    scenario: list[Scenario]


def scenarios() -> dict[str, Scenario]:
    """The shipped scenarios by id, in the order of their files."""
    found: dict[str, Scenario] = {}
    for path in sorted(resources.scenarios_dir().glob("*.toml")):
        family = resources.read_toml(path, _Family, "scenario")
        found |= {scenario.id: scenario for scenario in family.scenario}
    return found


def find_scenario(name: str) -> Scenario:
    """The shipped scenario with this id; raises `UnknownNameError` with the nearest ids."""
    known = scenarios()
    if name not in known:
        raise unknown("scenario", name, known)
    return known[name]


def scenario_of(trace: Trace, *, name: str, title: str) -> Scenario:
    """What was done in `trace`, without what came of it.

    If every step was made by one reuse policy, the scenario asks for that policy again; otherwise it names the
    stores as they were. Calls that a host function made come back through that host function and are left out.
    Awaited steps are awaited again, one after another, on an engine that releases up to 41 can do that with. All
    the others are taken on one thread. What stores gave to their guests they give again, as it was at first.
    """
    steps = [step for step in trace if step.inside is None]
    used = {step.store for step in steps}
    given = [store.wasi for store in trace.stores if store.id in used]
    alike = all(wasi == given[0] for wasi in given)
    policy = trace.policy if alike and all(step.runner for step in steps) else None
    if policy is not None:
        calls = [s for s in steps if s.do == "call"]
        kept = [ScenarioStep(export=s.export, args=s.args, caller=s.caller) for s in calls]
    else:
        kept = _explicit(trace, {} if alike else {store.id: store.wasi for store in trace.stores})
    guest = steps[0].program if steps else ""
    engine = EngineSettings(async_support=any(step.awaited for step in steps))
    wasi = given[0] if given and alike else None
    return Scenario(id=name, title=title, guest=guest, steps=tuple(kept), policy=policy, engine=engine, wasi=wasi)


def _explicit(trace: Trace, given: dict[int, Wasi | None]) -> list[ScenarioStep]:
    """Its steps; `given` is what each store gives, to be said in the step that opens the store."""
    kept: list[ScenarioStep] = []
    for step in trace:
        if step.inside is None:
            kept.append(
                ScenarioStep(
                    do=step.do,
                    program=step.program if step.do == "instantiate" else None,
                    store=step.store if step.do == "instantiate" else None,
                    instance=step.instance,
                    export=step.export,
                    args=step.args,
                    caller=step.caller,
                    asynchronous=step.awaited,
                    given=step.given,
                    wasi=given.pop(step.store, None) if step.do == "instantiate" else None,
                )
            )
        closed = [store.id for store in trace.stores if store.closed_after == step.n]
        kept.extend(ScenarioStep(do="close", store=store) for store in closed)
    return kept
