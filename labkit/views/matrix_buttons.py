"""A matrix as buttons: a row of toggle buttons per scenario, whose labels are words and whose looks are signs.

A button of ipywidgets holds plain text in one colour. So the words stay its label, which a screen reader says, and
a style sheet draws the signs over them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ipywidgets

from labkit.host.outcome import Kind
from labkit.runtimes import Cell, Matrix, Row
from labkit.views import markup
from labkit.views.matrix_words import (
    cell_words,
    change_in,
    differs_from_left,
    differs_unseen,
    kinds,
    left_of,
    row_names,
)
from labkit.views.theme import DARK, LIGHT, Palette

_RULES: Final = """
.KEY{overflow-x:auto;padding:4px 4px 6px}
.KEY .widget-toggle-buttons{display:flex;flex-flow:row nowrap;
width:auto;height:auto;margin:0 0 3px;overflow:visible;flex:none;align-items:center}
.KEY .widget-toggle-buttons>div{display:flex;flex-wrap:nowrap;gap:3px}
.KEY .widget-toggle-buttons>.widget-label{width:NAMEpx;flex:none;text-align:left;color:var(--lk-ink);
white-space:normal;line-height:1.25;overflow-wrap:anywhere;height:auto;margin-right:8px;font-size:12px}
.KEY .widget-toggle-button{position:relative;flex:none;width:WIDTHpx!important;margin:0;padding:0;
color:transparent;font-size:0;line-height:0;background:var(--lk-lane) no-repeat 11px center;
border:1px solid var(--lk-lane);border-radius:4px;box-shadow:none!important;overflow:visible}
.KEY .widget-toggle-button:hover{border-color:var(--lk-muted);background-color:var(--lk-lane)}
.KEY .widget-toggle-button.mod-active{outline:2px solid var(--lk-ink);outline-offset:0;
background-color:var(--lk-lane)}
.KEY .widget-toggle-button::before,.KEY .widget-toggle-button::after{position:absolute;line-height:14px;
font-size:12px;top:50%;transform:translateY(-50%);color:var(--lk-ink)}
.KEY .widget-toggle-button::after{color:var(--lk-muted);left:13px;font-size:14px}
.KEY .lk-heads{display:flex;gap:3px;color:var(--lk-muted);font-size:11px;
line-height:1.3;margin-bottom:3px}
.KEY .lk-heads span{width:WIDTHpx;flex:none;box-sizing:border-box;padding-left:11px;white-space:nowrap}
.KEY .lk-heads span:first-child{width:NAMEpx;padding:0;margin-right:5px}
"""


@dataclass(frozen=True)
class _Plan:
    """How large things are, in pixels: more room for each cell where there are few."""

    sign: int
    per_line: int
    name: int
    width: int

    def height(self, row: Row) -> int:
        longest = max((len(kinds(cell)) for cell in row.cells), default=1)
        lines = max(1, -(-longest // self.per_line))
        return max(lines * self.sign + 10, 30)


def _plan(matrix: Matrix) -> _Plan:
    longest = max((len(kinds(cell)) for row in matrix.rows for cell in row.cells), default=1)
    widest = 7 * max((len(name) for name in row_names(matrix.rows)), default=8)
    across = len(matrix.runtimes)
    sign, most, least, name = (
        (16, 8, 96, 210) if across <= 5 else (12, 6, 62, 150) if across <= 8 else (9, 5, 58, 98)
    )
    per_line = max(2, min(longest, most))
    return _Plan(sign, per_line, min(max(widest, 70), name), max(per_line * sign + 13, least))


class MatrixButtons(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One button per cell; `on_choose(row, column)` is told of each click. `update` shows another state."""

    def __init__(self, matrix: Matrix, on_choose: Callable[[int, int], None]) -> None:
        super().__init__()
        self._on_choose = on_choose
        self._setting = False
        self._key = f"lk-matrix-{self.model_id}"
        self._head = ipywidgets.HTML()
        self.rows = [ipywidgets.ToggleButtons() for _ in matrix.rows]
        for at, row in enumerate(self.rows):
            row.add_class(f"lk-row-{at}")
            row.observe(lambda change, at=at: self._changed(at, change), names="index")
        self.add_class("labkit")
        self.add_class("lk-matrix")
        self.add_class(self._key)
        self.children = (self._head, *self.rows)
        self.update(matrix)

    def update(self, matrix: Matrix) -> None:
        """Show the cells as they are now; nothing is chosen afterwards."""
        plan = _plan(matrix)
        self._head.value = _style(matrix, plan, self._key) + _heads(matrix)
        self._setting = True
        try:
            for name, row, buttons in zip(row_names(matrix.rows), matrix.rows, self.rows, strict=True):
                labels = [_label(row, cell) for cell in row.cells]
                if list(buttons.options) != labels:
                    buttons.tooltips = [_tooltip(row, cell) for cell in row.cells]
                    buttons.options = labels
                    buttons.description = name
                    buttons.tooltip = row.scenario
                buttons.index = None
        finally:
            self._setting = False

    def choose(self, row: int, column: int) -> None:
        """Set off one cell and no other; tells nobody."""
        self._setting = True
        try:
            for at, buttons in enumerate(self.rows):
                wanted = column if at == row else None
                # A row that is as it should be is left alone: setting it again takes the focus off its button.
                if buttons.index != wanted:
                    buttons.index = wanted
        finally:
            self._setting = False

    def _changed(self, row: int, change: dict[str, Any]) -> None:
        if not self._setting and change["new"] is not None:
            self._on_choose(row, change["new"])


def _label(row: Row, cell: Cell) -> str:
    before = left_of(row, cell)
    unseen = " in a value or in words" if differs_unseen(row, cell) else ""
    differs = f", differs from {before.runtime}{unseen}" if before and differs_from_left(row, cell) else ""
    return f"{cell.runtime}: {cell_words(cell)}{differs}"


def _tooltip(row: Row, cell: Cell) -> str:
    return f"{_label(row, cell)}. {cell.problem or change_in(row, cell)}".rstrip()


def _heads(matrix: Matrix) -> str:
    names = "".join(f"<span>{markup.text(version)}</span>" for version in matrix.runtimes)
    return f'<div class="lk-heads" aria-hidden="true"><span>Wasmtime</span>{names}</div>'


def _style(matrix: Matrix, plan: _Plan, key: str) -> str:
    """The rules for every cell; cells with the same signs share theirs."""
    rules = _RULES.replace("KEY", key).replace("NAME", str(plan.name)).replace("WIDTH", str(plan.width))
    alike: dict[tuple[Kind, ...], list[str]] = {}
    parts = [rules]
    for at, row in enumerate(matrix.rows):
        parts.append(f".{key} .lk-row-{at} .widget-toggle-button{{height:{plan.height(row)}px}}")
        for column, cell in enumerate(row.cells, start=1):
            button = f".{key} .lk-row-{at} .widget-toggle-button:nth-child({column})"
            alike.setdefault(kinds(cell), []).append(button)
            if cell.trace is None:
                parts.append(f'{button}::after{{content:"{"?" if cell.problem else "·"}"}}')
            if differs_from_left(row, cell):
                parts.append(f"{button}{{border-left:3px solid var(--lk-ink)}}")
                sign = "≈" if differs_unseen(row, cell) else "≠"
                parts.append(f'{button}::before{{content:"{sign}";left:1px;font-size:{min(plan.sign + 1, 12)}px}}')
    for signs, buttons in alike.items():
        if signs:
            dark = ",".join(f'[data-jp-theme-light="false"] {button}' for button in buttons)
            parts.append(f"{','.join(buttons)}{{background-image:{_picture(signs, plan, LIGHT)}}}")
            parts.append(f"{dark}{{background-image:{_picture(signs, plan, DARK)}}}")
    return f"{markup.style_sheet()}<style>{''.join(parts)}</style>".replace("\n", "")


def _picture(signs: Sequence[Kind], plan: _Plan, palette: Palette) -> str:
    """The signs as a picture for a style sheet, which cannot know the page's theme: hence one per palette."""
    across, down = min(len(signs), plan.per_line), -(-len(signs) // plan.per_line)
    marks = []
    for i, kind in enumerate(signs):
        x, y = i % plan.per_line + 0.5, i // plan.per_line + 0.5
        place = f"translate({x} {y}) scale(.66)"
        marks.append(f'<path transform="{place}" d="{markup.outline(kind)}" fill="{palette.mark[kind]}"/>')
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across * plan.sign}" '
        f'height="{down * plan.sign}">{"".join(marks)}</svg>'
    )
    return f'url("data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}")'
