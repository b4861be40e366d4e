"""What a program exports and imports, in one form for core modules and components."""

from __future__ import annotations

import msgspec

from labkit.decodable import decodable
from labkit.host.shape import Part, Shape


@decodable
class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One function: its path (`name`, or `package:interface@version#name`), parameters and result.

    `asynchronous`: it is an `async` function of a component.
    """

    path: str
    params: tuple[Part, ...] = ()
    result: Shape | None = None
    asynchronous: bool = False

    @property
    def interface(self) -> str:
        """The interface, or a core module's module, that it belongs to; empty for a function of the root."""
        return self.path.rpartition("#")[0]

    def __str__(self) -> str:
        inside = ", ".join(f"{part.name}: {part.shape}" for part in self.params)
        word = "async func" if self.asynchronous else "func"
        return f"{self.path}: {word}({inside})" + (f" -> {self.result}" if self.result else "")
