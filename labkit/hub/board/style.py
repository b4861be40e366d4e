"""The page's style sheet: the lab's colours in both themes, then the rules of the page."""

from __future__ import annotations

from pathlib import Path

from labkit.views.theme import DARK, LIGHT, Palette


def style_sheet() -> str:
    """CSS for the board, light or dark as the browser prefers."""
    rules = (Path(__file__).parent / "page" / "board.css").read_text("utf-8")
    return (
        f":root{{{_variables(LIGHT)}color-scheme:light}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}color-scheme:dark}}}}\n{rules}"
    )


def _variables(palette: Palette) -> str:
    return "".join(f"--lk-{token}:{colour};" for token, colour in palette.tokens().items())
