"""Steps with a prediction to choose for each, and a button that has them judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets

from labkit.views import markup
from labkit.views.widget import LabWidget


class Shown(Protocol):
    """Something to show, as HTML and as text."""

    def _repr_html_(self) -> str: ...


@dataclass(frozen=True)
class Line:
    """A step: its label, what it does (code between backticks), and the predictions to choose from.

    `choices` are pairs of words and value; none where nothing is asked.
    """

    label: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """Steps under a heading of their own; `heading` may be empty."""

    heading: str
    lines: tuple[Line, ...]


class PredictionTable(LabWidget):
    """A prediction for each step that asks for one; `judge` is given all of them, in the order of the steps.

    `head` is what stands above the table, HTML and text. What `judge` returns is shown below it.
    """

    def __init__(self, head: Shown, parts: Sequence[Part], judge: Callable[[list[str]], Shown]) -> None:
        super().__init__()
        self._head = head
        self._parts = tuple(parts)
        self._judge = judge
        self._judged: Shown | None = None
        lines = [line for part in parts for line in part.lines]
        self.choosers = [_chooser(line) for line in lines if line.choices]
        self.button = ipywidgets.Button(
            description="play it", tooltip="Play these steps, and see which predictions hold"
        )
        self._result = ipywidgets.HTML()
        self.button.on_click(lambda _button: self.guarded("Playing failed", self._play))
        # The colours and lines of the lab's style sheet hold for what is inside this class.
        self.add_class("labkit")
        self.add_class("lk-predictions")
        self.children = (
            ipywidgets.HTML(head._repr_html_()),
            *self._rows(),
            self.button,
            self.problem,
            self._result,
        )

    @property
    def predictions(self) -> list[str | None]:
        """What is chosen for each step that asks, `None` where nothing is yet."""
        return [chooser.value for chooser in self.choosers]

    def static(self) -> str:
        """The task, the steps with what may be predicted, and how the predictions were judged."""
        return "".join(
            [
                self._head._repr_html_(),
                markup.boxed(*(self._static_part(part) for part in self._parts)),
                self._judged._repr_html_() if self._judged else "",
            ]
        )

    def told(self) -> str:
        """The same in lines of text."""
        lines = [repr(self._head)]
        for part in self._parts:
            lines += [part.heading] if part.heading else []
            for line in part.lines:
                asked = f" [{' | '.join(value for _words, value in line.choices)}]" if line.choices else ""
                lines.append(f"  {line.label}: {line.text}{asked}")
        return "\n".join([*lines, *([repr(self._judged)] if self._judged else [])])

    def _rows(self) -> list[Any]:
        waiting = iter(self.choosers)
        rows: list[Any] = []
        for part in self._parts:
            if part.heading:
                rows.append(ipywidgets.HTML(_inside(f"<strong>{markup.prose(part.heading)}</strong>")))
            rows += [_row(line, next(waiting) if line.choices else None) for line in part.lines]
        return rows

    def _play(self) -> None:
        missing = next((chooser for chooser in self.choosers if chooser.value is None), None)
        if missing is not None:
            self.say_problem(f"Choose a prediction for {missing.description} first.")
            return
        self.button.disabled = True
        self._result.value = _inside("playing …", role="status")
        try:
            self._judged = self._judge([str(chooser.value) for chooser in self.choosers])
            self._result.value = f'<div role="status">{self._judged._repr_html_()}</div>'
        finally:
            self.button.disabled = False

    def _static_part(self, part: Part) -> str:
        chosen = iter(self.predictions)
        rows = []
        for line in part.lines:
            said = next(chosen) if line.choices else ""
            offered = ", ".join(f"<code>{markup.text(value)}</code>" for _words, value in line.choices)
            cell = f"<code>{markup.text(said)}</code>" if said else offered
            rows.append([markup.text(line.label), markup.prose(line.text), cell])
        return markup.table(part.heading or "What will happen?", ["step", "what is done", "your prediction"], rows)


def _chooser(line: Line) -> Any:
    # Not radio buttons: JupyterLab takes the arrow keys that those need, and jumps to the next cell.
    chooser = ipywidgets.Dropdown(
        options=[("your prediction …", None), *line.choices],
        value=None,
        description=line.label,
        tooltip=f"Prediction for {line.label}",
    )
    chooser.style.description_width = "initial"
    chooser.layout.width = "auto"
    chooser.layout.flex = "0 1 25em"
    return chooser


def _row(line: Line, chooser: Any) -> Any:
    label = "" if chooser else f'<span class="lk-muted">{markup.text(line.label)}</span> '
    text = ipywidgets.HTML(_inside(f"{label}{markup.prose(line.text)}"))
    text.layout.flex = "1 1 24em"
    text.layout.width = "auto"
    row = ipywidgets.HBox([text, *([chooser] if chooser else [])])
    row.layout.flex_flow = "row wrap"
    row.layout.align_items = "center"
    row.add_class("lk-line")
    return row


def _inside(inner: str, role: str = "") -> str:
    """HTML inside the widget, which has the style sheet already."""
    return f'<p role="{role}">{inner}</p>' if role else f"<p>{inner}</p>"
