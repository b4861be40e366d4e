"""`%load_ext labkit`: outcomes shown as badges, `%%guest NAME` and `%%sandbox`, and sandboxed `with` blocks."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import Any, NoReturn

from IPython.display import display

from labkit import views
from labkit.errors import ArgumentError
from labkit.host.program import Program
from labkit.lab import Lab
from labkit.notice import Notice
from labkit.programs import NotCompiled, build_program
from labkit.runtimes import ChildLimits, SandboxResult
from labkit.runtimes.sandbox_block import BlockRewriter
from labkit.runtimes.sandbox_body import Body
from labkit.views.sandbox import shown


def load(ipython: Any) -> None:
    """Register the displays, the magics and sandboxed blocks with an IPython shell."""
    views.register(ipython)

    def guest(line: str, cell: str) -> None:
        """`%%guest NAME`: compile the cell's Rust or WAT; the program becomes the variable NAME (- as _)."""
        variable = line.strip().replace("-", "_")
        # After a failed build the name must not stand for the last one that worked.
        if variable.isidentifier():
            ipython.push({variable: NotCompiled(line.strip())})
        program = build_cell(line, cell)
        ipython.push({variable: program})
        display(program)

    def sandbox(line: str, cell: str) -> Any:
        """`%%sandbox [--wasmtime V] [--seconds S] [--memory SIZE] [NAME]`: run the cell in a process of its own.

        Its result becomes the variable NAME. Shown is what the cell would show, or how the process died.
        """
        options = _sandbox_options(line)
        # After an interrupt the name must not stand for an earlier sandbox.
        ipython.push({options.name: None} if options.name else {})
        result = sandbox_cell(options, cell, ipython.user_ns)
        ipython.push({**result.names, **({options.name: result} if options.name else {})})
        result.check()
        return shown(result)

    ipython.register_magic_function(guest, "cell", "guest")
    ipython.register_magic_function(sandbox, "cell", "sandbox")
    if not any(isinstance(transformer, BlockRewriter) for transformer in ipython.ast_transformers):
        ipython.ast_transformers.append(BlockRewriter())


def build_cell(line: str, cell: str) -> Program:
    """Compile a `%%guest` cell, or raise `BuildError` with the compiler's messages."""
    words = line.split()
    if len(words) != 1:
        raise ArgumentError("%%guest takes one name, that of the guest whose source the cell replaces.")
    (name,) = words
    if cell.lstrip().startswith(("(", ";;")):
        return Program.from_wat(name, cell)
    # The line of the magic stays as an empty one, so that the compiler's line numbers are the cell's.
    with Notice(f"compiling {name}") as notice:
        return build_program(name, source=f"\n{cell}", say=notice)


def sandbox_cell(options: argparse.Namespace, cell: str, names: dict[str, Any]) -> SandboxResult:
    """Run a `%%sandbox` cell with the notebook's lab, or one of its own where there is none."""
    limits = ChildLimits(seconds=options.seconds, memory=options.memory)
    # The line of the magic stays as an empty one, so that line numbers are the cell's.
    body = Body(f"\n{cell}")
    labs = [value for value in (names.get("lab"), *names.values()) if isinstance(value, Lab)]
    if labs:
        return labs[0].sandbox(body, wasmtime=options.wasmtime, limits=limits, names=names)
    with Lab() as lab:
        return lab.sandbox(body, wasmtime=options.wasmtime, limits=limits, names=names)


class _Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentError(
            f"{message}; write %%sandbox [--wasmtime 41.0.0] [--seconds 60] [--memory 2GiB] [NAME]."
        )


def _sandbox_options(line: str) -> argparse.Namespace:
    options = _Options("%%sandbox", add_help=False)
    options.add_argument("--wasmtime")
    options.add_argument("--seconds", type=_seconds, default=ChildLimits().seconds)
    options.add_argument("--memory", type=_size, default=ChildLimits().memory)
    options.add_argument("name", nargs="?", type=_name)
    try:
        words = shlex.split(line)
    except ValueError as error:
        options.error(str(error))
    return options.parse_args(words)


def _seconds(text: str) -> float:
    if re.fullmatch(r"\d+(?:\.\d+)?", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return float(text)


def _size(text: str) -> int:
    """Bytes from `512MiB`, `2GiB` or a number of bytes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(KiB|MiB|GiB)?", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 512MiB")
    return int(float(found[1]) * {None: 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[found[2]])


def _name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is no name for a variable")
    return text
