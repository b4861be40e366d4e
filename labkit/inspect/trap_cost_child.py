"""A process that traps once for every line that it is given, and answers how many nanoseconds that took.

Whether the runtime looks up lines is decided by its environment when the engine is made, hence a process for each.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from labkit.host import Counter, Engine, Program, Store


def main() -> None:
    """Trap as often as asked: `FILE NAME EXPORT ARGUMENTS`, the arguments as a JSON list."""
    file, name, export, arguments = sys.argv[1:]
    program = Program.from_bytes(name, Path(file).read_bytes())
    args = json.loads(arguments)
    with Engine() as engine:
        for _ in sys.stdin:
            with Store(engine, Counter()) as store:
                instance = store.instantiate(program)
                began = time.perf_counter_ns()
                outcome = instance.call(export, *args)
                took = time.perf_counter_ns() - began
            sys.stdout.write(f"{took if outcome.frames else outcome.describe()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
