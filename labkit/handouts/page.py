"""A notebook as a web page: no network, no script; widgets in their static form."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any, Final

from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from labkit import guests
from labkit.handouts.books import guest_of
from labkit.views import markup
from labkit.views.web_page import web_page

# A widget's static form is its HTML; nothing on these pages could fill the other one.
_PREFERRED: Final = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")
_LEXERS: Final = {"rust": "rust", "wat": "wast", "python": "python"}
_LINK: Final = re.compile(r'<a href="([\w-]+)\.ipynb(#[^"]*)?">(.*?)</a>', re.DOTALL)
# IPython's sources bring a style sheet for light paper that reaches all outputs of a page.
_SOURCE_STYLE: Final = re.compile(r"<style>pre \{ line-height: 125%; \}.*?</style>", re.DOTALL)
_BARE_TABLE: Final = re.compile(r"<table>.*?</table>", re.DOTALL)
RULES: Final = """
body{margin:0 auto;max-width:62em;padding:1em 1em 4em;line-height:1.55;overflow-wrap:break-word}
nav{display:flex;flex-wrap:wrap;gap:.3em 1.4em;font-size:.9em}
nav{border-bottom:1px solid var(--lk-rule);padding-bottom:.6em}
nav .here{color:var(--lk-muted);margin-left:auto}
a{color:var(--lk-host-error-text)}
h1{font-size:1.7em;line-height:1.2;margin:.9em 0 .5em}
h2{font-size:1.25em;margin:2em 0 .4em}h3{font-size:1.05em;margin:1.6em 0 .3em}
p,ul,ol{max-width:44em}
code,pre{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:.87em}
code{background:var(--lk-lane);border-radius:3px;padding:1px 4px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}pre code{background:none;padding:0}
table{border-collapse:collapse;font-size:.95em}
th,td{text-align:left;vertical-align:top;padding:.25em .8em .25em 0;border-bottom:1px solid var(--lk-rule)}
.wide{overflow-x:auto}
summary{cursor:pointer}
td ul{margin:.2em 0 .6em;padding-left:1.3em}
:target{outline:2px solid var(--lk-host-error);outline-offset:6px}
.code_cell{margin:1em 0}
.input_area{background:var(--lk-lane);border-left:3px solid var(--lk-rule);padding:.55em .8em}
.output_area{padding:.4em 0 .2em .9em;overflow-x:auto}
.output_error{border-left:3px solid var(--lk-trapped);padding-left:.8em}
.output_png img{max-width:100%;height:auto;background:#fff}
.ansi-bold{font-weight:700}
.notice{border-left:3px solid var(--lk-trapped);padding-left:.8em}
@media print{body{max-width:none;padding:0;font-size:10pt}nav{display:none}
.input_area,svg,tr,li,h1,h2,h3{break-inside:avoid}h1,h2,h3{break-after:avoid}.output_area{overflow:visible}}
"""


class Links:
    """How the pages of one export link to each other: to those that are there, and to no others."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def rewritten(self, html: str) -> str:
        """Links to notebooks as links to pages; to a notebook that was not exported its text alone."""

        def link(found: re.Match[str]) -> str:
            name, fragment, text = found[1], found[2] or "", found[3]
            return f'<a href="{name}.html{fragment}">{text}</a>' if name in self._names else text

        return _LINK.sub(link, html)


def book_page(book: NotebookNode, title: str, nav: str, links: Links, notice: str = "") -> str:
    """The text of the page; `nav` and `notice` are HTML that stands above the first cell."""
    known = guests.catalogue()
    for cell in book.cells:
        name = guest_of(cell)
        if name in known:
            cell.metadata["magics_language"] = _LEXERS[known[name].language]
    # What was printed line by line is one text.
    together, _ = CoalesceStreamsPreprocessor().preprocess(book, {})
    inner, _ = _exporter().from_notebook_node(together)
    # Each fragment carries the style sheet so that it can stand alone; here the page has it.
    inner = _SOURCE_STYLE.sub("", inner.replace(markup.style_sheet(), ""))
    inner = _BARE_TABLE.sub(lambda table: f'<div class="wide">{table[0]}</div>', inner)
    body = links.rewritten(f"{nav}<main>{notice}{inner}</main>")
    return web_page(title, body, RULES + _code_colours())


def _exporter() -> Any:
    return HTMLExporter(
        template_name="basic",
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        config=Config({"NbConvertBase": {"display_data_priority": list(_PREFERRED)}}),
    )


@cache
def _code_colours() -> str:
    light, dark = (
        HtmlFormatter(style=style, cssclass="highlight", nobackground=True).get_style_defs(".highlight")
        for style in ("default", "github-dark")
    )
    return f"{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}"
