"""A short text that a cell shows."""

from __future__ import annotations

from labkit.views import markup


class Card:
    """Lines of plain text, and the same as HTML."""

    def __init__(self, title: str, lines: list[str], *, code: str = "", tone: str = "") -> None:
        self._title = title
        self._lines = lines
        self._code = code.strip("\n")
        self._tone = tone

    def __repr__(self) -> str:
        return "\n".join([self._title, *self._lines, *([self._code] if self._code else [])])

    def _repr_html_(self) -> str:
        title = f"{self._tone} {self._title}".strip()
        parts = [markup.paragraph(f"<strong>{markup.text(title)}</strong>")]
        parts += [markup.paragraph(markup.prose(line)) for line in self._lines]
        if self._code:
            parts.append(markup.block(self._code))
        return markup.boxed(*parts)
