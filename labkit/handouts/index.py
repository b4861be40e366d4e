"""The first page of an export: what is there, in which order, and how long each takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labkit.handouts.books import Variant
from labkit.handouts.page import RULES
from labkit.views import markup
from labkit.views.web_page import web_page
from labkit.workshop.syllabus import Lesson

_SAYS: Final[dict[Variant, str]] = {
    "clean": "The notebooks before anything has been run. To run them, install labkit and type `labkit lab`.",
    "executed": (
        "The notebooks after a run, for reading where nothing can be run. Widgets are shown as they stood at "
        "the end, and exercises as they are before anybody has solved them."
    ),
    "solved": "For instructors: the notebooks after a run, with a solution to every exercise.",
}


def index_page(shown: Sequence[Lesson], variant: Variant, under: str | None) -> str:
    """The text of the page; `under` is the Wasmtime release of the run, None if nothing ran."""
    parts = [markup.prose(_SAYS[variant])]
    if under:
        parts.append(markup.text(f"They ran under Wasmtime {under}, but for cells that name another release."))
    rows = "".join(
        f'<tr><td><a href="{one.id}.html">{markup.prose(one.title)}</a>{_list(one.objectives)}</td>'
        f"<td>{one.minutes}</td><td>{', '.join(name[:2] for name in one.before)}</td></tr>"
        for one in shown
    )
    minutes = sum(one.minutes for one in shown)
    body = (
        f"<main><h1>WebAssembly failures: the notebooks</h1><p>{' '.join(parts)}</p>"
        f'<table><thead><tr><th scope="col">notebook, and what you can do afterwards</th>'
        f'<th scope="col">minutes</th><th scope="col">before</th></tr></thead><tbody>{rows}</tbody></table>'
        f"<p>Together {minutes} minutes.</p></main>"
    )
    return web_page("WebAssembly failures: the notebooks", body, RULES)


def _list(objectives: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{markup.prose(one)}</li>' for one in objectives)}</ul>"


def nav(shown: Sequence[Lesson], name: str) -> str:
    """The links above a page: all notebooks, the one before, the one after."""
    names = [one.id for one in shown]
    at = names.index(name)
    links = ['<a href="index.html">All notebooks</a>']
    links += [f'<a href="{one}.html" rel="prev">← {one}</a>' for one in names[max(at - 1, 0) : at]]
    links += [f'<a href="{one}.html" rel="next">{one} →</a>' for one in names[at + 1 : at + 2]]
    return f'<nav aria-label="notebooks">{"".join(links)}<span class="here">{name}</span></nav>'
