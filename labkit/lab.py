"""The lab: what a notebook cell works with. Everything done through it lands in one trace.

Views are imported when one is asked for: a sandboxed child has a lab too, and nobody looks at it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit import guests
from labkit.costs import Costs
from labkit.elsewhere import Elsewhere, Wanted, What
from labkit.errors import ArgumentError, LabkitError
from labkit.evidence import Evidence
from labkit.exploring import Exploring
from labkit.host import Engine, EngineSettings, Limits, Outcome, Program, Store, Wasi
from labkit.host.store import HostFunction
from labkit.notice import Notice
from labkit.programs import build_program
from labkit.record import Explanation, Recorder, Repro, Step, Trace, explain
from labkit.record.knobs import make_knobs
from labkit.record.recorder import MAX_STEPS, Listener
from labkit.recovering import Recovering
from labkit.reuse import Guard, Runner, play
from labkit.runtimes import (
    Change,
    ChildLimits,
    NoChange,
    Nursery,
)
from labkit.sandboxing import Sandboxing
from labkit.sharing import Sharing
from labkit.shelf import Shelf
from labkit.showing import Showing

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from IPython.display import Code

    from labkit.views import (
        AsyncSwitch,
        BlastRadius,
        ClaimsView,
        MatrixView,
        Predict,
        Releases,
        VersionSwitch,
    )


class Lab(Evidence, Costs, Recovering, Exploring, Sharing, Sandboxing, Showing):
    """What a cell works with: it builds programs, opens stores, and keeps the trace of all that is done with them.

    Close it, or use it as a context manager.

    `seconds` limits every call, `memory` the bytes of each linear memory, `fuel` the fuel per store (None: no
    limit). The defaults stop what runs away and nothing else. The trace keeps the last `steps` steps, half a
    kilobyte each. `listener` is told of every record of the trace.
    """

    def __init__(
        self,
        *,
        seconds: float | None = 10.0,
        memory: int | None = 2**30,
        fuel: int | None = None,
        steps: int = MAX_STEPS,
        listener: Listener | None = None,
    ) -> None:
        self._engine = Engine(EngineSettings(fuel=fuel is not None))
        self._limits = Limits(seconds=seconds, memory=memory, fuel=fuel)
        self._recorder = Recorder(self._engine.release.version, max_steps=steps, listener=listener)
        self._nursery = Nursery()
        self._shelf = Shelf(self._recorder.programs, self.build)
        self._elsewhere = Elsewhere(self._engine, self._limits, self._shelf, self.build, self._nursery)
        self._runner_numbers = itertools.count(1)
        self._predictions: dict[str, Predict] = {}

    @property
    def runtime(self) -> str:
        """The Wasmtime release in use, such as `50.0.1`."""
        return self._engine.release.version

    def build(self, name: str, source: str | None = None, *, debug: guests.Debug = "names") -> Program:
        """Compile a guest of the catalogue (see `labkit list`), with another `source` if given.

        Shows progress. Without a toolchain the unchanged guest is taken prebuilt, and the program says so. `debug`
        is how much of its source a Rust guest keeps: `full` DWARF, `lines` or `names`. Raises `UnknownNameError`,
        `BuildError` with the compiler's messages, or `ToolchainError`.
        """
        with Notice(f"building {name}") as notice:
            return self._shelf.keep(build_program(name, source=source, debug=debug, say=notice))

    def source(self, name: str) -> Code:
        """A guest's own source, to read in a cell; raises `UnknownNameError`."""
        from IPython.display import Code

        found = guests.guest(name)
        return Code(data=found.source, language="lisp" if found.language == "wat" else found.language)

    def program(self, what: str | bytes | Path, name: str | None = None) -> Program:
        """A program of your own: the path of a `.wasm` or `.wat` file, WebAssembly text, or bytes.

        Raises `ProgramError` if it is none of these.
        """
        if isinstance(what, bytes):
            return self._shelf.keep(Program.from_bytes(name or "program", what))
        if isinstance(what, str) and what.lstrip().startswith(("(", ";;")):
            return self._shelf.keep(Program.from_wat(name or "program", what))
        return self._shelf.keep(Program.from_file(Path(what)))

    def store(self, imports: Mapping[str, HostFunction] | None = None, *, wasi: Wasi | None = None) -> Store:
        """A new store; `imports` maps import paths to Python functions, `wasi` is what its guests are given.

        Raises `ArgumentError` for what no guest can be given.
        """
        return Store(self._engine, self._recorder, imports=imports, limits=self._limits, wasi=wasi)

    def runner(
        self,
        program: Program,
        policy: str = "keep",
        *,
        imports: Mapping[str, HostFunction] | None = None,
        wasi: Wasi | None = None,
        **knobs: Any,
    ) -> Runner:
        """A runner that calls `program` under a reuse policy; `knobs` are those of `labkit.Knobs`.

        Each of its stores gives `wasi` to its guests anew. Raises `UnknownNameError` for a policy or a knob that
        is none, `ArgumentError` for a knob's value that makes no sense.
        """
        return Runner(
            self._engine,
            self._recorder,
            program,
            policy=policy,
            knobs=make_knobs(knobs),
            imports=imports,
            limits=self._limits,
            wasi=wasi,
            number=next(self._runner_numbers),
        )

    def guarded(self, program: Program, *, imports: Mapping[str, HostFunction] | None = None) -> Guard:
        """A guard that calls `program`, and lets nobody in any more after an abort.

        It behaves as the code that wasm-bindgen generates since 0.2.114 (its pull request 5005).
        """
        return Guard(
            self._engine,
            self._recorder,
            program,
            trace=self._recorder.trace,
            imports=imports,
            limits=self._limits,
            number=next(self._runner_numbers),
        )

    @property
    def trace(self) -> Trace:
        """Everything done in this lab so far."""
        return self._recorder.trace()

    def explain(self, what: Outcome | Step | int | None = None) -> Explanation:
        """Why a step went as it did: an outcome of this lab, a step or its number; the last step by default.

        Read from the trace and the release, never from a message. Raises `LabkitError` for what is no step of this
        lab, `ArgumentError` for what cannot name one.
        """
        trace = self.trace
        if not len(trace):
            raise LabkitError("Nothing has happened in this lab yet; call a guest first.")
        match what:
            case None:
                number: int | None = trace.steps[-1].n
            case Outcome():
                number = what.step
            case Step():
                number = what.n
            case int():
                number = what
            case _:
                raise ArgumentError(f"explain takes an outcome, a step or its number, not {type(what).__name__}.")
        if number is None:
            raise LabkitError("This outcome is not a step of this lab.")
        return explain(trace, number)

    def run(
        self,
        what: What,
        policy: str | None = None,
        *,
        runtime: str | None = None,
        limits: ChildLimits | None = None,
        **knobs: Any,
    ) -> Trace:
        """Play a scenario, shipped or your own, with stores of its own; its trace does not mix with the lab's.

        A trace is played again with the very programs it used and host functions that answer as they did then.
        The lab's own limits hold, whatever the scenario asks for, and one that could abort this process raises
        `UnsafeError`. With `runtime`, such as `41.0.0`, it is played in a child process under that Wasmtime
        release, fetched if it is not here; whatever happens to the child, which has to keep to `limits`, is an
        outcome in the trace. So it is for a repro in any case, which may be anybody's.
        """
        given = make_knobs(knobs) if knobs else None
        if runtime is None and not isinstance(what, Repro):
            wanted, load, _title = self._elsewhere.playable(what)
            bounded = wanted.within(self._limits)
            return play(bounded, load, policy=policy, knobs=given, engine=self._engine)
        return self._elsewhere.run(what, runtime or self.runtime, policy, limits, given)

    def releases(self, *fetch: str) -> Releases:
        """The Wasmtime releases on this machine; those named are fetched first if they are not here.

        Raises `RuntimeMissingError` for what is no version, or cannot be fetched.
        """
        return self._elsewhere.releases(fetch)

    def bisect(
        self,
        what: What,
        *,
        policy: str | None = None,
        step: int | None = None,
        wasmtime: Sequence[str] | None = None,
    ) -> Change | NoChange:
        """The Wasmtime release in which a scenario or trace went differently; `NoChange`, which is false, if none.

        A family whose main scenario goes the same way at both ends stands for its first variant that does not.
        `wasmtime` are the releases to look in, oldest first (default: one per major version from 39 on), `step`
        the one to look at (default: the first on which the ends disagree). Releases that are needed and missing
        are fetched. What changed and changed back between the ends is not seen. Raises `ArgumentError` for less
        than two releases, `RuntimeMissingError` for one that cannot be had, and `LabkitError` when one cannot play
        the scenario or for a step that neither end has.
        """
        return self._elsewhere.bisect(what, policy, step, wasmtime)

    def play_calls(
        self,
        program: Program,
        policy: str,
        inputs: Sequence[float],
        *,
        imports: Mapping[str, HostFunction] | None = None,
        **knobs: Any,
    ) -> Trace:
        """Call `process-input` with each input and then `calls`, under a policy, in a trace of its own.

        Raises as `runner` and its calls do.
        """
        recorder = Recorder(self.runtime, policy=policy)
        self._shelf.keep(program)
        runner = Runner(
            self._engine,
            recorder,
            program,
            policy=policy,
            knobs=make_knobs(knobs),
            imports=imports,
            limits=self._limits,
        )
        with runner:
            for value in inputs:
                runner.call("process-input", value)
            runner.call("calls")
        return recorder.trace()

    def poisoning_scope(self, wasmtime: str | Sequence[str] | None = None) -> BlastRadius:
        """Who can still be called after a trap, under one Wasmtime release after the other.

        The releases are those named (fetched if they are not here), or those on this machine since 39.
        """
        return self._elsewhere.poisoning_scope(wasmtime)

    def matrix(
        self,
        scenarios: Wanted | Sequence[Wanted],
        wasmtime: str | Sequence[str] | None = None,
        policies: str | Sequence[str] = (),
        executor: Executor | None = None,
    ) -> MatrixView:
        """Play scenarios under many releases and policies, and show what differs, cell by cell as it comes.

        An id of a family takes all of it. The releases are those named (fetched if they are not here), or those on
        this machine since 39. Each cell is a child process; what is known is not played again. An interrupt keeps
        what is there. `executor` plays the cells, in processes or on machines that fetch releases themselves.
        Raises `UnknownNameError`, `ArgumentError`, or `RuntimeMissingError` for what is no version.
        """
        return self._elsewhere.matrix(scenarios, wasmtime, policies, executor)

    def version_switch(
        self, what: What | None = None, wasmtime: str | Sequence[str] | None = None, policy: str | None = None
    ) -> VersionSwitch:
        """A widget that plays a scenario, a trace, or all that was done in this lab under other releases.

        The releases are those of `matrix`; the widget can add more. Raises `LabkitError` for a trace that cannot
        be played again.
        """
        return self._elsewhere.switch(self.trace if what is None else what, wasmtime, policy)

    def async_switch(self, wasmtime: str | Sequence[str] | None = None) -> AsyncSwitch:
        """A widget that switches engine, linker, instantiation, call and host function; the outcome by release.

        Every mix is played under each release: those named (fetched if they are not here), or all on this machine,
        because its guest is a core module. Each is a child process; what is known is not played again. An
        interrupt keeps what is there. Raises `ArgumentError` for no release, `RuntimeMissingError` for what is no
        version.
        """
        return self._elsewhere.async_switch(wasmtime)

    def claims(self, wasmtime: str | Sequence[str] | None = None, family: str | None = None) -> ClaimsView:
        """What people say about these failures, put to the test under each release of `wasmtime`.

        `wasmtime` is a list, or a text with commas between, of releases, which are fetched if they are not here;
        by default those on this machine are tried. `family` is the id of a notebook or of one claim. Raises
        `UnknownNameError` for another one, `RuntimeMissingError` for what is no version.
        """
        return self._elsewhere.claims(wasmtime, family)

    def close(self) -> None:
        """Stop the lab's thread, delete captured output and end the processes kept for other releases."""
        self._nursery.close()
        self._engine.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<lab: wasmtime {self.runtime}, {len(self.trace)} steps>"
