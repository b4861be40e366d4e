"""Playing a scenario in a child process, under any release."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from labkit import resources
from labkit.errors import ChildError
from labkit.host.program import Program
from labkit.inspect.memory import MemoryDiff
from labkit.record.knobs import Knobs
from labkit.record.scenario import Scenario
from labkit.record.trace import Trace
from labkit.reuse.play import policy_for
from labkit.runtimes.assembly import Assembly
from labkit.runtimes.messages import Job
from labkit.runtimes.nursery import LostError, Nursery, plain
from labkit.runtimes.playable import check_playable
from labkit.runtimes.release import Runtime
from labkit.runtimes.watch import ChildLimits, watch

_ENTRY = ("-m", "labkit.runtimes.child")

# What tells Python where its own parts are; everything else named PYTHON… could change what the child does.
_KEPT_PYTHON = ("PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")


def run_in_child(
    scenario: Scenario,
    programs: Mapping[str, Program],
    runtime: Runtime,
    *,
    policy: str | None = None,
    knobs: Knobs | None = None,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
    stop: threading.Event | None = None,
    kept: Path | None = None,
    memories: dict[int, MemoryDiff] | None = None,
) -> Trace:
    """Play `scenario` in a fresh process under `runtime` and return its trace, also when that process dies.

    `programs` holds every program the scenario names. The step during which the child crashed is `aborted` with
    the signal and its last words, or `timed-out` when it was stopped for time; so it is when another thread sets
    `stop`. With a `nursery` the process is forked from one that is prepared, which is quicker from the second time
    on. `kept` is a folder in which machine code stays for the next child, and `memories`, if given, is filled with
    what each step changed in the exported memory of a core module. Raises what `check_playable` raises for a
    release that cannot run the scenario at all, what `labkit.reuse.play` raises, and `ChildError` when the child
    cannot begin.
    """
    chosen = policy_for(scenario, policy)
    check_playable(scenario, programs, runtime.version)
    job = Job(
        scenario,
        dict(programs),
        None if chosen is None else policy or chosen,
        knobs or scenario.knobs,
        # Whoever wants to pay for compiling each time must not get it for nothing.
        str(kept) if kept is not None and chosen != "recompile" else None,
        memories is not None,
    )
    command, environment = python_command(*_ENTRY), child_environment(runtime)
    for launch in nursery.launches(command, environment) if nursery else (plain(command, environment),):
        assembly = Assembly(scenario, runtime.version, chosen)
        with (
            _room(runtime),
            tempfile.TemporaryDirectory(prefix="labkit-") as folder,
            tempfile.TemporaryFile() as sheet,
        ):
            sheet.write(msgspec.json.encode(job))
            sheet.seek(0)
            try:
                ending = watch(launch, sheet, Path(folder), limits or ChildLimits(), assembly.receive, stop=stop)
            except LostError:
                continue
        if memories is not None:
            memories.update(assembly.memories)
        return assembly.trace(ending)
    raise ChildError(f"No child process for Wasmtime {runtime.version} could be started.")


@contextlib.contextmanager
def _room(runtime: Runtime) -> Iterator[None]:
    """A full disk, or no more processes, in one sentence: it is nothing that the scenario did."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise ChildError(f"The child process for Wasmtime {runtime.version} cannot be started: {why}.") from None


def python_command(*entry: str) -> list[str]:
    """This interpreter, told to say what it was doing when it crashes, with what it is to run."""
    return [sys.executable, "-P", "-X", "faulthandler", *entry]


def child_environment(runtime: Runtime | None) -> dict[str, str]:
    """What a child under `runtime` finds in its environment; its folder and its mark come on top.

    Without a runtime it is the one of this process.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "RUST_")) or name in _KEPT_PYTHON
    }
    # The release comes before the environment's own; labkit is the one that is running here.
    path = [str(runtime.path)] if runtime and runtime.path is not None else []
    path += [
        str(resources.PACKAGE.parent),
        *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)),
    ]
    return kept | {"PYTHONPATH": os.pathsep.join(path)}
