"""Repros at work: played again, made smaller, written in other forms, read from other forms."""

from labkit.repros.recording import record_repro
from labkit.repros.reducing import Reduction, reduce_repro
from labkit.repros.replaying import Replay, replay
from labkit.repros.rust import rust_program
from labkit.repros.scripts import python_script
from labkit.repros.wast_export import wast_script
from labkit.repros.wast_import import WastScript, read_wast

__all__ = [
    "Reduction",
    "Replay",
    "WastScript",
    "python_script",
    "read_wast",
    "record_repro",
    "reduce_repro",
    "replay",
    "rust_program",
    "wast_script",
]
