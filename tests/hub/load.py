"""A room under load: everybody logs in at once and runs notebook 01; how long it takes, and how much memory.

    python tests/hub/load.py --attendees 20 [--isolate] [--json results.json]

Run by hand, on the machine that is meant for a workshop. The attendees are threads in this process that do over
HTTP and websockets what a browser does, so a little of the machine goes into them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).parent))

from room_server import RoomServer
from visitor import Visitor

NOTEBOOK = "01-poisoned-component.ipynb"
MIB = 2**20


def main() -> None:
    """Print the tables, and write them as JSON where that is asked for."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="labkit-load-"))
    kind = ["--isolate"] if options.isolate else ["--allow-root"]
    free = psutil.virtual_memory().available
    before = os.getloadavg()[0]
    try:
        with RoomServer(folder / "room", "--attendees", str(options.attendees), *kind) as room:
            together = Barrier(options.attendees)
            with ThreadPoolExecutor(options.attendees) as everybody:
                took = list(everybody.map(lambda n: attend(room, n, together), range(options.attendees)))
            memory = memory_of(room)
            memory["taken in all"] = [(free - psutil.virtual_memory().available) / MIB]
            report = {"attendees": options.attendees, "load before": before, "load after": os.getloadavg()[0]}
            report |= {
                "seconds": _by_name(took),
                "MiB": memory,
                "failed cells": sum(one["failed"] for one in took),
            }
            statuses = sorted({status for one in took for status in one["statuses"]})
            report["statuses"] = statuses
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def attend(room: RoomServer, n: int, together: Barrier) -> dict[str, Any]:
    """Log in with the others, open a kernel and run the notebook; the seconds that each of it took."""
    with Visitor(room.address, f"attendee-{n}", patience=900) as visitor:
        together.wait()
        times = [time.monotonic()]
        answer = visitor.log_in(room.password, "1234")
        assert answer.status_code == 200, answer.text
        times.append(time.monotonic())
        visitor.wait_for_lab()
        times.append(time.monotonic())
        cells = [cell for cell in visitor.contents(NOTEBOOK)["cells"] if cell["cell_type"] == "code"]
        kernel = visitor.kernel()
        failed = [ran for cell in cells if (ran := kernel.run(nbformat.from_dict(cell).source)).error is not None]
        times.append(time.monotonic())
        together.wait()
        steps = dict(zip(("log-in", "server ready", "notebook run"), _differences(times), strict=True))
        return {
            **steps, "all of it": times[-1] - times[0], "failed": len(failed), "statuses": set(visitor.statuses)
        }  # fmt: skip


def memory_of(room: RoomServer) -> dict[str, list[float]]:
    """MiB that the hub, its proxy and services, and each attendee's processes take, shared pages in parts."""
    hub = psutil.Process(room.pid)
    found: dict[str, list[float]] = {"hub": [_pss([hub])], "proxy and services": [], "attendee": []}
    for child in hub.children():
        tree = [child, *child.children(recursive=True)]
        command = " ".join(" ".join(process.cmdline()) for process in tree)
        found["attendee" if "labkit.hub.attendee" in command else "proxy and services"].append(_pss(tree))
    return found


def show(report: dict[str, Any]) -> None:
    """The report as lines of text."""
    print(
        f"{report['attendees']} attendees, load {report['load before']:.1f} before and {report['load after']:.1f} "
        f"after, answers {report['statuses']}, {report['failed cells']} cells failed"
    )
    for unit in ("seconds", "MiB"):
        for name, values in report[unit].items():
            low, middle, high = min(values), statistics.median(values), max(values)
            p90 = sorted(values)[max(0, -(-len(values) * 9 // 10) - 1)]
            print(f"{unit:8}{name:20} least {low:8.1f}  median {middle:8.1f}  90 % {p90:8.1f}  most {high:8.1f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attendees", type=int, default=20)
    parser.add_argument("--isolate", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _by_name(took: list[dict[str, Any]]) -> dict[str, list[float]]:
    names = ("log-in", "server ready", "notebook run", "all of it")
    return {name: [round(one[name], 2) for one in took] for name in names}


def _differences(times: list[float]) -> Iterable[float]:
    return (after - before for before, after in pairwise(times))


def _pss(processes: list[psutil.Process]) -> float:
    return sum(process.memory_full_info().pss for process in processes) / MIB


if __name__ == "__main__":
    main()
