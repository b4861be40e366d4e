"""The rooms of the package in the order of the import contract, and who really imports whom."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[3]
ABREAST = 4
"""Blocks in one row at the most where layers share one; those with several modules count twice."""

GROUND = 2
"""Layers, from below, of what everything may import."""


@dataclass(frozen=True)
class Block:
    """What the picture draws as one: a room, or the single modules of neighbouring layers."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """The first module in it, which tells it from the others."""
        return self.rows[0][0]

    @property
    def modules(self) -> tuple[str, ...]:
        """Everything in it, from above."""
        return tuple(module for row in self.rows for module in row)

    @property
    def single(self) -> bool:
        """Whether there is but one thing in it."""
        return len(self.modules) == 1


@dataclass(frozen=True)
class Architecture:
    """Rows of blocks, from above, and `arrows`: the imports between blocks for which no longer way stands.

    Layers of the contract that do not import each other share a row.
    """

    rows: tuple[tuple[Block, ...], ...]
    arrows: tuple[tuple[Block, Block], ...]

    @property
    def ground(self) -> Block:
        """The block at the bottom, which everything may import."""
        return self.rows[-1][0]


def architecture(root: Path = ROOT) -> Architecture:
    """The architecture of the package below `root`: the order from the import contract, arrows from the code."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = _blocks([tuple(name.strip() for name in layer.split("|")) for layer in contract], root)
    order = [block for layer in layers for block in layer]
    imports = _imports({module: block for block in order for module in block.modules})
    arrows = sorted(_shortest(imports), key=lambda arrow: [order.index(block) for block in arrow])
    return Architecture(_rows(layers, imports), tuple(arrows))


def _imports(blocks: dict[str, Block]) -> set[tuple[Block, Block]]:
    graph = grimp.build_graph("labkit", cache_dir=None)
    found = {
        (blocks[importer], blocks[imported])
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if (importer := _room(module)) in blocks and (imported := _room(other)) in blocks
    }
    return {(above, below) for above, below in found if above != below}


def _rows(layers: list[tuple[Block, ...]], imports: set[tuple[Block, Block]]) -> tuple[tuple[Block, ...], ...]:
    rows = [layers[0]]
    for layer in layers[1:]:
        apart = not any((above, below) in imports for above in rows[-1] for below in layer)
        if apart and sum(1 if block.single else 2 for block in (*rows[-1], *layer)) <= ABREAST:
            rows[-1] += layer
        else:
            rows.append(layer)
    return tuple(rows)


def caption(module: str, root: Path = ROOT) -> str:
    """What a room is for, from the first sentence of its docstring."""
    path = _path(module, root)
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = " ".join((ast.get_docstring(ast.parse(source.read_text("utf-8"))) or "").split("\n\n")[0].split())
    sentence = text.partition(". ")[0].removesuffix(".")
    before, colon, after = sentence.partition(": ")
    return after if colon and len(before) < 30 else sentence


def _path(module: str, root: Path) -> Path:
    return root.joinpath(*module.split("."))


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _blocks(contract: list[tuple[str, ...]], root: Path) -> list[tuple[Block, ...]]:
    """Layers as blocks: every package is one, and the single modules of layers with nothing between are one.

    The last two layers are the ground, whatever is in them.
    """
    layers: list[tuple[Block, ...]] = []
    run: list[tuple[str, ...]] = []
    for layer in contract[:-GROUND]:
        rooms = tuple(module for module in layer if _path(module, root).is_dir())
        if single := tuple(module for module in layer if module not in rooms):
            run.append(single)
        if rooms:
            layers += [(Block(tuple(run)),)] if run else []
            layers.append(tuple(Block(((room,),)) for room in rooms))
            run = []
    ground = (Block(tuple(contract[-GROUND:])),)
    return [*layers, *([(Block(tuple(run)),)] if run else []), ground]


def _shortest(arrows: set[tuple[Block, Block]]) -> set[tuple[Block, Block]]:
    """The arrows without those for which a way over other blocks stands."""
    below: dict[Block, set[Block]] = {}
    for above, imported in arrows:
        below.setdefault(above, set()).add(imported)

    def reached(block: Block) -> set[Block]:
        direct = below.get(block, set())
        return direct.union(*(reached(other) for other in direct))

    return {
        (above, imported)
        for above, imported in arrows
        if not any(imported in reached(other) for other in below[above] - {imported})
    }
