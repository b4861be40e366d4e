"""The types of components as wasmtime-py has them, as shapes."""

from __future__ import annotations

from wasmtime import component as c

from labkit.host.shape import Part, Shape

_SIMPLE: dict[type[c.ValType], Shape] = {
    ty: Shape(ty.__name__.lower())
    for ty in (c.Bool, c.S8, c.S16, c.S32, c.S64, c.U8, c.U16, c.U32, c.U64, c.F32, c.F64, c.Char, c.String)
}


def type_name(ty: c.ValType) -> str:
    """The type as WIT writes it, such as `result<f64, variant { input-too-large }>`."""
    return str(shape_of(ty))


def shape_of(ty: c.ValType) -> Shape:
    """The shape of a component's type; what wasmtime-py cannot look into has no parts."""
    if type(ty) in _SIMPLE:
        return _SIMPLE[type(ty)]
    match ty:
        case c.ListType():
            return Shape("list", (Part(shape=shape_of(ty.element)),))
        case c.TupleType():
            return Shape("tuple", tuple(Part(shape=shape_of(element)) for element in ty.elements))
        case c.RecordType():
            return Shape("record", tuple(Part(name, shape_of(field)) for name, field in ty.fields))
        case c.VariantType():
            return Shape("variant", tuple(_case(name, payload) for name, payload in ty.cases))
        case c.EnumType():
            return Shape("enum", tuple(Part(name) for name in ty.names))
        case c.FlagsType():
            return Shape("flags", tuple(Part(name) for name in ty.names))
        case c.OptionType():
            return Shape("option", (Part(shape=shape_of(ty.payload)),))
        case c.ResultType():
            return Shape("result", (_case("ok", ty.ok), _case("err", ty.err)))
        case c.OwnType():
            return Shape("own")
        case c.BorrowType():
            return Shape("borrow")
    # Streams, futures, error contexts, and whatever comes.
    return Shape(type(ty).__name__.removesuffix("Type").lower())


def _case(name: str, payload: c.ValType | None) -> Part:
    return Part(name, None if payload is None else shape_of(payload))
