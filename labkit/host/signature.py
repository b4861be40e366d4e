"""What a program exports and imports, in one form for core modules and components."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """One function: its path (`name`, or `package:interface@version#name`), parameters and result as WIT text."""

    path: str
    params: tuple[tuple[str, str], ...] = ()
    result: str | None = None

    def __str__(self) -> str:
        inside = ", ".join(f"{name}: {ty}" for name, ty in self.params)
        return f"{self.path}: func({inside})" + (f" -> {self.result}" if self.result else "")
