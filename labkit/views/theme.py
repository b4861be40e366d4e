"""How outcomes and papers look: one table for every picture, table and badge of the lab.

Each outcome kind has a colour *and* a shape, so that no reading depends on colour alone. The hues follow
Okabe and Ito's colour-blind-safe set, shifted until marks reach a contrast of 3:1 and text one of 4.5:1 on
every ground they are drawn on (WCAG 2.2, 1.4.11 and 1.4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from matplotlib.path import Path

from labkit.host.outcome import Kind

Marker = str | Path
"""A matplotlib marker: a one-letter name, or an outline within ±1."""

_HOURGLASS: Final = Path([(-0.85, 1), (0.85, 1), (-0.85, -1), (0.85, -1), (-0.85, 1)], closed=True)


@dataclass(frozen=True)
class Look:
    """How one outcome kind looks: a marker in pictures, a glyph in text, and its name."""

    marker: Marker
    glyph: str
    scale: float = 1.0
    """Factor on the marker's size, so that all shapes weigh the same to the eye."""


@dataclass(frozen=True)
class Palette:
    """Every colour of one theme, as `#rrggbb`; `mark` and `text` are keyed by outcome kind."""

    paper: str
    ink: str
    muted: str
    rule: str
    lane: str
    mark: Mapping[Kind, str]
    text: Mapping[Kind, str]

    def tokens(self) -> dict[str, str]:
        """Each colour under the name it has as a CSS custom property (`--lk-…`), every colour once."""
        plain = {name: getattr(self, name) for name in ("paper", "ink", "muted", "rule", "lane")}
        marks: dict[str, str] = {str(kind): colour for kind, colour in self.mark.items()}
        texts = {f"{kind}-text": colour for kind, colour in self.text.items()}
        return plain | marks | texts


LOOKS: Final[Mapping[Kind, Look]] = MappingProxyType(
    {
        "returned": Look("o", "●"),
        "guest-error": Look("D", "◆", 0.84),
        "trapped": Look("X", "✖", 1.1),
        "refused": Look("s", "■", 0.92),
        "exited": Look("^", "▲"),
        "host-error": Look("v", "▼"),
        "aborted": Look("P", "✚", 1.1),
        "timed-out": Look(_HOURGLASS, "⧗", 1.15),
    }
)

LIGHT: Final = Palette(
    paper="#ffffff",
    ink="#1f2328",
    muted="#5c6470",
    rule="#d7dbe0",
    lane="#f4f6f8",
    mark=MappingProxyType(
        {
            "returned": "#008f68",
            "guest-error": "#ad7600",
            "trapped": "#d55e00",
            "refused": "#7a5195",
            "exited": "#2583bb",
            "host-error": "#005f99",
            # Not #000000: matplotlib leaves pure black out of its SVG, so it could not follow the theme.
            "aborted": "#0b0d10",
            "timed-out": "#c0568f",
        }
    ),
    text=MappingProxyType(
        {
            "returned": "#00704f",
            "guest-error": "#855c00",
            "trapped": "#a04400",
            "refused": "#6a4485",
            "exited": "#1f6a96",
            "host-error": "#00558a",
            "aborted": "#15181c",
            "timed-out": "#96386b",
        }
    ),
)

DARK: Final = Palette(
    paper="#111418",
    ink="#e6e8eb",
    muted="#a0a8b3",
    rule="#353c45",
    lane="#1b2027",
    mark=MappingProxyType(
        {
            "returned": "#1fb88b",
            "guest-error": "#e69f00",
            "trapped": "#ee7a26",
            "refused": "#a97fc6",
            "exited": "#62bdf0",
            "host-error": "#3a92d6",
            "aborted": "#ffffff",
            "timed-out": "#d886b4",
        }
    ),
    text=MappingProxyType(
        {
            "returned": "#3fcfa3",
            "guest-error": "#f0b53c",
            "trapped": "#ff9c57",
            "refused": "#c3a0dc",
            "exited": "#7fcaf4",
            "host-error": "#5fb0ec",
            "aborted": "#fafbfc",
            "timed-out": "#e39cc3",
        }
    ),
)


def palette(dark: bool) -> Palette:
    """The palette for white (`#ffffff`) or dark (`#111418`) paper."""
    return DARK if dark else LIGHT
