"""Other Wasmtime releases side by side, scenarios played under them in child processes, and what differs.

Names are loaded when they are first used: the child process belongs to this room and needs little of it, and
whatever it imports is paid for with every child.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.runtimes.cells import Cell
    from labkit.runtimes.fetch import add_runtime, installed_runtimes, remove_runtime
    from labkit.runtimes.nursery import Nursery
    from labkit.runtimes.release import Capabilities, Runtime, own_version, releases_with_components
    from labkit.runtimes.run import programs_of, run_in_child
    from labkit.runtimes.sandbox import SandboxResult
    from labkit.runtimes.search import Change, find_change
    from labkit.runtimes.sweep import Matrix, Row, matrix
    from labkit.runtimes.watch import ChildLimits

_MODULES = {
    "cells": ("Cell",),
    "fetch": ("add_runtime", "installed_runtimes", "remove_runtime"),
    "nursery": ("Nursery",),
    "release": ("Capabilities", "Runtime", "own_version", "releases_with_components"),
    "run": ("programs_of", "run_in_child"),
    "sandbox": ("SandboxResult",),
    "search": ("Change", "find_change"),
    "sweep": ("Matrix", "Row", "matrix"),
    "watch": ("ChildLimits",),
}

__all__ = [
    "Capabilities",
    "Cell",
    "Change",
    "ChildLimits",
    "Matrix",
    "Nursery",
    "Row",
    "Runtime",
    "SandboxResult",
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


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"labkit.runtimes.{module}"), name)
    raise AttributeError(f"module 'labkit.runtimes' has no attribute {name!r}")
