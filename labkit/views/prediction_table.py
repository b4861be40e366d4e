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

    `choices` are pairs of a word and what it means; none where nothing is asked.
    """

    label: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """Steps under a heading of their own; `name` is what they are called among several parts, such as `A`."""

    name: str
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
        self.choosers = [_chooser(part, line) for part in parts for line in part.lines if line.choices]
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
            ipywidgets.HTML(_inside(self._legend(), css="lk-muted")),
            self.button,
            self.problem,
            self._result,
        )

    @property
    def predictions(self) -> list[str | None]:
        """What is chosen for each step that asks, `None` where nothing is yet."""
        return [chooser.value for chooser in self.choosers]

    @property
    def meanings(self) -> dict[str, str]:
        """What each word means that says more than itself."""
        lines = [line for part in self._parts for line in part.lines]
        return {word: meaning for line in lines for word, meaning in line.choices if meaning}

    def static(self) -> str:
        """The task, the steps with what may be predicted, and how the predictions were judged."""
        return "".join(
            [
                self._head._repr_html_(),
                markup.boxed(
                    *(self._static_part(part) for part in self._parts),
                    markup.paragraph(self._legend(), "lk-muted"),
                ),
                self._judged._repr_html_() if self._judged else "",
            ]
        )

    def told(self) -> str:
        """The same in lines of text."""
        lines = [repr(self._head)]
        for part in self._parts:
            lines += [_titled(part)] if part.name else []
            for line in part.lines:
                asked = f" [{' | '.join(word for word, _meaning in line.choices)}]" if line.choices else ""
                lines.append(f"  {line.label}: {line.text}{asked}")
        return "\n".join([*lines, *([repr(self._judged)] if self._judged else [])])

    def _rows(self) -> list[Any]:
        waiting = iter(self.choosers)
        rows: list[Any] = []
        for part in self._parts:
            if part.name:
                rows.append(ipywidgets.HTML(_inside(f"<strong>{markup.prose(_titled(part))}</strong>")))
            rows += [_row(line, next(waiting) if line.choices else None) for line in part.lines]
        return rows

    def _legend(self) -> str:
        meant = [
            f"<code>{markup.text(word)}</code> {markup.text(meaning)}" for word, meaning in self.meanings.items()
        ]
        return "; ".join(meant)

    def _play(self) -> None:
        missing = next((chooser for chooser in self.choosers if chooser.value is None), None)
        if missing is not None:
            self.say_problem(f"Choose a prediction for {missing.description} first.")
            return
        self._result.value = _inside("playing …", role="status")
        self._judged = self._judge([str(chooser.value) for chooser in self.choosers])
        self._result.value = f'<div role="status">{self._judged._repr_html_()}</div>'

    def _static_part(self, part: Part) -> str:
        chosen = iter(self.predictions)
        rows = []
        for line in part.lines:
            said = next(chosen) if line.choices else ""
            offered = ", ".join(f"<code>{markup.text(word)}</code>" for word, _meaning in line.choices)
            cell = f"<code>{markup.text(said)}</code>" if said else offered
            rows.append([markup.text(line.label), markup.prose(line.text), cell])
        return markup.table(
            _titled(part) if part.name else "What will happen?", ["step", "what is done", "your prediction"], rows
        )


def _titled(part: Part) -> str:
    return f"{part.name}: {part.heading}"


def _chooser(part: Part, line: Line) -> Any:
    # Neither a list to pull down nor radio buttons: JupyterLab takes the keys that those need, arrows and letters.
    chooser = ipywidgets.ToggleButtons(
        options=[word for word, _meaning in line.choices],
        value=None,
        description=f"{part.name} {line.label}".strip(),
        tooltips=[meaning or word for word, meaning in line.choices],
    )
    chooser.style.button_width = "auto"
    chooser.layout.width = "auto"
    chooser.layout.flex = "1 1 30em"
    chooser.add_class("lk-wrap")
    chooser.add_class("lk-unlabelled")
    return chooser


def _row(line: Line, chooser: Any) -> Any:
    text = ipywidgets.HTML(
        _inside(f'<span class="lk-muted">{markup.text(line.label)}</span> {markup.prose(line.text)}')
    )
    text.layout.flex = "1 1 24em"
    text.layout.width = "auto"
    row = ipywidgets.HBox([text, *([chooser] if chooser else [])])
    row.layout.flex_flow = "row wrap"
    row.layout.align_items = "center"
    row.add_class("lk-line")
    return row


def _inside(inner: str, role: str = "", css: str = "") -> str:
    """HTML inside the widget, which has the style sheet already."""
    attributes = f' role="{role}"' * bool(role) + f' class="{css}"' * bool(css)
    return f"<p{attributes}>{inner}</p>"
