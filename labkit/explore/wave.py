"""Writes plain values as people type them; `labkit.explore.literals` reads them again."""

from __future__ import annotations

import json
from typing import Any

from labkit.host.shape import FLOATS, Part, Shape


def written(shape: Shape | None, value: Any) -> str:
    """A plain value in WAVE's notation: `{separator: "-", upper: false}`, `circle(2.5)`, `some([1, 2])`."""
    if shape is None:
        return ""
    kind, parts = shape.kind, {part.name: part for part in shape.parts}
    match kind:
        case "bool":
            return "true" if value else "false"
        case "string" | "char":
            return json.dumps(value, ensure_ascii=False)
        case "list" if isinstance(value, dict):
            return json.dumps(value)
        case "list":
            return f"[{', '.join(written(shape.inner, item) for item in value)}]"
        case "tuple":
            pairs = zip(shape.parts, value, strict=True)
            return f"({', '.join(written(part.shape, item) for part, item in pairs)})"
        case "record":
            inside = (f"{name}: {written(part.shape, value[name])}" for name, part in parts.items())
            return f"{{{', '.join(inside)}}}"
        case "flags":
            return f"{{{', '.join(value)}}}"
        case "option":
            return _option(shape, value)
        case "enum" | "variant" | "result":
            return _case(parts, value)
    return repr(value) if kind in FLOATS and not isinstance(value, str) else str(value)


def _option(shape: Shape, value: Any) -> str:
    if value is None:
        return "none"
    inner = value["some"] if shape.inner.kind == "option" else value
    return f"some({written(shape.inner, inner)})"


def _case(parts: dict[str, Part], value: Any) -> str:
    if isinstance(value, str):
        return value
    ((name, payload),) = value.items()
    inner = written(parts[name].shape, payload)
    return f"{name}({inner})" if inner else str(name)
