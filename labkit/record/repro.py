"""The repro: one file with all that it takes to see a failure again, somewhere else.

A zip archive (`labkit.record.archive`) of

| member | holds |
| --- | --- |
| `repro.json` | format, versions, platform, the programs, and the SHA-256 of every other member |
| `scenario.json` | what to do, under which policy, limits and settings of the engine |
| `trace.json` | what came of it where it was recorded |
| `programs/<SHA-256>.wasm` | the programs, byte for byte |
| `sources/<SHA-256>/…` | what a program was made from, where that is known |
| `README.md` | the trace for people |

All of it is data. `schema/repro-1.schema.json` beside this module describes `repro.json`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from labkit import bounds
from labkit.bounds import Name, Text
from labkit.decodable import decodable
from labkit.errors import FormatError, ProgramError
from labkit.files import read_file, write_file
from labkit.host.outcome import Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.record.archive import is_member_name, pack_files, refuse, unpack_files
from labkit.record.plausible import check_trace
from labkit.record.reading import read_scenario
from labkit.record.report import report
from labkit.record.scenario import Scenario
from labkit.record.trace import FORMAT, Trace, read_trace

SUFFIX = ".labkit"

_MANIFEST, _SCENARIO, _TRACE, _README = "repro.json", "scenario.json", "trace.json", "README.md"
_THIS = "This repro"
_CHANGED = f"{_THIS} was changed after it was saved"
_PROGRAM = b"\0asm"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Kind = TypeVar("Kind", bound=msgspec.Struct)


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a repro was recorded: the operating system, the processor, the version of Python."""

    system: Name
    machine: Name
    python: Name

    def __str__(self) -> str:
        return f"{self.system} {self.machine}, Python {self.python}"


class ProgramFile(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A program of a repro: what it is, and how it was made. `sources` are names below `sources/<digest>/`."""

    kind: Literal["module", "component"]
    digest: Sha256
    how: Name
    toolchain: Text | None = None
    sources: Annotated[tuple[Name, ...], Meta(max_length=bounds.REPRO_FILES)] = ()


@decodable
class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`repro.json`: which labkit wrote it, under which Wasmtime and where it was recorded, and what it holds.

    `programs` are those the scenario names. `files` has every other member of the archive with its SHA-256.
    """

    format: int
    labkit: Name
    runtime: Name
    platform: Platform
    programs: Annotated[dict[Name, ProgramFile], Meta(max_length=bounds.REPRO_FILES)]
    files: Annotated[dict[Name, Sha256], Meta(max_length=bounds.REPRO_FILES)]


class Repro(msgspec.Struct, frozen=True):
    """What to do, what came of it, and the programs it was done with, by the names that the scenario uses."""

    scenario: Scenario
    trace: Trace
    programs: dict[str, Program]
    platform: Platform
    labkit: str

    @property
    def title(self) -> str:
        """What the scenario is called for people."""
        return self.scenario.title or self.scenario.id

    @property
    def file(self) -> str:
        """What its file is called, unless somebody has called it otherwise."""
        name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in self.scenario.id)[:80]
        return f"{name}{SUFFIX}"

    @property
    def report(self) -> str:
        """The repro for people, as Markdown."""
        return self.report_of(self.file)

    def report_of(self, file: str) -> str:
        """The same where the repro's file has that name."""
        programs = self.programs.values()
        return report(self.title, self.scenario, self.trace, programs, str(self.platform), file)

    def to_bytes(self) -> bytes:
        """The file; the same repro gives the same bytes. Raises `FormatError` for what could not be read again."""
        members = {_SCENARIO: _scenario_text(self.scenario), _TRACE: (self.trace.to_json() + "\n").encode()}
        members[_README] = self.report.encode("utf-8", "replace")
        for program in self.programs.values():
            members[_wasm(program.digest)] = program.wasm
            members |= {_source(program.digest, name): text.encode() for name, text in program.sources.items()}
        members[_MANIFEST] = _json(self._manifest(members))
        data = pack_files(members)
        read_repro(data)
        return data

    def _manifest(self, members: Mapping[str, bytes]) -> Manifest:
        programs = {
            name: ProgramFile(p.kind, p.digest, p.how, p.toolchain, tuple(sorted(p.sources)))
            for name, p in self.programs.items()
        }
        files = {name: hashlib.sha256(members[name]).hexdigest() for name in sorted(members)}
        return Manifest(FORMAT, self.labkit, self.trace.runtime, self.platform, programs, files)

    def save(self, path: str | Path) -> Path:
        """Write the file; raises `FormatError` when that cannot be done."""
        return write_file(Path(path), self.to_bytes())


def make_repro(scenario: Scenario, trace: Trace, programs: Mapping[str, Program]) -> Repro:
    """A repro of what was recorded on this machine; `programs` has all that the scenario names."""
    here = Platform(platform.system(), platform.machine(), platform.python_version())
    named = {name: _named(programs[name], name) for name in scenario.program_names}
    return Repro(scenario, _lasting(trace), named, here, importlib.metadata.version("labkit"))


def load_repro(path: str | Path) -> Repro:
    """The repro in a file; raises `FormatError` as `read_repro` does, and when the file cannot be read."""
    found = Path(path)
    data = read_file(found, bounds.REPRO)
    if data.startswith(_PROGRAM) or found.suffix == ".wat":
        raise FormatError(f"{found} is a program and no labkit repro; `labkit inspect {found}` says what it is.")
    try:
        return read_repro(data)
    except FormatError as error:
        told = str(error)
        if told.startswith(_CHANGED):
            raise FormatError(f"{found}{told.removeprefix(_THIS)}") from None
        raise FormatError(f"{found}: {error}") from None


def is_repro(data: bytes) -> bool:
    """Whether bytes look like a repro, whole or not: an archive that lists the manifest of one."""
    return data.startswith(b"PK") and _MANIFEST.encode() in data[-bounds.REPRO_DIRECTORY :]


def read_repro(data: bytes) -> Repro:
    """A repro from its bytes, none of which is run; raises `FormatError`, in one sentence, for anything else."""
    members = unpack_files(data)
    manifest = _read_manifest(members)
    _check_digests(members, manifest)
    for name in (_SCENARIO, _TRACE):
        if name not in members:
            refuse(f"{name} is missing")
    scenario, trace = read_scenario(members[_SCENARIO]), read_trace(members[_TRACE])
    if trace.runtime != manifest.runtime:
        refuse(f"its trace is of Wasmtime {trace.runtime}, and it says {manifest.runtime}")
    if missing := [name for name in scenario.program_names if name not in manifest.programs]:
        refuse(f"its scenario names the program {missing[0]!r}, which it does not hold")
    check_trace(trace)
    programs = {name: _program(name, found, members) for name, found in manifest.programs.items()}
    return Repro(scenario, trace, programs, manifest.platform, manifest.labkit)


def _read_manifest(members: Mapping[str, bytes]) -> Manifest:
    if _MANIFEST not in members:
        refuse(f"{_MANIFEST} is missing")
    if len(members[_MANIFEST]) > bounds.FILE:
        refuse(f"{_MANIFEST} is larger than {bounds.FILE // 2**20} MiB")
    version = _decoded(members[_MANIFEST], _Versioned).format
    if version != FORMAT:
        raise FormatError(f"This repro has format {version}; this labkit reads format {FORMAT}.")
    return _decoded(members[_MANIFEST], Manifest)


def _decoded(text: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        refuse(f"{_MANIFEST}: {error}")
    except RecursionError:
        refuse(f"{_MANIFEST} is nested too deeply")


def _check_digests(members: Mapping[str, bytes], manifest: Manifest) -> None:
    listed = {*manifest.files, _MANIFEST}
    if strange := sorted(members.keys() - listed):
        refuse(f"it holds {strange[0]}, which {_MANIFEST} does not list")
    if missing := sorted(listed - members.keys()):
        refuse(f"{missing[0][:100]} is missing")
    for name, digest in manifest.files.items():
        if hashlib.sha256(members[name]).hexdigest() != digest:
            raise FormatError(f"{_CHANGED}: the SHA-256 of {name} is not what {_MANIFEST} says.")


def _program(name: str, found: ProgramFile, members: Mapping[str, bytes]) -> Program:
    wasm = members.get(_wasm(found.digest))
    if wasm is None:
        refuse(f"the program {name!r} is missing")
    try:
        program = Program.from_bytes(
            name, wasm, how=found.how, toolchain=found.toolchain, sources=_sources(found, members)
        )
    except ProgramError as error:
        refuse(str(error).removesuffix("."))
    if (program.digest, program.kind) != (found.digest, found.kind):
        refuse(f"the program {name!r} is another than {_MANIFEST} says")
    return program


def _sources(found: ProgramFile, members: Mapping[str, bytes]) -> dict[str, str]:
    texts = {}
    for name in found.sources:
        text = members.get(_source(found.digest, name)) if is_member_name(name) else None
        if text is None or len(text) > bounds.SOURCE:
            refuse(f"the source file {name[:100]!r} is missing, or larger than {bounds.SOURCE // 2**20} MiB")
        texts[name] = text.decode("utf-8", "replace")
    return texts


def _lasting(trace: Trace) -> Trace:
    """The trace as JSON has it, without what differs from one time to the next: how long things took, and who
    compiled when.
    """
    steps = tuple(
        msgspec.structs.replace(step, us=None, gap_ms=None, outcome=_plain(step.outcome)) for step in trace
    )
    programs = tuple(msgspec.structs.replace(record, how=_made(record.how)) for record in trace.programs)
    return msgspec.structs.replace(trace, steps=steps, programs=programs)


def _plain(outcome: Outcome | None) -> Outcome | None:
    if outcome is None:
        return None
    return msgspec.structs.replace(outcome, value=plain(outcome.value), error=plain(outcome.error))


def _made(how: str) -> str:
    return "compiled" if how == "cached" else how


def _named(program: Program, name: str) -> Program:
    """The program under the name that the scenario has for it; when it was compiled is nobody's business."""
    return Program.from_bytes(
        name, program.wasm, how=_made(program.how), toolchain=program.toolchain, sources=program.sources
    )


def _scenario_text(scenario: Scenario) -> bytes:
    indented = (scenario.to_json() + "\n").encode()
    return indented if len(indented) <= bounds.FILE else msgspec.json.encode(scenario)


def _json(value: Any) -> bytes:
    return (json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False) + "\n").encode()


def _wasm(digest: str) -> str:
    return f"programs/{digest}.wasm"


def _source(digest: str, name: str) -> str:
    return f"sources/{digest}/{name}"


@decodable
class _Versioned(msgspec.Struct):
    format: int
