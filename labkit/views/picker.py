"""Choosing a program: a file dropped or picked in the browser, or the path of one beside the notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets

from labkit.errors import LabkitError
from labkit.views import markup
from labkit.views.explorer import Explorer
from labkit.views.widget import LabWidget, on_enter

Open = Callable[[str, bytes | None], Explorer]
"""Opens a program by its file's name, and its bytes where the browser sent them."""


class Picker(LabWidget):
    """An upload button and a path; below them the explorer of what was chosen. `explorer` is None before that."""

    def __init__(self, open_program: Open) -> None:
        super().__init__()
        self._open = open_program
        self.explorer: Explorer | None = None
        self.upload = ipywidgets.FileUpload(
            accept=".wasm,.wat",
            multiple=False,
            description="pick a file",
            tooltip="A core module, component or WAT",
        )
        self.path = ipywidgets.Text(
            description="or its path", placeholder="mine.wasm", tooltip="The path of a program"
        )
        self.path.style.description_width = "initial"
        self.open_button = ipywidgets.Button(description="open", tooltip="Open the program at this path")
        self.open_button.layout.width = "auto"
        self.status = ipywidgets.HTML()
        self.place = ipywidgets.VBox()
        row = ipywidgets.HBox([self.upload, self.path, self.open_button, self.status])
        row.layout.flex_flow = "row wrap"
        self.children = (row, self.problem, self.place)
        self.upload.observe(self._uploaded, names="value")
        self.open_button.on_click(lambda _button: self._typed())
        on_enter(self.path, self._typed)

    def choose(self, name: str, data: bytes | None = None) -> None:
        """Open a program by its path, or from bytes with a name; what is wrong with it is said in one sentence."""

        def run() -> None:
            line = f'<p class="lk-muted" role="status">examining {markup.text(Path(name).name)} …</p>'
            self.status.value = markup.boxed(line)
            try:
                self.explorer = self._open(name, data)
                self.place.children = (self.explorer,)
            except LabkitError as error:
                self.say_problem(str(error))
            finally:
                self.status.value = ""

        self.guarded("The file could not be opened", run)

    def static(self) -> str:
        """The explorer's, or that nothing is open yet."""
        if self.explorer is not None:
            return self.explorer.static()
        return self.problem.value or markup.boxed(markup.paragraph("No program is open yet.", "lk-muted"))

    def told(self) -> str:
        """The explorer's, or that nothing is open yet."""
        return "No program is open yet." if self.explorer is None else self.explorer.told()

    def _uploaded(self, change: dict[str, Any]) -> None:
        for file in change["new"]:
            self.choose(file["name"], bytes(file["content"]))

    def _typed(self) -> None:
        wanted = self.path.value.strip()
        if wanted:
            self.choose(wanted)
        else:
            self.say_problem("Write the path of a program, such as mine.wasm.")
