"""A profile: what a program is, from its bytes and from the runtime. Whatever the file is, one comes of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from labkit import resources
from labkit.errors import FormatError, ProgramError
from labkit.explore.documentation import Docs, document, wit_files
from labkit.explore.interface import Interface
from labkit.host.program import Kind, Program, check_header
from labkit.inspect.anatomy import Anatomy, read_anatomy
from labkit.inspect.files import read_evidence
from labkit.inspect.wit import read_wit
from labkit.record.repro import is_repro
from labkit.runtimes import ChildLimits, Nursery, add_runtime, own_version
from labkit.runtimes.fetch import Say
from labkit.runtimes.sandbox import run_sandbox
from labkit.runtimes.sandbox_body import Body

LIMITS = ChildLimits(seconds=600, memory=2**32)
"""What compiling a stranger's program may take: on an idle machine tens of megabytes take a minute and 1 GiB."""

_EXAMINE = Body("from labkit.explore.interface import examine\nexamine(name, wasm, kept)")


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a program is. `interface` is what the Wasmtime release `runtime` says of it.

    `problem` is the one sentence that says why nothing of it can be called, if nothing can. `docs` is what its
    authors say of its functions.
    """

    name: str
    kind: Kind
    size: int
    digest: str
    how: str
    anatomy: Anatomy
    runtime: str
    interface: Interface = Interface()
    problem: str | None = None
    docs: Docs = Docs()


def load_program(path: Path) -> Program:
    """A core module or component from a `.wasm` file, or one of WebAssembly text, whatever its name ends in.

    Raises `FormatError` when the file cannot be read or is too large for anything here, `ProgramError` when it is
    no WebAssembly.
    """
    return program_of(path, read_evidence(path))


def program_of(path: Path, data: bytes) -> Program:
    """The program in the bytes of a file; raises `ProgramError` when they are none, a repro for one."""
    text = data[:4096].lstrip()
    if path.suffix == ".wat" or text.startswith((b"(module", b"(component", b";;", b"(;")):
        return Program.from_wat(path.stem, data.decode("utf-8", "replace"))
    if is_repro(data):
        raise ProgramError(
            f"{path.name} is a labkit repro and no program; `labkit show {path.name}` says what is in it."
        )
    check_header(path.name, data)
    return Program.from_bytes(path.stem, data, how="file")


def profile_of(
    program: Program,
    *,
    wasmtime: str | None = None,
    limits: ChildLimits = LIMITS,
    nursery: Nursery | None = None,
    say: Say | None = None,
    wit: Path | None = None,
    beside: Path | None = None,
) -> Profile:
    """Take a program apart, and have a child under the release `wasmtime` (the environment's own) compile it.

    `wit`: a file or folder with its WIT; without it, what lies `beside` that file will do. Raises `FormatError`
    for a file whose bytes end too soon or go wrong, which the runtime would not take either, and for a `wit` that
    is none; everything else that is wrong with it is the profile's `problem`.
    """
    if wit is not None:
        # Before the program is compiled, which may take minutes.
        _check_wit(wit)
    anatomy = read_anatomy(program)
    release = add_runtime(wasmtime or own_version(), say or (lambda _line: None))
    if say is not None:
        say(f"Wasmtime {release.version} compiles {program.name}")
    names = {"name": program.name, "wasm": program.wasm, "kept": str(resources.machine_code_dir())}
    result = run_sandbox(_EXAMINE, release, names=names, limits=limits, echo=False, nursery=nursery)
    interface = Interface()
    if result.ok:
        interface = msgspec.convert(result.value, Interface)
        problem = _refused(program, release.version, interface)
    elif result.failure is not None:
        problem = f"Wasmtime {release.version} cannot examine {program.name}: {result.failure.message}."
    else:
        problem = f"While it compiled {program.name}, Wasmtime {release.version} {result.outcome.describe()}."
    return Profile(
        program.name,
        program.kind,
        program.size,
        program.digest,
        program.how,
        anatomy,
        release.version,
        interface,
        problem,
        document(program, interface, wit, beside),
    )


def _check_wit(path: Path) -> None:
    found = read_wit(wit_files(path))
    if not found.functions and not found.worlds:
        raise FormatError(f"{path} is no WIT: it has no interface and no world.")


def _refused(program: Program, version: str, interface: Interface) -> str | None:
    if interface.refusal is None:
        return None if interface.exports else f"{program.name} exports no function."
    if not interface.lacks:
        return interface.refusal
    *some, last = interface.lacks
    used = f"{', '.join(some)} and {last}" if some else last
    return (
        f"{program.name} uses {used}, which Wasmtime {version} can be told to take and does not take by itself. "
        f"{interface.refusal}"
    )


def check_callable(profile: Profile) -> None:
    """Raise `ProgramError` with the profile's problem, if nothing of the program can be called."""
    if profile.problem is not None:
        raise ProgramError(profile.problem)
