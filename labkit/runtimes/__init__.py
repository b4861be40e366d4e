"""Other Wasmtime releases side by side, scenarios played under them in child processes, and what differs."""

from labkit.runtimes.cells import Cell
from labkit.runtimes.fetch import add_runtime, installed_runtimes, remove_runtime
from labkit.runtimes.release import Capabilities, Runtime, own_version, releases_with_components
from labkit.runtimes.run import programs_of, run_in_child
from labkit.runtimes.search import Change, find_change
from labkit.runtimes.sweep import Matrix, Row, matrix
from labkit.runtimes.watch import ChildLimits

__all__ = [
    "Capabilities",
    "Cell",
    "Change",
    "ChildLimits",
    "Matrix",
    "Row",
    "Runtime",
    "add_runtime",
    "find_change",
    "installed_runtimes",
    "matrix",
    "own_version",
    "programs_of",
    "releases_with_components",
    "remove_runtime",
    "run_in_child",
]
