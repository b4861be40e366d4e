"""HTML fragments with one scoped style sheet: both palettes, defined once, chosen by the page's theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape as _escape

from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from labkit.host.outcome import Kind
from labkit.views.theme import DARK, LIGHT, LOOKS, Palette
from labkit.views.words import clean, clean_lines

_RULES = """
.labkit{color:var(--lk-ink);background:var(--lk-paper);font-family:var(--jp-ui-font-family,system-ui,sans-serif);
font-size:calc(var(--jp-content-font-size1,14px)*.93);line-height:1.5;overflow-wrap:anywhere}
.labkit svg.lk-figure{display:block;max-width:100%;height:auto}
.labkit svg.lk-figure *{stroke-linejoin:round;stroke-linecap:butt}
.labkit .lk-hover:hover{opacity:.75}
.labkit p{margin:2px 0;max-width:80em}
.labkit .lk-muted{color:var(--lk-muted)}
.labkit .lk-glyph{display:inline-block;vertical-align:-1px;margin-right:2px}
.labkit code,.labkit pre{font-family:var(--jp-code-font-family,monospace);font-size:.92em;color:inherit;
background:var(--lk-lane);border-radius:3px;padding:1px 4px;overflow-wrap:anywhere}
.labkit pre{white-space:pre-wrap;padding:6px 8px;margin:4px 0}
.labkit ul{margin:2px 0;padding-left:24px}
.labkit a{color:var(--lk-host-error-text);text-decoration:underline}
.labkit details{margin:4px 0}
.labkit summary{cursor:pointer;color:var(--lk-muted)}
.labkit summary:focus-visible{outline:2px solid var(--lk-host-error)}
.labkit .lk-badge{border-left:3px solid;padding-left:8px}
.labkit .lk-problem{border-left:3px solid var(--lk-trapped);padding-left:8px}
.labkit .lk-scroll{overflow-x:auto;position:relative}
.labkit table.lk-table{border-collapse:collapse;font-size:1em;margin:6px 0;color:inherit;border:0}
.labkit .lk-table caption{text-align:left;color:var(--lk-muted);padding:2px 8px;caption-side:top}
.labkit .lk-table th,.labkit .lk-table td{text-align:left;vertical-align:top;padding:3px 12px 3px 8px;
border:0;border-bottom:1px solid var(--lk-rule);background:transparent;white-space:normal;max-width:34em;
overflow-wrap:break-word}
.labkit .lk-table thead th{color:var(--lk-muted);font-weight:500;overflow-wrap:normal}
.labkit .lk-table tbody th,.labkit .lk-table tbody th code{font-weight:500;white-space:nowrap}
.labkit .lk-table td code{overflow-wrap:break-word}
.labkit .lk-table td.lk-number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.labkit .lk-table th.lk-tick,.labkit .lk-table td.lk-tick{text-align:center;padding:3px 5px;white-space:nowrap}
.labkit .lk-claims .lk-table tbody th{white-space:normal;min-width:15em;font-weight:400}
.labkit .lk-claims .lk-table td:last-child{min-width:15em}
.labkit .lk-answer{white-space:nowrap;margin-right:10px;display:inline-block}
.labkit .lk-spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.labkit .lk-changed{color:var(--lk-trapped-text);font-weight:700;text-decoration:underline}
.labkit .lk-table tr.lk-chosen>*{background:var(--lk-lane)}
.labkit .lk-table td:has(.lk-differs){position:relative;border-left:2px solid var(--lk-ink)}
.labkit .lk-table td>.lk-differs{position:absolute;left:0;top:4px;font-size:.77em}
.labkit .lk-line{border-bottom:1px solid var(--lk-rule);max-width:80em;min-height:28px;column-gap:12px}
.labkit .lk-line .widget-html{margin:0 2px;min-height:0}
.lk-predictions .widget-html-content{line-height:1.5;overflow-wrap:anywhere}
.lk-unlabelled>label,.lk-unlabelled>.widget-label{position:absolute;width:1px;height:1px;overflow:hidden;
clip-path:inset(50%)}
.lk-wrap .jupyter-button{white-space:normal;height:auto;min-height:28px;line-height:1.4;padding:3px 10px;
overflow-wrap:anywhere;max-width:100%}
.lk-wrap .jupyter-button.mod-active{box-shadow:inset 0 -3px 0 currentColor}
.lk-controls .widget-html-content{min-width:0}
.labkit .lk-scroll:focus-visible,
.lk-controls :is(button,input,select,textarea,summary,a,[role=slider]):focus-visible{
outline:3px solid var(--jp-brand-color1,#1976d2)!important;outline-offset:1px!important}
"""


_NARROW = 6
"""Columns up to which a table fits a narrow window."""


@cache
def style_sheet() -> str:
    """The lab's `<style>`: light unless the page says `data-jp-theme-light="false"`, as JupyterLab's does."""
    kinds = "".join(
        f".labkit .lk-kind-{kind}{{color:var(--lk-{kind}-text)}}"
        f".labkit .lk-edge-{kind}{{border-color:var(--lk-{kind})}}"
        for kind in LOOKS
    )
    return (
        f"<style>.labkit{{{_variables(LIGHT)}color-scheme:light}}"
        f'[data-jp-theme-light="false"] .labkit{{{_variables(DARK)}color-scheme:dark}}'
        # JupyterLab's own paper where there is one, so that no seam shows around a picture.
        f'[data-jp-theme-light="true"] .labkit{{--lk-paper:var(--jp-layout-color0,{LIGHT.paper})}}'
        f'[data-jp-theme-light="false"] .labkit{{--lk-paper:var(--jp-layout-color0,{DARK.paper})}}'
        f"{_RULES}{kinds}</style>".replace("\n", "")
    )


def _variables(palette: Palette) -> str:
    return "".join(f"--lk-{token}:{colour};" for token, colour in palette.tokens().items())


def boxed(*parts: str) -> str:
    """HTML parts in one container that carries the style sheet and stands alone anywhere on a page."""
    return f'<div class="labkit">{style_sheet()}{"".join(parts)}</div>'


def text(value: object) -> str:
    """Anything as HTML text on one line, escaped."""
    return _escape(clean(str(value)))


def prose(value: str) -> str:
    """A sentence as HTML text, escaped; what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text(value))


def block(value: str) -> str:
    """Longer text as a block that keeps its lines and wraps, escaped."""
    return f"<pre>{_escape(clean_lines(value))}</pre>"


def glyph(kind: Kind) -> str:
    """An outcome kind's mark in its colour, drawn: not every font has every sign.

    Hidden from screen readers, which are told the kind in words.
    """
    return (
        f'<svg class="lk-glyph lk-kind-{kind}" viewBox="-0.7 -0.7 1.4 1.4" width="12" height="12" '
        f'aria-hidden="true"><path d="{outline(kind)}" fill="currentColor"/></svg>'
    )


@cache
def outline(kind: Kind) -> str:
    """The kind's marker as SVG path data, about one unit across, y downwards."""
    look = LOOKS[kind]
    style = MarkerStyle(look.marker)
    path = style.get_path().transformed(style.get_transform())
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
    parts = []
    for points, code in path.iter_segments(simplify=False):
        letter = letters[code]
        spots = points.reshape(-1, 2) * (look.scale, -look.scale)
        parts.append(letter if letter == "Z" else letter + " ".join(f"{x:.3f} {y:.3f}" for x, y in spots))
    return "".join(parts)


def labelled(kind: Kind | None) -> str:
    """An outcome kind as sign and word; a dash for a step that has not run."""
    if kind is None:
        return '<span class="lk-muted">– not run</span>'
    return f'{glyph(kind)} <span class="lk-kind-{kind}">{kind}</span>'


def paragraph(inner: str, css: str = "") -> str:
    """A paragraph of HTML."""
    return f'<p class="{css}">{inner}</p>' if css else f"<p>{inner}</p>"


def details(summary: str, inner: str, *, opened: bool = False) -> str:
    """Something to open, or `opened` already: `summary` is text, `inner` HTML."""
    return f"<details{' open' * opened}><summary>{text(summary)}</summary>{inner}</details>"


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    ticks: Sequence[int] = (),
    chosen: int | None = None,
) -> str:
    """An accessible table: `head` and `caption` are text, cells HTML; the first cell of a row names it.

    `numbers` are the columns set flush right, `ticks` narrow ones with a sign in the middle, `chosen` the row to
    set off.
    """
    css = dict.fromkeys(numbers, ' class="lk-number"') | dict.fromkeys(ticks, ' class="lk-tick"')
    columns = "".join(
        f'<th scope="col"{css[j] if j in ticks else ""}>{text(name)}</th>' for j, name in enumerate(head)
    )
    body = []
    for i, row in enumerate(rows):
        first, *rest = row
        cells = "".join(f"<td{css.get(j, '')}>{cell}</td>" for j, cell in enumerate(rest, start=1))
        mark = ' class="lk-chosen" aria-current="true"' if i == chosen else ""
        body.append(f'<tr{mark}><th scope="row">{first}</th>{cells}</tr>')
    # A wide one scrolls sideways in a narrow window, and without a stop of Tab that needs a mouse.
    stop = f' tabindex="0" role="region" aria-label="{text(caption)}"' if len(head) > _NARROW else ""
    return (
        f'<div class="lk-scroll"{stop}><table class="lk-table"><caption>{text(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
