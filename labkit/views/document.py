"""A whole page around HTML fragments: no network, no kernel, no script; it follows the reader's theme."""

from __future__ import annotations

from typing import Final

from labkit.views import markup
from labkit.views.theme import DARK

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_RULES: Final = """
body{margin:0 auto;max-width:60em;padding:1.5em 1em;background:#fff;color:#1b1f24;font-family:system-ui,sans-serif}
h1{font-size:1.5em;margin:.2em 0}h2{font-size:1.1em;margin:1.6em 0 .4em}
.labkit+.labkit{margin-top:.8em}
a.file{display:inline-block;margin:.2em 1em .2em 0}
"""


def document(title: str, *parts: str) -> str:
    """The text of a page: `title` is text and its heading, `parts` are HTML."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{markup.text(title)}</title>'
        f"<style>{_RULES}{_dark()}</style></head><body><main>"
        f"<h1>{markup.text(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _dark() -> str:
    """The dark palette for readers who prefer it; a page has no theme to ask."""
    tokens = "".join(f"--lk-{name}:{colour};" for name, colour in DARK.tokens().items())
    return (
        f"@media (prefers-color-scheme:dark){{body{{background:{DARK.paper};color:{DARK.ink}}}"
        f"body .labkit{{{tokens}color-scheme:dark}}}}"
    )
