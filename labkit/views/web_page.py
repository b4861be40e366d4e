"""A whole web page around fragments of the lab: no network, no script, light and dark as the reader prefers."""

from __future__ import annotations

from typing import Final

from labkit.views import markup
from labkit.views.theme import DARK, LIGHT

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# On paper it is always light, and what is folded away is open: nobody can click there.
_PRINT: Final = "@media print{details::details-content{content-visibility:visible;block-size:auto}}"


def web_page(title: str, body: str, rules: str) -> str:
    """The text of a page with this title (text), body (HTML) and rules (CSS).

    The rules may use the colours of the lab's style sheet (`var(--lk-ink)` …), which are those of the whole page.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{markup.text(title)}</title>'
        f"{markup.style_sheet()}<style>{_colours()}{rules}{_PRINT}</style></head><body>{body}</body></html>\n"
    )


def _colours() -> str:
    """The page's own colours; it has no theme to ask, so the reader's preference decides."""
    light, dark = (
        "".join(f"--lk-{name}:{colour};" for name, colour in palette.tokens().items()) for palette in (LIGHT, DARK)
    )
    return (
        f"body{{{light}background:var(--lk-paper);color:var(--lk-ink);font-family:system-ui,sans-serif}}"
        f"@media screen and (prefers-color-scheme:dark){{body,body .labkit{{{dark}color-scheme:dark}}}}"
    )
