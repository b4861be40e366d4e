"""Runs a notebook in a fresh kernel, in folders of its own: nothing of the user's is touched."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from labkit import guests
from labkit.handouts.books import asked, guest_of, needs_toolchain
from labkit.handouts.paths import Paths
from labkit.workshop import Progress

_LEFT_OUT: Final = "labkit:left-out"
NOT_RUN: Final = "Not run: there is no toolchain for this guest on the machine that made this page."


class Ran(msgspec.Struct, frozen=True):
    """What came of one notebook.

    `problem` is one sentence naming the cell that failed; None if all ran. `left_out` are the cells that need a
    compiler which is not here, `open` the exercises whose answer did not pass.
    """

    seconds: float
    problem: str | None
    left_out: tuple[str, ...]
    open: tuple[str, ...]


class Stop:
    """Ends runs from another thread: an interrupt reaches the main thread only, and they wait in others."""

    def __init__(self) -> None:
        self._ends: set[Callable[[], object]] = set()

    def now(self) -> None:
        """End every run that goes on, kernel included."""
        for end in tuple(self._ends):
            end()

    async def watch(self, running: Coroutine[Any, Any, Any]) -> None:
        """Wait for `running`, which `now` cancels."""
        task, loop = asyncio.ensure_future(running), asyncio.get_running_loop()

        def end() -> None:
            loop.call_soon_threadsafe(task.cancel)

        self._ends.add(end)
        try:
            await task
        finally:
            self._ends.discard(end)


def run(
    book: NotebookNode,
    name: str,
    limit: float,
    on_cell: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    stop: Stop | None = None,
) -> Ran:
    """Run a notebook and keep its outputs in it, without paths of this machine; `limit` is in seconds, for all.

    `on_cell` hears of (cells done, cells in all); `environment` is added to the kernel's; `stop` ends it early.
    Nothing is raised for a cell that fails.
    """
    with tempfile.TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as home:
        folder, state = Path(home, name), Path(home, "state")
        folder.mkdir()
        left_out = _leave_out(book)
        began = time.monotonic()
        own = {"LABKIT_STATE": str(state), "IPYTHONDIR": str(Path(home, "ipython"))}
        problem = _execute(
            book, folder, {**os.environ, **own, **environment}, began + limit, limit, on_cell, stop or Stop()
        )
        Paths({folder: ".", state: "‹progress›", Path(home): "‹temporary›"}).clean(book)
        records = Progress(state / "progress.json").all()
        still = tuple(one for one in asked(book, left_out) if one not in records or not records[one].passed)
        return Ran(time.monotonic() - began, problem, left_out, still)


def _leave_out(book: NotebookNode) -> tuple[str, ...]:
    """Mark the cells that need a toolchain which is not here, and say so where their outputs would be."""
    needing = [cell for cell in book.cells if needs_toolchain(cell)]
    names = [name for cell in needing if (name := guest_of(cell))]
    known = guests.catalogue() if names else {}
    if all(guests.first_toolchain(known[name]) for name in names):
        return ()
    for cell in needing:
        cell.metadata.tags = [*cell.metadata.tags, _LEFT_OUT]
        cell.outputs = [nbformat.v4.new_output("stream", text=f"{NOT_RUN}\n")]
    return tuple(cell.id for cell in needing)


def _execute(
    book: NotebookNode,
    folder: Path,
    environment: Mapping[str, str],
    until: float,
    limit: float,
    on_cell: Callable[[int, int], None],
    stop: Stop,
) -> str | None:
    at = {"cell": book.cells[0].id}

    def begins(cell: Any, cell_index: int) -> None:
        at["cell"] = cell.id
        on_cell(cell_index, len(book.cells))

    client = NotebookClient(
        book,
        timeout_func=lambda _cell: max(1, int(until - time.monotonic())),
        resources={"metadata": {"path": str(folder)}},
        skip_cells_with_tag=_LEFT_OUT,
        store_widget_state=False,
        on_cell_start=begins,
        ipython_hist_file=":memory:",
    )
    try:
        # What a kernel says beside its outputs, of sockets for one, is not for whoever wants pages.
        asyncio.run(stop.watch(client.async_execute(env=environment, stderr=subprocess.DEVNULL)))
    except CellTimeoutError:
        return f"Cell {at['cell']} still ran when the {limit:.0f} s for this notebook were over."
    except CellExecutionError as error:
        return f"Cell {at['cell']} failed: {error.ename}: {_first_line(error.evalue)}"
    except DeadKernelError:
        return f"Cell {at['cell']} took its kernel with it."
    except (RuntimeError, LookupError, TimeoutError) as error:
        return f"Its kernel did not start: {_first_line(str(error))}"
    on_cell(len(book.cells), len(book.cells))
    return None


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")
