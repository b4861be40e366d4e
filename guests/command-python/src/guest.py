"""Greets its first argument, and counts how often it has done so."""

import sys

from wit_world import exports

# Lives as long as the instance does: a module is loaded once.
runs = 0


class Run(exports.Run):
    def run(self) -> None:
        global runs
        runs += 1
        name = sys.argv[1] if len(sys.argv) > 1 else "nobody"
        print(f"run {runs}: Hello, {name}")
        print(f"standard input: {sys.stdin.readline().rstrip() or 'nothing'}")
