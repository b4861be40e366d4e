"""A sandbox: any code in a process of its own, and what became of it."""

from __future__ import annotations

import codecs
import contextlib
import signal
import sys
import tempfile
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import msgspec

from labkit.errors import ChildError, LabkitError
from labkit.host.outcome import Outcome
from labkit.record.trace import Trace
from labkit.runtimes.last_words import before_faulthandler
from labkit.runtimes.nursery import LaunchError, LostError, Nursery, plain
from labkit.runtimes.records import Records, death
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import child_environment, python_command
from labkit.runtimes.sandbox_body import Body, Luggage, luggage
from labkit.runtimes.sandbox_messages import BodyFailure, Finish, Frames, LabSettings, SandboxJob, Told
from labkit.runtimes.values import unpack
from labkit.runtimes.watch import ChildLimits, Ending, watch

# Unbuffered: what was printed has to be out when it aborts.
_ENTRY = ("-u", "-m", "labkit.sandboxed")
_CRASH = "Fatal Python error: "


class SandboxError(LabkitError):
    """An exception that ended a sandbox's body, under its own name and with its own traceback."""

    lines: tuple[str, ...] = ()

    def _render_traceback_(self) -> list[str]:
        return list(self.lines)


@dataclass(frozen=True)
class SandboxResult:
    """What became of a sandbox.

    `outcome`: `returned` with the value of a last expression, `host-error` for an exception, `aborted` with
    signal and last words, or `timed-out`. `trace` is what the body did with its lab, `names` what it assigned and
    could be handed back (nothing unless it ended well). `text` stands for a value that could not.
    """

    runtime: str
    outcome: Outcome
    trace: Trace
    stdout: str = ""
    stderr: str = ""
    names: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    text: str | None = None
    failure: BodyFailure | None = None

    @property
    def ok(self) -> bool:
        """Whether the body came to its end."""
        return self.outcome.kind == "returned"

    def check(self) -> None:
        """Raise the body's exception, if one ended it, under its own name. An abort is a result and raises not."""
        if self.failure is not None:
            error = type(self.failure.kind, (SandboxError,), {"lines": self.failure.lines})
            raise error(self.failure.message) from None

    def __repr__(self) -> str:
        how = "returned" if self.ok else self.outcome.describe()
        return f"<sandbox under Wasmtime {self.runtime}: {how}>"


def run_sandbox(
    body: Body,
    runtime: Runtime,
    *,
    names: Mapping[str, Any] | None = None,
    labs: Collection[str] = (),
    settings: LabSettings | None = None,
    limits: ChildLimits | None = None,
    echo: bool = True,
    nursery: Nursery | None = None,
) -> SandboxResult:
    """Run `body` in a process of its own, with those of `names` it uses, and a lab under each name of `labs`.

    With `echo` what it prints is printed here as it comes. An interrupt ends the process and is raised here.
    Raises `ChildError` when no process can be started.
    """
    try:
        tree = body.tree()
    except (SyntaxError, ValueError) as error:
        lines = "".join(traceback.format_exception_only(error)).splitlines()
        failure = BodyFailure(type(error).__name__, str(error), tuple(lines))
        return SandboxResult(runtime.version, _raised(failure), Records().trace(runtime.version), failure=failure)
    packed = luggage(tree, names or {}, labs)
    job = msgspec.msgpack.encode(SandboxJob(body, packed, settings or LabSettings()))
    command, environment = python_command(*_ENTRY), child_environment(runtime)
    for launch in nursery.launches(command, environment) if nursery else (plain(command, environment),):
        sandbox = _Sandbox(runtime, packed, echo)
        with tempfile.TemporaryDirectory(prefix="labkit-") as folder, tempfile.TemporaryFile() as sheet:
            sheet.write(job)
            sheet.seek(0)
            try:
                ending = watch(
                    launch,
                    sheet,
                    Path(folder),
                    limits or ChildLimits(),
                    sandbox.receive,
                    hear=sandbox.hear,
                )
            except LaunchError:
                continue
            except LostError:
                # It may have done anything before, so it is not begun again.
                ending = Ending(-signal.SIGKILL, "")
            except KeyboardInterrupt:
                raise _stopped() from None
            return sandbox.result(ending)
    raise ChildError(f"No sandbox for Wasmtime {runtime.version} could be started.")


class _Sandbox:
    """What is heard from one child."""

    def __init__(self, runtime: Runtime, packed: Luggage, echo: bool) -> None:
        self._runtime = runtime
        self._luggage = packed
        self._frames = Frames()
        self._records = Records()
        self._finish: Finish | None = None
        self._value: Any = None
        self._names: dict[str, Any] = {}
        self._streams = (_Heard(sys.stdout if echo else None), _Heard(sys.stderr if echo else None, until=_CRASH))

    def receive(self, data: bytes) -> None:
        # A process whose memory is damaged may say anything; what cannot be read was not said.
        with contextlib.suppress(msgspec.MsgspecError, ValueError, TypeError, AttributeError):
            for told in self._frames.take(data):
                self._take(told)

    def _take(self, told: Told) -> None:
        for record in (told.step, told.program, told.store):
            if record is not None:
                self._records.take(record)
        if told.finish is not None:
            self._value = unpack(told.finish.value)
            self._names = {name: unpack(value) for name, value in told.finish.names.items()}
            self._finish = told.finish

    def hear(self, stream: int, data: bytes) -> None:
        self._streams[stream - 1].take(data)

    def result(self, ending: Ending) -> SandboxResult:
        for stream in self._streams:
            stream.take(b"", final=True)
        failure = self._explained(self._finish.failure) if self._finish else None
        if self._finish is None:
            outcome = death(ending)
        elif failure is not None:
            outcome = _raised(failure)
        else:
            outcome = Outcome("returned", value=self._value)
        self._records.end_open_steps(outcome)
        return SandboxResult(
            self._runtime.version,
            outcome,
            self._records.trace(self._runtime.version),
            self._streams[0].text,
            before_faulthandler(ending.stderr),
            self._names,
            self._value,
            self._finish.text if self._finish else None,
            failure,
        )

    def _explained(self, failure: BodyFailure | None) -> BodyFailure | None:
        """A missing name with why it is missing, where it is one of the notebook's."""
        if failure is None or failure.lacked not in self._luggage.left:
            return failure
        what = self._luggage.left[failure.lacked]
        sentence = f"{failure.lacked} is {what}, which cannot go into a sandbox; make it inside."
        return msgspec.structs.replace(
            failure, message=f"{failure.message}; {sentence}", lines=(*failure.lines, sentence)
        )


class _Heard:
    """One stream: kept, and written on as it comes up to Python's own account of a crash."""

    def __init__(self, to: TextIO | None, until: str | None = None) -> None:
        self.text = ""
        self._to = to
        self._until = until
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._written = 0

    def take(self, data: bytes, *, final: bool = False) -> None:
        self.text += self._decoder.decode(data, final)
        end = len(self.text)
        if self._until is not None:
            found = self.text.find(self._until, self._written)
            if found >= 0:
                end = found
            elif not final:
                # The last line may be the beginning of it.
                last = self.text.rfind("\n") + 1
                end = last if self._until.startswith(self.text[last:]) else end
        if self._to is not None and end > self._written:
            self._to.write(self.text[self._written : end])
            self._to.flush()
        self._written = max(self._written, end)


def _stopped() -> KeyboardInterrupt:
    """An interrupt that a notebook shows in one line: where labkit was waiting helps nobody."""
    line = "KeyboardInterrupt: the sandbox was stopped"
    stopped = type("KeyboardInterrupt", (KeyboardInterrupt,), {"_render_traceback_": lambda _: [line]})
    error: KeyboardInterrupt = stopped("the sandbox was stopped")
    return error


def _raised(failure: BodyFailure) -> Outcome:
    return Outcome("host-error", raised=failure.kind, message=failure.message)
