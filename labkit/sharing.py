"""What a lab does with repros: it writes one file with all that happened, and opens those of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from labkit import bounds
from labkit.elsewhere import Elsewhere, What
from labkit.errors import LabkitError
from labkit.exports import export
from labkit.files import read_file, write_file
from labkit.record import Repro, Trace, explain, load_repro
from labkit.record.repro import SUFFIX
from labkit.repros import Reduction, Replay, read_wast, record_repro
from labkit.runtimes import ChildLimits, add_runtime, check_playable, installed_runtimes
from labkit.runtimes.difference import past

if TYPE_CHECKING:
    from labkit.runtimes import Runtime
    from labkit.runtimes.fetch import Say
    from labkit.views import ReproView


class Sharing:
    """The part of a lab that is about handing things on; `labkit.Lab` is the whole."""

    _elsewhere: Elsewhere

    @property
    def trace(self) -> Trace:
        """Everything done in this lab so far."""
        raise NotImplementedError

    @property
    def runtime(self) -> str:
        """The Wasmtime release in use."""
        raise NotImplementedError

    def repro(self, what: What | None = None, *, name: str = "repro", title: str = "") -> Repro:
        """Everything done in this lab, or `what`, as one thing that can be played elsewhere.

        `what` may be a trace, a scenario or its id. Raises `LabkitError` for what no data describes: a host
        function that called back into its guest, for one.
        """
        made = self._elsewhere.record(self.trace if what is None else what)
        if what is None or isinstance(what, Trace):
            named = msgspec.structs.replace(made.scenario, id=name, title=title or f"What was done in {name}")
            made = msgspec.structs.replace(made, scenario=named)
        return made

    def save(self, path: str | Path, what: What | None = None, *, title: str = "", check: bool = True) -> Path:
        """Write everything done in this lab, or `what`, to one file.

        `name.labkit` is a repro: what was done, what came of it, the programs, the settings. Before it is
        written it is played once more in a child process, and `LabkitError` says in which step that went
        differently; with `check=False` it is written all the same. Any other name gets the trace alone, as JSON.
        Raises `FormatError` when the file cannot be written.
        """
        target = Path(path)
        if target.suffix != SUFFIX:
            trace = self.trace if what is None else what if isinstance(what, Trace) else self.repro(what).trace
            return write_file(target, (trace.to_json() + "\n").encode())
        made = self.repro(what, name=target.stem, title=title)
        if check:
            self._check(made)
        return made.save(target)

    def _check(self, made: Repro) -> None:
        again = self.replay(made, made.trace.runtime)
        if not again.same:
            raise LabkitError(
                f"Played again, step {again.step} {past(again.got)}, where it {past(again.expected)}: what made "
                "the difference is in no file, such as time, threads, or a guard in Python; check=False saves it "
                "all the same."
            )

    def replay(
        self, repro: Repro | str | Path, wasmtime: str | None = None, *, limits: ChildLimits | None = None
    ) -> Replay:
        """Play a repro, or the one in a file, in a child process, and compare with what was recorded.

        `wasmtime` is a release, fetched if it is not here (default: the lab's own). Raises `FormatError` for a
        file that is none, and what `run` raises where it cannot be played.
        """
        return self._elsewhere.replay(_loaded(repro), wasmtime or self.runtime, limits)

    def reduce(
        self,
        repro: Repro | str | Path,
        *,
        step: int | None = None,
        runs: int = 400,
        seconds: float = 120.0,
        shrink: bool = True,
    ) -> Reduction:
        """The same failure in fewer steps with simpler values: the outcome of `step` stays as it was recorded.

        Without `step` it is that of the last one that failed. At most `runs` plays are tried, all of them in child
        processes under the release of the recording. Where wasm-tools is at hand, core modules `shrink` too. After
        `seconds`, or an interrupt, it is the smallest so far. What counts is the outcome, the functions in the
        backtrace, and the same of the step to blame; never a text. Raises `LabkitError` if there is no such step,
        or if it does not end so here.
        """
        return self._elsewhere.reduce(_loaded(repro), step, runs, seconds, shrink)

    def export(self, repro: Repro | str | Path, path: str | Path) -> Path:
        """Write a repro as a page (`.html`), a report (`.md`), a Python script (`.py`), a host program in Rust
        (`.rs`) or a script for test runners (`.wast`), by the name of the file.

        Raises `ArgumentError` for another name, `LabkitError` for what such a program cannot say.
        """
        file = None if isinstance(repro, Repro) else Path(repro).name
        return export(_loaded(repro), Path(path), file)

    def import_wast(self, path: str | Path) -> Repro:
        """What a .wast script does, played in a child process; raises `FormatError` for what cannot be played."""
        file = Path(path)
        script = read_wast(read_file(file, bounds.FILE).decode("utf-8", "replace"), file.stem)
        return record_repro(script.scenario, script.programs, add_runtime(self.runtime))

    def open(self, repro: Repro | str | Path) -> ReproView:
        """A repro to look at, with buttons that play it again; nothing of it runs before one is pressed.

        Raises `FormatError` for a file that is none.
        """
        from labkit.views import ReproView

        found = _loaded(repro)

        def play(version: str) -> Replay:
            return self._elsewhere.replay(found, version)

        def add(version: str, say: Say) -> Runtime:
            check_playable(found.scenario, found.programs, version)
            return add_runtime(version, say)

        return ReproView(found, play, add, installed_runtimes(), self.runtime, explain)


def _loaded(repro: Repro | str | Path) -> Repro:
    return repro if isinstance(repro, Repro) else load_repro(repro)
