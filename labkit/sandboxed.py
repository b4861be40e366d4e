"""What runs in a sandbox: `python -m labkit.sandboxed once|serve FD` runs the body it reads from standard input.

Everything the body does with its lab is written to the descriptor FD at once, so that it is known however the
process ends.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import importlib
import inspect
import linecache
import os
import resource
import sys
import traceback
from types import CodeType, ModuleType
from typing import Any

import msgspec

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.record.trace import ProgramRecord, Step, StoreRecord
from labkit.runtimes.launch import die_with_parent
from labkit.runtimes.sandbox_body import Body, Luggage
from labkit.runtimes.sandbox_messages import (
    BodyFailure,
    Finish,
    LabSettings,
    SandboxJob,
    Told,
    frame,
    frame_for,
)
from labkit.runtimes.serve import serve
from labkit.runtimes.values import NotPlainError, pack, unpack

_VALUE = "_labkit_value"
_LONGEST = 10_000
"""Characters of a value that is shown as text."""


def main() -> None:
    """Do what the command line says, and leave."""
    how, fd = sys.argv[1:]
    if how == "serve":
        serve(int(fd), run_job)
    else:
        die_with_parent()
        run_job(int(fd))
    os._exit(0)


def run_job(out: int) -> None:
    """Run the body on standard input, tell `out` of it, and end this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=SandboxJob)

    def tell(record: Step | ProgramRecord | StoreRecord) -> None:
        _write(out, frame_for(record))

    main_module = sys.modules["__main__"] = ModuleType("__main__")
    names = vars(main_module)
    names.update(_unpacked(job.luggage))
    if job.luggage.labs:
        names.update(dict.fromkeys(job.luggage.labs, _lab(job.lab, tell)))
    _write(out, frame(Told(finish=_run(job.body, names))))
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _lab(settings: LabSettings, tell: Any) -> Lab:
    return Lab(seconds=settings.seconds, memory=settings.memory, fuel=settings.fuel, listener=tell)


def _unpacked(luggage: Luggage) -> dict[str, Any]:
    names = {name: unpack(value) for name, value in luggage.values.items()}
    for name, (module, inside) in luggage.imported.items():
        # What this release lacks is missed when the body asks for it, with the name it asks for.
        with contextlib.suppress(ImportError, AttributeError):
            found = importlib.import_module(module)
            names[name] = getattr(found, inside) if inside else found
    return names


def _run(body: Body, names: dict[str, Any]) -> Finish:
    # With no time of change given, the lines are taken as they are, and a traceback can show them.
    linecache.cache[body.filename] = (
        len(body.source),
        None,
        body.source.splitlines(keepends=True),
        body.filename,
    )
    before = dict(names)
    try:
        code, assigned = _compile(body)
        result = eval(code, names)
        if inspect.iscoroutine(result):
            asyncio.run(result)
        value = names.pop(_VALUE, None)
        text = None if value is None else repr(value)[:_LONGEST]
    except BaseException as error:
        return Finish(failure=_failure(error, body.filename))
    changed = {name for name, now in names.items() if name not in before or before[name] is not now}
    return Finish(_packed(names, (assigned | changed) & names.keys()), *_shown(value, text))


def _compile(body: Body) -> tuple[CodeType, set[str]]:
    """The code, in which the value of a last expression gets a name, and the names it assigns."""
    tree = body.tree()
    assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not _silenced(body, last):
        target = ast.copy_location(ast.Name(_VALUE, ast.Store()), last)
        tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
    code: CodeType = compile(tree, body.filename, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code, assigned


def _silenced(body: Body, last: ast.Expr) -> bool:
    """Whether a semicolon stands behind it, as in any cell."""
    line = body.source.encode().splitlines()[(last.end_lineno or 1) - 1]
    return line[last.end_col_offset or 0 :].lstrip().startswith(b";")


def _packed(names: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    packed = {}
    for name in sorted(wanted):
        with contextlib.suppress(NotPlainError):
            packed[name] = pack(names[name])
    return packed


def _shown(value: Any, text: str | None) -> tuple[Any, str | None]:
    try:
        return pack(value), None
    except NotPlainError:
        return None, text


def _failure(error: BaseException, filename: str) -> BodyFailure:
    """An exception with the traceback from the body's first line on; labkit's own show their sentence alone."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    if isinstance(error, LabkitError):
        lines = error._render_traceback_()
    else:
        lines = "".join(traceback.TracebackException(type(error), error, trace).format()).splitlines()
    lacked = error.name if isinstance(error, NameError) and not hasattr(builtins, error.name or "") else None
    return BodyFailure(type(error).__name__, str(error), tuple(lines), lacked)


def _write(out: int, data: bytes) -> None:
    while data:
        data = data[os.write(out, data) :]


if __name__ == "__main__":
    main()
