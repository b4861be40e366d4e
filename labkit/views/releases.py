"""The Wasmtime releases on this machine, and what each does where releases disagree."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.errors import RuntimeDamagedError
from labkit.runtimes import Runtime
from labkit.views import markup
from labkit.views.words import counted, listed


class Releases:
    """A table of releases, in the order given; one that is damaged says so in its row."""

    def __init__(self, versions: Sequence[str]) -> None:
        self.versions = tuple(versions)

    def _repr_html_(self) -> str:
        head = ["Wasmtime", "where", "components", "a trap closes", "async misuse", "a call from inside a call"]
        caption = f"{counted(len(self.versions), 'release')} on this machine"
        return markup.boxed(markup.table(caption, head, [_row(version) for version in self.versions]))

    def __repr__(self) -> str:
        names = listed(self.versions)
        return f"{counted(len(self.versions), 'Wasmtime release')} on this machine: {names}"


def _row(version: str) -> list[str]:
    try:
        runtime = Runtime(version)
    except RuntimeDamagedError as error:
        return [markup.text(version), markup.prose(str(error)), *["–"] * 4]
    can = runtime.capabilities
    where = "this environment" if runtime.own else f"fetched, {runtime.size / 2**20:.0f} MiB"
    return [
        markup.text(runtime.version),
        where,
        "yes" if can.components else "no",
        f"the {can.poison_scope}" if can.components else "–",
        "aborts the process" if can.aborts_on_async_misuse else "an error",
        "allowed" if can.reentrance else "refused" if can.components else "–",
    ]
