"""Repros at work: played again, made smaller, written in other forms, read from other forms."""

from labkit.repros.recording import record_repro
from labkit.repros.replaying import Replay, replay

__all__ = ["Replay", "record_repro", "replay"]
