"""A process that traps once for every line that it is given, and answers how many nanoseconds that took.

A call that did not trap is answered with how it ended; one that cannot be made with `MISUSE` and why.

Whether the runtime looks up lines is decided by its environment when the engine is made, hence a process for each.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from labkit.errors import LabkitError
from labkit.host import Counter, Engine, Program, Store
from labkit.inspect.trap_cost import MISUSE


def main() -> None:
    """Trap as often as asked: `FILE NAME EXPORT ARGUMENTS`, the arguments as a JSON list."""
    file, name, export, arguments = sys.argv[1:]
    program = Program.from_bytes(name, Path(file).read_bytes())
    args = json.loads(arguments)
    with Engine() as engine:
        for _ in sys.stdin:
            try:
                answer = _trapped(engine, program, export, args)
            except LabkitError as error:
                answer = f"{MISUSE}{error}"
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()


def _trapped(engine: Engine, program: Program, export: str, args: list[Any]) -> str:
    with Store(engine, Counter()) as store:
        instance = store.instantiate(program)
        began = time.perf_counter_ns()
        outcome = instance.call(export, *args)
        took = time.perf_counter_ns() - began
    return str(took) if outcome.frames else outcome.describe()


if __name__ == "__main__":
    main()
