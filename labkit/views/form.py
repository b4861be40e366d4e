"""A form for an export, made from the types of its parameters; what is filled in is checked before the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets

from labkit.explore import fit, parse, zero
from labkit.explore.wave import written
from labkit.host.shape import FLOATS, INTEGERS, Shape
from labkit.host.signature import Signature
from labkit.views.widget import on_enter

_EXAMPLES = {
    "list": "[…]",
    "tuple": "(…, …)",
    "char": "one character",
}


class Field(Protocol):
    """One value to fill in, shown by `widget`."""

    widget: Any

    def value(self, where: str) -> Any:
        """The plain value; raises `ArgumentError`, naming `where`, if what is filled in does not fit."""

    def fill(self, value: Any) -> None:
        """Show this plain value."""


class _Text:
    """Numbers, texts, lists and whatever else is written in one line."""

    def __init__(self, shape: Shape, label: str, submit: Callable[[], None]) -> None:
        self._shape = shape
        self.widget = ipywidgets.Text(
            value=self._written(zero(shape)),
            description=label,
            placeholder=_EXAMPLES.get(shape.kind, str(shape)),
            tooltip=f"{label}: {shape}",
        )
        self.widget.style.description_width = "initial"
        self.widget.layout.width = "260px" if shape.kind in (*INTEGERS, *FLOATS, "char") else "480px"
        on_enter(self.widget, submit)

    def value(self, where: str) -> Any:
        return parse(self._shape, self.widget.value, where)

    def fill(self, value: Any) -> None:
        self.widget.value = self._written(value)

    def _written(self, value: Any) -> str:
        # A text stands as it is, unless it looks as if it were quoted.
        if self._shape.kind in ("string", "char") and not str(value).lstrip().startswith('"'):
            return str(value)
        return written(self._shape, value)


class _Choice:
    """`bool`, `enum` and cases that carry nothing."""

    def __init__(self, shape: Shape, label: str, options: list[tuple[str, Any]]) -> None:
        self._shape = shape
        self.widget = ipywidgets.Dropdown(options=options, description=label, tooltip=f"{label}: {shape}")
        self.widget.style.description_width = "initial"

    def value(self, where: str) -> Any:
        return self.widget.value

    def fill(self, value: Any) -> None:
        self.widget.value = value


class _Flags:
    def __init__(self, shape: Shape, label: str) -> None:
        self._boxes = [ipywidgets.Checkbox(description=part.name, indent=False) for part in shape.parts]
        for box in self._boxes:
            box.layout.width = "auto"
        row = ipywidgets.HBox([ipywidgets.Label(label), *self._boxes])
        row.layout.flex_flow = "row wrap"
        self.widget = row

    def value(self, where: str) -> Any:
        return sorted(box.description for box in self._boxes if box.value)

    def fill(self, value: Any) -> None:
        for box in self._boxes:
            box.value = box.description in value


class _Record:
    def __init__(self, shape: Shape, label: str, submit: Callable[[], None]) -> None:
        self._fields = {part.name: field_for(part.shape, part.name, submit) for part in shape.parts if part.shape}
        inside = ipywidgets.VBox([field.widget for field in self._fields.values()])
        inside.layout.padding = "0 0 0 24px"
        self.widget = ipywidgets.VBox([ipywidgets.Label(label), inside])

    def value(self, where: str) -> Any:
        return {name: field.value(f"{where}.{name}") for name, field in self._fields.items()}

    def fill(self, value: Any) -> None:
        for name, field in self._fields.items():
            field.fill(value[name])


class _Cases:
    """A `variant`, `option` or `result`: which case it is, and what that one carries."""

    def __init__(
        self, shape: Shape, label: str, cases: dict[str, Shape | None], submit: Callable[[], None]
    ) -> None:
        self._shape = shape
        self._fields = {
            name: field_for(payload, name, submit) for name, payload in cases.items() if payload is not None
        }
        self._case = ipywidgets.Dropdown(options=list(cases), description=label, tooltip=f"{label}: {shape}")
        self._case.style.description_width = "initial"
        self._case.observe(lambda _change: self._show(), names="value")
        self.widget = ipywidgets.HBox()
        self.widget.layout.flex_flow = "row wrap"
        self._show()

    def _show(self) -> None:
        field = self._fields.get(self._case.value)
        self.widget.children = (self._case, *([field.widget] if field else []))

    def value(self, where: str) -> Any:
        name = str(self._case.value)
        if name not in self._fields:
            return None if self._shape.kind == "option" else fit(self._shape, name, where)
        return fit(self._shape, {name: self._fields[name].value(f"{where}.{name}")}, where)

    def fill(self, value: Any) -> None:
        if self._shape.kind == "option":
            value = "none" if value is None else {"some": value}
        ((name, payload),) = value.items() if isinstance(value, dict) else ((value, None),)
        self._case.value = name
        if name in self._fields:
            self._fields[name].fill(payload)


def field_for(shape: Shape, label: str, submit: Callable[[], None]) -> Field:
    """The field for a shape; `submit` is called when Enter is pressed in it."""
    parts = {part.name: part.shape for part in shape.parts}
    match shape.kind:
        case "bool":
            return _Choice(shape, label, [("false", False), ("true", True)])
        case "enum":
            return _Choice(shape, label, [(name, name) for name in parts])
        case "flags":
            return _Flags(shape, label)
        case "record":
            return _Record(shape, label, submit)
        case "variant" | "result":
            return _Cases(shape, label, parts, submit)
        case "option" if shape.inner.kind != "option":
            return _Cases(shape, label, {"none": None, "some": shape.inner}, submit)
    return _Text(shape, label, submit)


class Form:
    """The fields of one export, to be filled in by a person or by `fill`."""

    def __init__(self, signature: Signature, submit: Callable[[], None]) -> None:
        self.signature = signature
        self._fields = {
            part.name: field_for(part.shape, part.name, submit)
            for part in signature.params
            if part.shape is not None
        }
        self.widget = ipywidgets.VBox([field.widget for field in self._fields.values()])

    def arguments(self) -> tuple[Any, ...]:
        """What is filled in, as plain data; raises `ArgumentError` about the first field that is wrong."""
        path = self.signature.path
        return tuple(field.value(f"{path}: `{name}`") for name, field in self._fields.items())

    def fill(self, args: tuple[Any, ...]) -> None:
        """Show these arguments."""
        for field, value in zip(self._fields.values(), args, strict=True):
            field.fill(value)
