"""A session: everything somebody wants done with a program, as data, and what comes of it.

Nothing lives on between two plays. What is to be done is a scenario, played from its beginning by a child each
time, so that any policy and any release can be put in its place, nothing a guest does reaches this process, and
what was seen can be saved as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import msgspec

from labkit import bounds, resources
from labkit.errors import ArgumentError, unknown
from labkit.explore.literals import parse, parse_arguments, parse_call
from labkit.explore.profile import LIMITS, Profile, check_callable
from labkit.host import Limits, Program, Signature, Wasi
from labkit.host.exports import find_export
from labkit.inspect import MemoryDiff
from labkit.record import Repro, Scenario, Trace
from labkit.record.repro import make_repro
from labkit.record.scenario import HostBehaviour, ScenarioStep
from labkit.runtimes import ChildLimits, Nursery, add_runtime, own_version, run_in_child

SECONDS = 10.0
"""Wall time of one call."""


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call to make: an export by its path, with plain data as arguments."""

    export: str
    args: tuple[Any, ...] = ()


class Played(msgspec.Struct, frozen=True):
    """What came of a session: the trace, and by step what changed in the memory a core module exports."""

    trace: Trace
    memories: dict[int, MemoryDiff]


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Calls of one program under one policy, with what its host gives it.

    `stubs` say by import what the host answers: `HostBehaviour(returns=…)` or `raises`. An import that is left out
    stops the guest that calls it. Either way the trace has the call with its arguments. A call takes `seconds` at
    most.
    """

    program: Program
    profile: Profile
    calls: tuple[Call, ...] = ()
    policy: str = "keep"
    stubs: dict[str, HostBehaviour] = {}
    wasi: Wasi | None = None
    seconds: float = SECONDS

    def function(self, name: str) -> Signature:
        """The export meant by `name`; raises `UnknownNameError`, or `ProgramError` if nothing can be called."""
        check_callable(self.profile)
        exports = {one.path: one for one in self.profile.interface.exports}
        path = find_export(name, exports) or name
        if path not in exports:
            raise unknown(f"export of {self.program.name}", name, exports)
        return exports[path]

    def call(self, text: str) -> Call:
        """A call from text such as `process-input(101)`; raises `UnknownNameError` or `ArgumentError`."""
        name, args = parse_call(text)
        signature = self.function(name)
        return Call(signature.path, parse_arguments(signature, args))

    def then(self, *calls: Call) -> Session:
        """The same with further calls."""
        return msgspec.structs.replace(self, calls=(*self.calls, *calls))

    def with_stubs(self, values: Mapping[str, str]) -> Session:
        """The same with imports that return values, each written as people type it; empty text is no value.

        Raises `UnknownNameError` for what is no unmet import that is a function, `ArgumentError` for a value that
        does not fit, or where there is no such import.
        """
        added = {path: self._returning(path, text) for path, text in values.items()}
        return msgspec.structs.replace(self, stubs=self.stubs | added)

    def _returning(self, path: str, text: str) -> HostBehaviour:
        if not self.profile.interface.unmet:
            raise ArgumentError(f"{self.program.name} has no import that needs a stub.")
        if path not in self.profile.interface.unmet:
            raise unknown(f"import of {self.program.name} to stub", path, self.profile.interface.unmet)
        result = next(one.result for one in self.profile.interface.wants if one.path == path)
        if result is None:
            if text.strip():
                raise ArgumentError(f"{path} returns nothing; leave its value empty.")
            return HostBehaviour()
        return HostBehaviour(returns=parse(result, text, f"the result of {path}"))

    def scenario(self) -> Scenario:
        """All of it as a scenario; raises `ArgumentError` for an async export under another policy than `keep`."""
        awaited = {one.path for one in self.profile.interface.exports if one.asynchronous}
        steps = tuple(ScenarioStep(export=call.export, args=call.args) for call in self.calls)
        policy: str | None = self.policy
        if awaited & {call.export for call in self.calls}:
            if self.policy != "keep":
                names = ", ".join(sorted(awaited))
                raise ArgumentError(f"{names} is async, and awaited calls have no reuse policy but keep.")
            policy = None
            made = ScenarioStep(do="instantiate", program=self.program.name, store=1, instance=1)
            calls = (
                msgspec.structs.replace(step, instance=1, asynchronous=step.export in awaited) for step in steps
            )
            steps = (made, *calls)
        return Scenario(
            id=self.program.name[: bounds.NAME],
            title=f"Calls of {self.program.name}",
            guest=self.program.name,
            steps=steps,
            policy=policy,
            imports=self.stubs,
            limits=Limits(seconds=self.seconds, memory=2**30),
            engine=self.profile.interface.settings,
            wasi=self.wasi,
        )

    def repro(self, played: Played) -> Repro:
        """What was done and what came of it, as one thing that can be saved and played elsewhere."""
        return make_repro(self.scenario(), played.trace, {self.program.name: self.program})

    def play(
        self,
        *,
        wasmtime: str | None = None,
        limits: ChildLimits = LIMITS,
        nursery: Nursery | None = None,
        stop: threading.Event | None = None,
    ) -> Played:
        """Make all the calls in a child, under the release `wasmtime` (the environment's own).

        Raises `ProgramError` when nothing of the program can be called, and what `run_in_child` raises.
        """
        check_callable(self.profile)
        memories: dict[int, MemoryDiff] = {}
        trace = run_in_child(
            self.scenario(),
            {self.program.name: self.program},
            add_runtime(wasmtime or own_version(), lambda _line: None),
            limits=limits,
            nursery=nursery,
            stop=stop,
            kept=resources.machine_code_dir(),
            memories=memories,
        )
        return Played(trace, memories)
