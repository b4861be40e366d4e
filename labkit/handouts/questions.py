"""The questions that a notebook asks before a surprising result, read from its cells."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

import msgspec

from labkit.resources import Cell

_ASK: Final = "predict"
_JUDGE: Final = "reveal"


class Question(msgspec.Struct, frozen=True):
    """One prediction: the cell that asks, the choices, and the one that is right."""

    cell: str
    question: str
    choices: tuple[str, ...]
    right: str


def questions(cells: Sequence[Cell]) -> list[Question]:
    """What `lab.predict` asks and `reveal` judges, in order; a question that no cell judges is left out."""
    asked: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    found = []
    for cell in cells:
        if cell.kind != "code" or not (_ASK in cell.text or _JUDGE in cell.text) or cell.text.startswith("%%"):
            continue
        lines = [line for line in cell.text.splitlines() if not line.lstrip().startswith(("%", "!"))]
        for node in ast.walk(ast.parse("\n".join(lines))):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="predict"), args=args)
                ):
                    question, choices = (ast.literal_eval(one) for one in args)
                    asked[name] = (cell.id, question, tuple(choices))
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="reveal"), args=[ast.Constant(), *_]
                ):
                    if name in asked:
                        found.append(Question(*asked.pop(name), right=ast.literal_eval(node.args[0])))
    return found
