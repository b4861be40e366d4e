"""`with lab.sandboxed():` in a cell: the block is taken out of the cell before it runs, and run in a sandbox.

Python cannot keep a `with` block from running where it stands, so `BlockRewriter` replaces it by a call that is
given the block's text; what it writes and what `SandboxBlock` answers belong together.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, NoReturn

from labkit.errors import LabkitError
from labkit.runtimes.sandbox import SandboxResult
from labkit.runtimes.sandbox_body import Body

_BLOCK = "_sandbox"


class SandboxBlock:
    """What `lab.sandboxed()` gives: `run` runs a body with names to take from, `show` shows what became of it."""

    def __init__(
        self,
        run: Callable[[Body, MutableMapping[str, Any]], SandboxResult],
        show: Callable[[SandboxResult], None],
    ) -> None:
        self._run = run
        self._show = show
        self._result: SandboxResult | None = None

    def play(self, text: str, first: int, last: int, names: MutableMapping[str, Any]) -> SandboxResult:
        """Run the block that stood in lines `first` to `last` of the calling cell, with `names` to take from.

        `text` is the block without its layout, for cells whose lines are not known.
        """
        body = _as_written(sys._getframe(1).f_code.co_filename, first, last, text) or Body(text)
        self._result = self._run(body, names)
        names.update(self._result.names)
        return self._result

    def show(self) -> None:
        """Show the result in the cell. Raises the exception that ended the block, if one did."""
        assert self._result is not None
        self._result.check()
        self._show(self._result)

    def __enter__(self) -> NoReturn:
        raise LabkitError(
            "`with lab.sandboxed():` works in a notebook cell after `%load_ext labkit`, outside of functions and "
            "alone in its `with`; elsewhere call lab.sandbox(source) with the code as text."
        )

    def __exit__(self, *_exc: object) -> None:
        raise AssertionError("never entered")


def _as_written(filename: str, first: int, last: int, text: str) -> Body | None:
    """The block with the lines and the line numbers it has in its cell; None where they are not to be had."""
    lines = linecache.getlines(filename)[first - 1 : last]
    body = Body("\n" * (first - 2) + "if 1:\n" + "".join(lines), indented=True)
    try:
        same = ast.unparse(body.tree()) == text
    except SyntaxError:
        return None
    return body if same and first >= 2 else None


class BlockRewriter(ast.NodeTransformer):
    """Replaces each `with ….sandboxed(…) [as name]:` that is not in a function or a class."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:  # noqa: D102  # ast's names
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:  # noqa: D102
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:  # noqa: D102
        return node

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:  # noqa: D102
        if not _is_sandbox(node):
            return self.generic_visit(node)
        (item,) = node.items
        first = min(_first_line(statement) for statement in node.body)
        last = node.body[-1].end_lineno
        text = ast.unparse(ast.Module(node.body, []))
        target = item.optional_vars.id if isinstance(item.optional_vars, ast.Name) else None
        play = f"{_BLOCK}.play({text!r}, {first}, {last}, globals())"
        kept = ast.copy_location(ast.Assign([ast.Name(_BLOCK, ast.Store())], item.context_expr), node)
        # After an interrupt the name must not stand for an earlier sandbox.
        played = ast.parse(f"{target} = None; {target} = {play}" if target else play).body
        shown = ast.parse(f"{_BLOCK}.show()").body[0]
        return [
            ast.fix_missing_locations(kept),
            *(ast.increment_lineno(statement, node.lineno - 1) for statement in played),
            ast.increment_lineno(shown, node.lineno - 1),
        ]


def _is_sandbox(node: ast.With) -> bool:
    if len(node.items) != 1:
        return False
    (item,) = node.items
    call, name = item.context_expr, item.optional_vars
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "sandboxed"
        and (name is None or isinstance(name, ast.Name))
    )


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])
