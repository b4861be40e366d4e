"""What an instance of a core module gives another one: its memory, its functions, whatever it exports."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from labkit.errors import ArgumentError, ProgramError
from labkit.host.code import Code
from labkit.host.versions import FIRST_THAT_MAKES_UP_IMPORTS, Release

if TYPE_CHECKING:
    from labkit.host.instance import Instance
    from labkit.host.store import Store


def externs(store: Store, code: Code, given: Mapping[str, Instance]) -> dict[str, Any]:
    """The exports that answer imports of `code`, by import path; `given` maps an import's module to an instance.

    Raises `ArgumentError` for an instance that has nothing to give here, `ProgramError` for an export it lacks.
    """
    if given and code.program.kind == "component":
        raise ArgumentError(
            f"{code.program.name} is a component; only core modules take what another instance exports."
        )
    return {
        path: extern
        for module, instance in given.items()
        for path, extern in _from_instance(store, code, module, instance)
    }


def check_met(code: Code, functions: Collection[str], given: Collection[str]) -> None:
    """Raise `ProgramError` if an import of `code` is neither a host function's path nor `given`."""
    _check_others(code, given)
    missing = [path for path in code.imports if path not in functions and path not in given]
    if missing:
        example = ", ".join(f"{path!r}: …" for path in missing)
        raise ProgramError(
            f"{code.program.name} imports {', '.join(missing)}, which nobody provides; "
            f"pass Python functions with imports={{{example}}}."
        )


def check_made_up(code: Code, given: Collection[str], release: Release) -> None:
    """Raise `ProgramError` if an import of `code` that is no function would have to be made up, and cannot be."""
    for path, kind in code.others.items():
        if path not in given and code.program.kind == "module" and not release.makes_up_imports:
            raise ProgramError(
                f"{code.program.name} imports {path}, a {kind}, and Wasmtime {release.version} cannot make one "
                f"up; that came with {FIRST_THAT_MAKES_UP_IMPORTS}.0.0."
            )


def _check_others(code: Code, given: Collection[str]) -> None:
    for path, kind in code.others.items():
        if path in given:
            continue
        what = f"{code.program.name} imports {path}, a {kind}, which"
        if code.program.kind == "component":
            raise ProgramError(f"{what} no Python function is; compose it with a component that has one.")
        raise ProgramError(
            f"{what} only another instance of the same store has; "
            f"pass one with given={{{path.partition('#')[0]!r}: …}}."
        )


def _from_instance(store: Store, code: Code, module: str, instance: Instance) -> list[tuple[str, Any]]:
    paths = [path for path in code.imports if path.partition("#")[0] == module]
    who = f"instance {instance.number} of {instance.program.name}"
    if instance.store is not store:
        raise ArgumentError(f"{code.program.name} cannot use {who}, which is in another store.")
    if instance.program.kind == "component" or not instance.outcome.ok:
        raise ArgumentError(f"{code.program.name} cannot use {who}, which has no exports of a core module.")
    if not paths:
        wanted = ", ".join(dict.fromkeys(path.partition("#")[0] for path in code.imports)) or "nothing"
        raise ArgumentError(f"{code.program.name} imports nothing from {module!r}; it imports from {wanted}.")
    exported = instance.externs()
    for path in paths:
        if path.partition("#")[2] not in exported:
            raise ProgramError(f"{code.program.name} imports {path}, and {who} does not export that.")
    return [(path, exported[path.partition("#")[2]]) for path in paths]
