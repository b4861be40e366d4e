"""What a lab does with a program that nobody here wrote: what it is, a bench to call it on, a health report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labkit.explore import Health, Played, Profile, Session, check_health, load_program, profile_of, program_of
from labkit.host import Program
from labkit.notice import Notice
from labkit.record import explain
from labkit.runtimes import Nursery, installed_runtimes, own_version
from labkit.shelf import Shelf

if TYPE_CHECKING:
    from labkit.views import Explorer, Picker

Own = Program | str | Path
"""A program, or the path of a file that holds one."""


class Exploring:
    """The part of a lab that is about programs of one's own; `labkit.Lab` is the whole."""

    _nursery: Nursery
    _shelf: Shelf

    def profile(self, what: Own, wasmtime: str | None = None, *, wit: str | Path | None = None) -> Profile:
        """What a program is: exports, imports, sections, producers, WASI, symbols; nothing of it is run.

        A child under the release `wasmtime` (the lab's own) compiles it. `wit` is a file or folder with what its
        authors say of it; without it, what lies beside its file. Raises `ProgramError` or `FormatError` for a file
        that is no program, or a damaged one.
        """
        return self._examined(self._own(what), what, wasmtime, wit)

    def health(self, what: Own, wasmtime: str | None = None) -> Health:
        """Call each export of a program under each policy, and say what a host has to know; see `labkit check`.

        Raises as `profile` does, and `ProgramError` if nothing of the program can be called.
        """
        program = self._own(what)
        profile = self._examined(program, what, wasmtime)
        with Notice(f"checking {program.name}") as notice:
            return check_health(program, profile, nursery=self._nursery, say=notice)

    def explore(self, what: Own, *, wit: str | Path | None = None) -> Explorer:
        """A bench for a program: a form per export, any policy and release, stubs, memory, and saving as a repro.

        Everything it does happens in child processes with limits. Raises as `profile` does.
        """
        from labkit.views import Explorer

        program = self._own(what)
        session = Session(program, self._examined(program, what, wit=wit))
        own = own_version()
        releases = [own, *(version for version in reversed(installed_runtimes()) if version != own)]
        return Explorer(session, self._played, releases, explain)

    def pick(self) -> Picker:
        """A place to drop a program, or name its path, that opens it as `explore` does."""
        from labkit.views import Picker

        def opened(name: str, data: bytes | None) -> Explorer:
            return self.explore(name if data is None else program_of(Path(name), data))

        return Picker(opened)

    def _examined(
        self, program: Program, what: Own, wasmtime: str | None = None, wit: str | Path | None = None
    ) -> Profile:
        with Notice(f"examining {program.name}") as notice:
            return profile_of(
                program,
                wasmtime=wasmtime,
                nursery=self._nursery,
                say=notice,
                wit=None if wit is None else Path(wit),
                beside=None if isinstance(what, Program) else Path(what),
            )

    def _played(self, session: Session, wasmtime: str) -> Played:
        return session.play(wasmtime=wasmtime, nursery=self._nursery)

    def _own(self, what: Own) -> Program:
        return self._shelf.keep(what if isinstance(what, Program) else load_program(Path(what)))
