"""Finds an export by the name somebody uses for it: `wasi:cli/run` for `wasi:cli/run@0.2.6#run`."""

from __future__ import annotations

from collections.abc import Iterable


def find_export(asked: str, paths: Iterable[str]) -> str | None:
    """The one of `paths` that is meant by `asked`; None if there is none or several.

    A path is `name`, or `package/interface@version#name`. An interface may be asked for without its version, or by
    one that is compatible as semantic versions are (0.2.0 stands for every 0.2, 1.0.0 for every 1), and without a
    name where it has one function only.
    """
    known = list(paths)
    if asked in known:
        return asked
    meant = [path for path in known if _means(asked, path)]
    return meant[0] if len(meant) == 1 else None


def _means(asked: str, path: str) -> bool:
    interface, _, name = asked.partition("#")
    found, _, function = path.partition("#")
    wanted, _, version = interface.partition("@")
    package, _, exported = found.partition("@")
    return (
        bool(function)
        and wanted == package
        and (not name or name == function)
        and (not version or _track(version) == _track(exported))
    )


def _track(version: str) -> tuple[str, ...]:
    """What compatible versions have in common: `1` of 1.4.2, `0.2` of 0.2.6, all of 0.0.3."""
    parts = tuple(version.split("."))
    leading = next((i for i, part in enumerate(parts) if part != "0"), len(parts) - 1)
    return parts[: leading + 1]
