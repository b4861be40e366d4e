"""A service that keeps state in its guest, under each way of keeping that: what was answered, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.figure import Figure

from labkit.host.outcome import KINDS
from labkit.reuse import Served
from labkit.views import markup
from labkit.views.canvas import (
    LEADING,
    SMALL,
    TITLE,
    WIDTH,
    Sheet,
    fit,
    house_style,
    kind_entries,
    text_width,
    wrap,
)
from labkit.views.costs import duration
from labkit.views.page import figure_html
from labkit.views.theme import palette

_ROW: Final = 68.0
_BAR: Final = 11.0
_NAME: Final = 10.0
_WORD: Final = 8.5
_CURVE: Final = 30.0
_NOTE: Final = (
    "Bar: requests by outcome. Curve: how many notes the answering guest has, from the first request to the last."
)


def service_figure(served: Sequence[Served], *, dark: bool = False) -> Figure:
    """Requests by outcome and what the guest knew meanwhile, for each way; 9.6 inches wide.

    Gids: `served-N` for bars, `state-N` for the curves, from 0.
    """
    left = 28 + min(210.0, max((text_width(one.label, _NAME) for one in served), default=40.0))
    right = WIDTH - 24 - max((text_width(_beside(one), _WORD) for one in served), default=100.0)
    title = wrap(service_reading(served), TITLE, WIDTH - 24, 3)
    top = 24 + TITLE * LEADING * len(title)
    most = max((max(one.remembered, default=0) for one in served), default=0) or 1
    with house_style():
        sheet = Sheet(top + _ROW * max(len(served), 1) + 46, palette(dark))
        colours = sheet.colours
        sheet.title(title)
        for n, one in enumerate(served):
            y = sheet.height - top - _ROW * (n + 0.5)
            sheet.text(left - 14, y + 3, fit(one.label, _NAME, left - 26), size=_NAME, across="right")
            _draw_requests(sheet, one, (left, right), y + 18, n)
            _draw_state(sheet, one, (left, right), (y - 18, most), n)
            sheet.text(right + 12, y + 18 + _BAR / 2, _beside(one), size=_WORD)
            sheet.text(right + 12, y - 4, _state(one), size=_WORD, colour=colours.muted)
        kinds = [kind for kind in KINDS if any(kind in one.outcomes for one in served)]
        sheet.legend(12, 30, kind_entries(kinds))
        sheet.text(12, 12, _NOTE, size=SMALL, colour=colours.muted)
        return sheet.figure


def service_html(served: Sequence[Served], *, key: str = "") -> str:
    """The ways as an HTML fragment that follows the page's theme."""
    titles = {f"served-{n}": _words(one) for n, one in enumerate(served)}
    return figure_html(service_figure(served), service_alt(served), titles=titles, key=key)


def service_reading(served: Sequence[Served]) -> str:
    """Which way answered most and which kept most, in one sentence."""
    if not served:
        return "Nothing was served yet."
    worst = min(served, key=lambda one: one.noted)
    best = min((one for one in served if one is not worst), key=lambda one: one.losses, default=worst)
    said = f"“{worst.label}” answers {_group(worst.noted)} of {_group(sum(worst.outcomes.values()))} requests"
    if best is worst:
        return f"{said}."
    others = [one for one in served if one not in (worst, best) and one.noted == best.noted]
    others_lose = [one.losses for one in others]
    than = f", where others that answer as many lose it {_group(min(others_lose))} times or more" if others else ""
    answers = f"“{best.label}” answers {_group(best.noted)}"
    return f"{said}; {answers} and loses its state {_group(best.losses)} times{than}."


def service_alt(served: Sequence[Served]) -> str:
    """The ways for a screen reader, one by one."""
    words = " ".join(f"{_words(one)}." for one in served)
    return f"A service under different ways of keeping its guest. {service_reading(served)} {words}"


def service_table(served: Sequence[Served]) -> str:
    """The ways as an accessible HTML table."""
    kinds = [kind for kind in KINDS if any(kind in one.outcomes for one in served)]
    rows = [
        [
            markup.text(one.label),
            *(_group(one.outcomes.get(kind, 0)) for kind in kinds),
            *(_group(number) for number in (max(one.remembered, default=0), one.losses, one.stores)),
            duration(one.seconds * 1e6),
        ]
        for one in served
    ]
    head = ["way", *kinds, "most notes known", "state lost", "stores", "time"]
    return markup.boxed(
        markup.table(service_reading(served), head, rows, numbers=tuple(range(1, len(head)))),
        markup.paragraph(markup.text(_NOTE), "lk-muted"),
    )


class Service:
    """What became of a service's requests, as something a cell shows; `served` has the figures."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.served = tuple(served)

    def __getitem__(self, label: str) -> Served:
        return next(one for one in self.served if one.label == label)

    def _repr_html_(self) -> str:
        return service_html(self.served) + markup.boxed(
            markup.details("show as a table", service_table(self.served))
        )

    def __repr__(self) -> str:
        return service_alt(self.served)


def _draw_requests(sheet: Sheet, one: Served, ends: tuple[float, float], y: float, n: int) -> None:
    total = sum(one.outcomes.values()) or 1
    # What happens seldom is what the picture is about: it stays visible.
    widths = {
        kind: max((ends[1] - ends[0]) * one.outcomes[kind] / total, 2.5)
        for kind in KINDS
        if one.outcomes.get(kind)
    }
    scale = (ends[1] - ends[0]) / (sum(widths.values()) or 1)
    x = ends[0]
    for kind, width in widths.items():
        gid = f"served-{n}" if x == ends[0] else None
        sheet.box(x, y, width * scale, _BAR, sheet.colours.mark[kind], zorder=4, gid=gid)
        x += width * scale


def _draw_state(sheet: Sheet, one: Served, ends: tuple[float, float], base: tuple[float, float], n: int) -> None:
    y, most = base
    sheet.line(ends, (y, y), linewidth=0.7)
    width = (ends[1] - ends[0]) / max(len(one.remembered), 1)
    blue = sheet.colours.mark["host-error"]
    xs = [ends[0] + width * i for i in range(len(one.remembered) + 1)]
    heights = [y + _CURVE * known / most for known in one.remembered]
    filled = sheet.axes.fill_between(
        xs, [y] * len(xs), [*heights, y], step="post", color=blue, linewidth=0, zorder=4, clip_on=False
    )
    filled.set_gid(f"state-{n}")


def _beside(one: Served) -> str:
    return f"{_group(one.noted)} answered in {duration(one.seconds * 1e6)}"


def _state(one: Served) -> str:
    return f"state lost {_group(one.losses)} times" if one.losses != 1 else "state lost once, for good"


def _words(one: Served) -> str:
    kinds = ", ".join(f"{_group(one.outcomes[kind])} {kind}" for kind in KINDS if kind in one.outcomes)
    return f"{one.label}: {kinds}; {_state(one)}, {_group(one.stores)} stores, {duration(one.seconds * 1e6)}"


def _group(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f") if number >= 10_000 else str(number)
