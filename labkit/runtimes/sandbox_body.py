"""The code of a sandbox: where it came from, and which names of the notebook it takes along."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

import msgspec

from labkit.runtimes.values import NotPlainError, pack


class Body(msgspec.Struct, frozen=True):
    """Source text whose line numbers are those of the cell it was written in.

    `indented`: it is one statement, and only what is indented below it is to be run.
    """

    source: str
    filename: str = "<sandbox>"
    indented: bool = False

    def tree(self) -> ast.Module:
        """What is to be run. Raises `SyntaxError`, and `ValueError` for a null byte."""
        module = ast.parse(self.source, self.filename)
        if self.indented:
            (outer,) = module.body
            assert isinstance(outer, ast.If)
            return ast.Module(outer.body, module.type_ignores)
        return module


class Luggage(msgspec.Struct, frozen=True):
    """The names a body takes along: `values` packed, `imported` as module and name within it ("": the module).

    `labs` are those that stand for a lab of the child's own. `left` are the names that cannot come, each with
    what it stands for.
    """

    values: dict[str, Any] = {}
    imported: dict[str, tuple[str, str]] = {}
    labs: tuple[str, ...] = ()
    left: dict[str, str] = {}


def luggage(tree: ast.Module, names: Mapping[str, Any], labs: Collection[str]) -> Luggage:
    """What of `names` the body needs and can have: plain data by value, what was imported by its name."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    packed = Luggage(labs=tuple(sorted(used & set(labs))))
    for name in sorted(used & names.keys() - set(labs)):
        value = names[name]
        origin = _origin(value)
        if origin is not None:
            packed.imported[name] = origin
            continue
        try:
            packed.values[name] = pack(value)
        except NotPlainError as error:
            packed.left[name] = str(error)
    return packed


def _origin(value: Any) -> tuple[str, str] | None:
    """Where a module, or what a module defines, can be imported from; None for anything else."""
    if isinstance(value, ModuleType):
        return (value.__name__, "") if value.__name__ in sys.modules else None
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    return (module, name) if getattr(sys.modules.get(module), name, None) is value else None
