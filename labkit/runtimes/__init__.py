"""Other Wasmtime releases side by side, scenarios played under them in child processes, and what differs.

Names are loaded when they are first used: the child process belongs to this room and needs little of it, and
whatever it imports is paid for with every child.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.runtimes.cells import Cell, play_cell
    from labkit.runtimes.cluster import dask_cluster
    from labkit.runtimes.difference import change_sentence, comparison, first_difference
    from labkit.runtimes.fetch import add_runtime, installed_runtimes, remove_runtime
    from labkit.runtimes.nursery import Nursery
    from labkit.runtimes.playable import check_playable, programs_of
    from labkit.runtimes.release import Capabilities, Runtime, in_order, own_version, releases_with_components
    from labkit.runtimes.run import run_in_child
    from labkit.runtimes.sandbox import SandboxResult
    from labkit.runtimes.search import Change, NoChange, Try, find_change, find_change_in_family
    from labkit.runtimes.sweep import Matrix, Row, matrix, rows_to_play, tabulate
    from labkit.runtimes.watch import ChildLimits

_MODULES = {
    "cells": ("Cell", "play_cell"),
    "cluster": ("dask_cluster",),
    "difference": ("change_sentence", "comparison", "first_difference"),
    "fetch": ("add_runtime", "installed_runtimes", "remove_runtime"),
    "nursery": ("Nursery",),
    "playable": ("check_playable", "programs_of"),
    "release": ("Capabilities", "Runtime", "in_order", "own_version", "releases_with_components"),
    "run": ("run_in_child",),
    "sandbox": ("SandboxResult",),
    "search": ("Change", "NoChange", "Try", "find_change", "find_change_in_family"),
    "sweep": ("Matrix", "Row", "matrix", "rows_to_play", "tabulate"),
    "watch": ("ChildLimits",),
}

__all__ = [
    "Capabilities",
    "Cell",
    "Change",
    "ChildLimits",
    "Matrix",
    "NoChange",
    "Nursery",
    "Row",
    "Runtime",
    "SandboxResult",
    "Try",
    "add_runtime",
    "change_sentence",
    "check_playable",
    "comparison",
    "dask_cluster",
    "find_change",
    "find_change_in_family",
    "first_difference",
    "in_order",
    "installed_runtimes",
    "matrix",
    "own_version",
    "play_cell",
    "programs_of",
    "releases_with_components",
    "remove_runtime",
    "rows_to_play",
    "run_in_child",
    "tabulate",
]


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"labkit.runtimes.{module}"), name)
    raise AttributeError(f"module 'labkit.runtimes' has no attribute {name!r}")
