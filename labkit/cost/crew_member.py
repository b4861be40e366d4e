"""One process of a crew: it takes tasks as lines of JSON, and answers each with an empty line when it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from labkit.cost.crew import Task
from labkit.cost.results import Subject
from labkit.cost.stage import Stage
from labkit.host.program import Program
from labkit.runtimes.launch import die_with_parent


def main() -> None:
    """Work until there is no more to do."""
    die_with_parent()
    ready: dict[tuple[str, str], Callable[[], bool]] = {}
    while order := sys.stdin.buffer.readline():
        task = msgspec.json.decode(order, type=Task)
        key = task.workload, task.reading
        if key not in ready:
            file = Path(task.file)
            stage = Stage({task.workload: Program.from_file(file)}, {}, file.parent)
            ready[key] = stage.fresh(Subject("fresh-store", task.workload, task.reading, "pooling")).run
        run = ready[key]
        for _ in range(task.calls):
            run()
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
