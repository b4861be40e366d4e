"""A page that is all the lab's: one heading, one landmark, and fragments below."""

from __future__ import annotations

from typing import Final

from labkit.views import markup
from labkit.views.web_page import web_page

_RULES: Final = """
body{margin:0 auto;max-width:60em;padding:1.5em 1em}
h1{font-size:1.5em;margin:.2em 0}h2{font-size:1.1em;margin:1.6em 0 .4em}
.labkit+.labkit{margin-top:.8em}
a.file{display:inline-block;margin:.2em 1em .2em 0}
"""


def document(title: str, *parts: str) -> str:
    """The text of a page: `title` is text and its heading, `parts` are HTML."""
    return web_page(title, f"<main><h1>{markup.text(title)}</h1>{''.join(parts)}</main>", _RULES)
