"""The type of a value as data: what a form, a validator or another process needs of it, without a runtime."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from labkit import bounds

INTEGERS: dict[str, tuple[int, int]] = {
    **{f"s{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"u{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    # A core module's integers have no sign of their own.
    **{f"i{bits}": (-(2 ** (bits - 1)), 2**bits - 1) for bits in (32, 64)},
}
"""The least and the greatest value of each integer type."""

FLOATS = ("f32", "f64")


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a shape: a field, a case or a name with, if it has one, its own shape."""

    name: Annotated[str, Meta(max_length=bounds.NAME)] = ""
    shape: Shape | None = None


class Shape(msgspec.Struct, frozen=True, omit_defaults=True):
    """A type of the component model, or of a core module.

    `kind` is WIT's word for it (`u8`, `string`, `list`, `record`, `own` …) or the core type's (`i32`, `v128` …);
    `parts` are the element of a `list` or an `option`, the elements of a `tuple`, the fields of a `record`, the
    cases of a `variant`, the names of an `enum` or of `flags`, `ok` and `err` of a `result`, key and value of a
    `map`. `values` are several results of a core function.
    """

    kind: str
    parts: tuple[Part, ...] = ()

    @property
    def inner(self) -> Shape:
        """The shape of the first part, which is the element of a list and the payload of an option."""
        shape = self.parts[0].shape
        assert shape is not None
        return shape

    @property
    def plain(self) -> bool:
        """Whether all of it can be written as data: no resource, stream or future, no reference."""
        inside = (part.shape for part in self.parts if part.shape is not None)
        return self.kind in _WRITABLE and all(shape.plain for shape in inside)

    def __str__(self) -> str:
        """The type as WIT writes it, such as `result<f64, variant { input-too-large }>`."""
        names = [_part_text(part) for part in self.parts]
        match self.kind:
            case "list" | "tuple" | "option" | "map" | "stream" | "future" if names:
                return f"{self.kind}<{', '.join(names)}>"
            case "record":
                return f"record {{ {', '.join(f'{part.name}: {part.shape}' for part in self.parts)} }}"
            case "variant" | "enum" | "flags":
                return f"{self.kind} {{ {', '.join(names)} }}"
            case "result":
                ok, err = (part.shape for part in self.parts)
                if err is None:
                    return f"result<{ok}>" if ok is not None else "result"
                return f"result<{'_' if ok is None else ok}, {err}>"
            case "own" | "borrow":
                return f"{self.kind}<resource>"
            case "values":
                return ", ".join(names)
        return self.kind


_WRITABLE = {
    *INTEGERS,
    *FLOATS,
    *("bool", "char", "string", "list", "tuple", "record", "variant", "enum", "flags", "option", "result"),
}


def _part_text(part: Part) -> str:
    if part.shape is None:
        return part.name
    return f"{part.name}({part.shape})" if part.name else str(part.shape)
