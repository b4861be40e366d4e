"""One mix by release: a strip of buttons, and a table where no kernel lives.

As in the matrix a button holds its words, which a screen reader says, and a style sheet draws what is seen.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import ipywidgets

from labkit.host.outcome import Kind
from labkit.runtimes import Cell
from labkit.views import markup
from labkit.views.async_words import differing, gap_of, kind_of, short_words, stalls, waited
from labkit.views.costs import duration
from labkit.views.theme import DARK, LIGHT, Palette

_RULES: Final = """
.KEY .widget-toggle-buttons{width:100%;height:auto;margin:0;overflow:visible}
.KEY .widget-toggle-buttons>div{display:flex;flex-flow:row wrap;gap:5px;padding:4px}
.KEY .widget-toggle-button{position:relative;flex:none;width:98px!important;height:66px;margin:0;padding:0;
color:transparent;font-size:0;line-height:0;background:var(--lk-lane) no-repeat 9px 25px;
border:1px solid var(--lk-lane);border-radius:4px;box-shadow:none!important;overflow:hidden}
.KEY .widget-toggle-button:hover{border-color:var(--lk-muted);background-color:var(--lk-lane)}
.KEY .widget-toggle-button.mod-active{outline:2px solid var(--lk-ink);outline-offset:0;
background-color:var(--lk-lane)}
.KEY .widget-toggle-button::before,.KEY .widget-toggle-button::after{position:absolute;
text-align:left;white-space:pre;line-height:17px}
.KEY.lk-busy .widget-toggle-button{border:1px dashed var(--lk-muted);cursor:progress}
.KEY .widget-toggle-button::before{inset:0;padding:4px 9px;font-size:11px;color:var(--lk-muted)}
.KEY .widget-toggle-button::after{left:9px;top:22px;font-size:12px;color:var(--lk-muted)}
"""

_BAR: Final = 78
"""Pixels of the rule that stands for the time that a call takes."""


class ReleaseStrip(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A button per release; `on_choose(at)` is told of each click, by its place. `update` shows other cells."""

    def __init__(self, on_choose: Callable[[int], None]) -> None:
        super().__init__()
        self._on_choose = on_choose
        # A click may come on another thread than that of an update, which must not take it for its own doing.
        self._lock = threading.RLock()
        self._setting = False
        self._key = f"lk-strip-{self.model_id}"
        self._style = ipywidgets.HTML()
        self.buttons = ipywidgets.ToggleButtons()
        self.buttons.observe(self._changed, names="index")
        self.add_class("labkit")
        self.add_class(self._key)
        self.children = (self._style, self.buttons)

    def update(self, cells: Sequence[Cell], chosen: int, *, playing: bool = False) -> None:
        """Show these cells, the one at `chosen` set off; `playing` says that the missing ones are on their way."""
        labels = [_label(cells, at, playing) for at in range(len(cells))]
        with self._lock:
            (self.add_class if playing else self.remove_class)("lk-busy")
            self._style.value = _style(cells, self._key, playing)
            self._setting = True
            try:
                if list(self.buttons.options) != labels:
                    tooltips = [cell.problem or label for cell, label in zip(cells, labels, strict=True)]
                    self.buttons.tooltips = tooltips
                    self.buttons.options = labels
                self.buttons.index = chosen
            finally:
                self._setting = False

    def _changed(self, change: dict[str, Any]) -> None:
        with self._lock:
            mine = self._setting
        if not mine and change["new"] is not None:
            self._on_choose(change["new"])


def release_table(cells: Sequence[Cell], caption: str, chosen: int) -> str:
    """The cells as a table: release, outcome, the event loop's longest gap, how long the call took."""
    rows = []
    for cell, differs in zip(cells, differing(cells), strict=True):
        kind, gap = kind_of(cell), gap_of(cell)
        first, second = short_words(cell)
        where = markup.text(cell.problem or ("" if gap else second))
        sign = '<strong title="differs from the release before">≠</strong> ' if differs else ""
        shown = markup.labelled(kind) if kind else f'<span class="lk-muted">{markup.text(first)}</span>'
        figures = [duration(ms * 1000) for ms in gap] if gap else ["–", "–"]
        if stalls(cell):
            figures[0] = f"<strong>{figures[0]}</strong>"
        rows.append([markup.text(cell.runtime), f"{sign}{shown} {where}", *figures])
    head = ["Wasmtime", "outcome", "loop stood still for", "call took"]
    return markup.table(caption, head, rows, numbers=(2, 3), chosen=chosen)


def _words(cell: Cell, playing: bool) -> tuple[str, str]:
    return ("playing …", "") if playing and cell.trace is None and not cell.problem else short_words(cell)


def _label(cells: Sequence[Cell], at: int, playing: bool) -> str:
    words = " ".join(filter(None, _words(cells[at], playing)))
    differs = f", differs from {cells[at - 1].runtime}" if differing(cells)[at] else ""
    return f"{cells[at].runtime}: {words}{differs}"


def _style(cells: Sequence[Cell], key: str, playing: bool) -> str:
    """The rules for every button; those with the same sign share its picture."""
    parts = [_RULES.replace("KEY", key)]
    alike: dict[Kind, list[str]] = {}
    for at, (cell, differs) in enumerate(zip(cells, differing(cells), strict=True)):
        button = f".{key} .widget-toggle-button:nth-child({at + 1})"
        parts += _button(button, cell, differs, playing)
        if (kind := kind_of(cell)) is not None:
            alike.setdefault(kind, []).append(button)
    for kind, buttons in alike.items():
        dark = ",".join(f'[data-jp-theme-light="false"] {button}' for button in buttons)
        parts.append(f"{','.join(buttons)}{{background-image:{_sign(kind, LIGHT)}}}")
        parts.append(f"{dark}{{background-image:{_sign(kind, DARK)}}}")
    return f"{markup.style_sheet()}<style>{''.join(parts)}</style>".replace("\n", "")


def _button(button: str, cell: Cell, differs: bool, playing: bool) -> Iterator[str]:
    first, second = _words(cell, playing)
    played = kind_of(cell) is not None
    # The sign stands before the first of the two lines.
    lines = f"{'    ' if played else ''}{first}\\A {second}"
    head = f"≠ {cell.runtime}" if differs else cell.runtime
    yield f"{button}::before{{{_drawn(head)}}}{button}::after{{{_drawn(lines)}}}"
    if played:
        yield f"{button}::after{{color:var(--lk-ink)}}"
    if waited(cell):
        yield f"{button}::before{{background:{_bar(cell)}}}"
    if differs:
        yield f"{button}{{border-left:3px solid var(--lk-ink)}}{button}::before{{color:var(--lk-ink)}}"


def _drawn(words: str) -> str:
    # Without the second text, which browsers that do not know it pass over, a screen reader would say it twice.
    return f'content:"{words}";content:"{words}"/""'


def _bar(cell: Cell) -> str:
    """The loop's longest gap as a part of the call, for a style sheet: a bar on a rule as long as the call."""
    gap = gap_of(cell)
    part = min(gap.longest / gap.took, 1.0) if gap else 0.0
    bar, rule = (f"linear-gradient(var(--lk-{name}),var(--lk-{name}))" for name in ("host-error", "rule"))
    return f"{bar} 9px 57px/{max(part * _BAR, 2):.0f}px 4px no-repeat,{rule} 9px 58px/{_BAR}px 2px no-repeat"


def _sign(kind: Kind, palette: Palette) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-.7 -.7 1.4 1.4" width="12" height="12">'
        f'<path d="{markup.outline(kind)}" fill="{palette.mark[kind]}"/></svg>'
    )
    return f'url("data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}")'
