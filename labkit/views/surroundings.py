"""What the host gives a program: stubs for imports that nobody provides, and what WASI lets it find."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import ipywidgets

from labkit.errors import ArgumentError
from labkit.explore import Session, zero
from labkit.explore.wave import written
from labkit.host.signature import Signature
from labkit.host.wasi import Wasi, checked

_OFFERED = 100
"""How many stubs get a row of their own."""

TRAP, RETURN = "stops the guest", "returns"


class Stubs:
    """For each import that nobody provides: whether it stops the guest or returns a value, and which."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        interface = session.profile.interface
        unmet = set(interface.unmet)
        wanted = [one for one in interface.wants if one.path in unmet][:_OFFERED]
        self.rows = {one.path: _StubRow(one, changed) for one in wanted}
        others = [f"{path}: a {kind}" for path, kind in interface.others.items()]
        said = "Nobody provides these; a call of one stops the guest." if others else ""
        note = [ipywidgets.Label(f"{said} {', '.join(others)}")] if others else []
        self.widget = ipywidgets.VBox([*(row.widget for row in self.rows.values()), *note])

    def values(self) -> dict[str, str]:
        """The text of the value for each import that returns one."""
        return {path: row.value.value for path, row in self.rows.items() if row.how.value == RETURN}

    def set(self, path: str, text: str | None) -> None:
        """Have an import return the value that `text` writes, or stop the guest."""
        row = self.rows[path]
        if text is not None:
            row.value.value = text
        row.how.value = TRAP if text is None else RETURN


class _StubRow:
    def __init__(self, signature: Signature, changed: Callable[[], None]) -> None:
        result = signature.result
        self.how = ipywidgets.Dropdown(
            options=[TRAP, RETURN], tooltip=f"What {signature.path} does when it is called"
        )
        self.how.layout.width = "150px"
        self.value = ipywidgets.Text(
            value="" if result is None else written(result, zero(result)),
            placeholder="nothing" if result is None else str(result),
            tooltip=f"What {signature.path} returns",
            continuous_update=False,
        )
        self.value.layout.width = "200px"
        self.value.disabled = True
        label = ipywidgets.Label(str(signature))
        self.widget = ipywidgets.HBox([label, self.how, self.value])
        self.widget.layout.flex_flow = "row wrap"
        self._changed = changed
        self.how.observe(self._switched, names="value")
        self.value.observe(lambda _change: changed(), names="value")

    def _switched(self, change: dict[str, Any]) -> None:
        self.value.disabled = change["new"] == TRAP
        self._changed()


class Given:
    """Arguments, environment, standard input and files for a program that asks WASI for them."""

    def __init__(self, name: str, changed: Callable[[], None]) -> None:
        self._name = name
        self.args = self._line("arguments", "what a shell takes: --count 3 'two words'")
        self.env = self._area("environment", "NAME=value, one on a line")
        self.stdin = self._area("standard input", "")
        self.files = ipywidgets.FileUpload(multiple=True, description="files for /lab")
        self.widget = ipywidgets.VBox([self.args, self.env, self.stdin, self.files])
        for field in (self.args, self.env, self.stdin, self.files):
            field.observe(lambda _change: changed(), names="value")

    def wasi(self) -> Wasi | None:
        """What is filled in; raises `ArgumentError` for what no guest can be given."""
        try:
            args = shlex.split(self.args.value)
        except ValueError:
            raise ArgumentError("The arguments have a quotation mark that is not closed.") from None
        env = dict(_variable(line) for line in self.env.value.splitlines() if line.strip())
        folder = {file["name"]: _text(file) for file in self.files.value}
        if not (args or env or self.stdin.value or folder):
            return None
        return checked(Wasi(args=(self._name, *args), env=env, stdin=self.stdin.value, folder=folder))

    def _line(self, label: str, hint: str) -> Any:
        field = ipywidgets.Text(description=label, placeholder=hint, tooltip=label, continuous_update=False)
        return self._sized(field)

    def _area(self, label: str, hint: str) -> Any:
        field = ipywidgets.Textarea(description=label, placeholder=hint, tooltip=label, continuous_update=False)
        return self._sized(field)

    def _sized(self, field: Any) -> Any:
        field.style.description_width = "110px"
        field.layout.width = "min(480px, 100% - 4px)"
        return field


def _variable(line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    if not sign:
        raise ArgumentError(f"{line!r} is no variable of the environment; write NAME=value.")
    return name.strip(), value


def _text(file: dict[str, Any]) -> str:
    try:
        return bytes(file["content"]).decode("utf-8")
    except UnicodeDecodeError:
        raise ArgumentError(f"{file['name']} cannot be given to a guest: it is no text.") from None
