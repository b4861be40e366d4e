"""The timeline: stores as lanes, steps from left to right, what poisoned a store and how far that reaches."""

from __future__ import annotations

from typing import Final

from matplotlib.figure import Figure

from labkit.record.trace import Step, Trace
from labkit.views.canvas import (
    LEADING,
    SMALL,
    TITLE,
    WIDTH,
    Entry,
    Sheet,
    house_style,
    kind_entries,
    rows_of,
    text_width,
    wrap,
)
from labkit.views.page import figure_html
from labkit.views.theme import palette
from labkit.views.timeline_layout import LEFT, RIGHT, Lane, Layout, Row, lay_out, window
from labkit.views.timeline_words import step_title, timeline_alt, timeline_reading
from labkit.views.words import clean, clip

LAST: Final = 24
"""How many steps a timeline shows unless asked otherwise."""

_LEGEND_ROW: Final = 15.0


def timeline_figure(trace: Trace, *, selected: int | None = None, dark: bool = False, last: int = LAST) -> Figure:
    """The timeline of a trace: 9.6 inches wide, as high as its stores and its reading ask for.

    `selected` is the number of the step to ring. Of a longer trace the last `last` steps are shown (or those
    that end with `selected`), and a note says which are not. Gids: `step-N` for marks.
    """
    layout = lay_out(trace, last, selected)
    title = wrap(timeline_reading(trace), TITLE, WIDTH - 24, 3)
    height, gap = (44.0, 7.0) if layout.roomy else (29.0, 5.0)
    top = 20 + TITLE * LEADING * len(title)
    lanes = max(len(layout.lanes), 1)
    legend = _legend(layout)
    foot = 32 + _LEGEND_ROW * len(legend)
    with house_style():
        sheet = Sheet(top + lanes * (height + gap) + foot, palette(dark))
        sheet.title(title)
        for i, lane in enumerate(layout.lanes):
            _draw_lane(sheet, layout, lane, sheet.height - top - i * (height + gap) - height / 2, height, selected)
        _draw_foot(sheet, layout, legend, selected)
        return sheet.figure


def timeline_html(trace: Trace, *, selected: int | None = None, last: int = LAST, key: str = "") -> str:
    """The timeline as an HTML fragment that follows the page's theme; each mark tells its step on hover."""
    titles = {f"step-{step.n}": step_title(step) for step in window(trace, last, selected)[0]}
    figure = timeline_figure(trace, selected=selected, last=last)
    return figure_html(figure, timeline_alt(trace), titles=titles, key=key)


def _draw_lane(sheet: Sheet, layout: Layout, lane: Lane, y: float, height: float, selected: int | None) -> None:
    colours = sheet.colours
    poison = colours.mark["trapped"]
    bottom = y - height / 2
    rows: dict[Row, float] = (
        {"above": y + 14, "middle": y, "below": y - 14.5} if layout.roomy else {"above": y + 7.5, "middle": y - 5}
    )
    sheet.text(LEFT - 12, rows["middle"], f"store {lane.store}", size=9.5, across="right")
    if lane.left > LEFT + 4:
        sheet.line((LEFT - 6, lane.left), (rows["middle"],) * 2)
    sheet.box(lane.left, bottom, lane.right - lane.left, height, colours.lane)
    if lane.poisoned is not None:
        sheet.box(
            lane.tint, bottom, lane.right - lane.tint, height, poison, opacity=0.12, gid=f"tint-{lane.store}"
        )
    if lane.closed:
        sheet.line((lane.right,) * 2, (bottom, bottom + height), color=colours.muted, linewidth=1.2)
    for step in lane.steps:
        _draw_step(sheet, layout, step, rows["middle"], selected == step.n)
    for label in lane.labels:
        tone = {"ink": colours.ink, "muted": colours.muted, "poisoned": colours.text["trapped"]}[label.tone]
        sheet.text(label.x, rows[label.row], label.text, size=SMALL, colour=tone, across="center")


def _draw_step(sheet: Sheet, layout: Layout, step: Step, y: float, selected: bool) -> None:
    colours = sheet.colours
    x = layout.xs[step.n]
    size = min(11.0 if layout.roomy else 9.5, max(5.0, layout.pitch - 2))
    kind = step.outcome.kind if step.outcome else None
    gid = f"step-{step.n}"
    outer = layout.xs.get(step.inside) if step.inside is not None else None
    if outer is not None:
        sheet.line((outer, x), (y, y), color=colours.muted, linewidth=1.0)
    if step.do == "instantiate":
        reach = 7.0 if layout.roomy else 5.0
        for shift in (-1.8, 1.8) if step.recompiled else (0.0,):
            sheet.line(
                (x + shift,) * 2, (y - reach, y + reach), color=colours.muted, linewidth=1.8, zorder=4, gid=gid
            )
    if kind is not None and (step.do == "call" or kind != "returned"):
        sheet.mark(x, y, kind, size=size, gid=gid)
    elif kind is None:
        sheet.open_dot(x, y, size=size - 2, gid=gid)
    if selected:
        style = {"markerfacecolor": "none", "markeredgecolor": colours.ink, "markeredgewidth": 1.4}
        sheet.dot(x, y, marker="o", markersize=size + 8, gid="selected", zorder=4.5, **style)


def _draw_foot(sheet: Sheet, layout: Layout, legend: list[list[Entry]], selected: int | None) -> None:
    colours = sheet.colours
    base = 20.0 + _LEGEND_ROW * len(legend)
    sheet.text(LEFT - 12, base, "step", size=SMALL, colour=colours.muted, across="right")
    widest = max((text_width(str(step.n), SMALL) for step in layout.steps), default=0)
    stride = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000, 10**9) if n * layout.pitch >= widest + 4)
    for step in layout.steps:
        chosen = step.n == selected
        if chosen or (step.n % stride == 0 and (selected is None or abs(step.n - selected) >= stride)):
            tone, weight = (colours.ink, "bold") if chosen else (colours.muted, "normal")
            x = layout.xs[step.n]
            sheet.text(x, base, str(step.n), size=SMALL, colour=tone, across="center", weight=weight)
    for i, row in enumerate(reversed(legend)):
        sheet.legend(LEFT, 13 + _LEGEND_ROW * i, row)
    if layout.hidden:
        sheet.text(RIGHT, 13, layout.hidden, size=SMALL, colour=colours.muted, across="right")


def _legend(layout: Layout) -> list[list[Entry]]:
    entries = kind_entries(step.outcome.kind for step in layout.steps if step.outcome and _marked(step))
    if any(step.outcome is None for step in layout.steps):
        entries.append(Entry("no outcome yet", hollow=True))
    making = [step for step in layout.steps if step.do == "instantiate"]
    names = sorted({clip(clean(step.program), 28) for step in making})
    if making:
        made = all(step.outcome is not None and step.outcome.kind == "returned" for step in making)
        name = names[0] if len(names) == 1 else "program"
        entries.append(Entry(f"{name} {'instantiated' if made else 'being instantiated'}", bars=(0.0,)))
    if any(step.recompiled for step in layout.steps):
        entries.append(Entry("compiled again", bars=(-1.8, 1.8)))
    note = text_width(layout.hidden, SMALL) + 16 if layout.hidden else 0.0
    return rows_of(entries, RIGHT - LEFT - note)


def _marked(step: Step) -> bool:
    return step.do == "call" or (step.outcome is not None and step.outcome.kind != "returned")
