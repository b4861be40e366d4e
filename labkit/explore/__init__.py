"""A program that nobody here wrote: what it is, calling it, and what a host has to know of it."""

from labkit.explore.documentation import Docs
from labkit.explore.health import ExportHealth, Health, check_health
from labkit.explore.interface import Interface
from labkit.explore.keeping import keeping_command
from labkit.explore.literals import fit, parse
from labkit.explore.profile import Profile, load_program, profile_of, program_of
from labkit.explore.samples import argument_lists, samples, zero
from labkit.explore.session import Call, Played, Session
from labkit.explore.verdicts import Trial, Verdict

__all__ = [
    "Call",
    "Docs",
    "ExportHealth",
    "Health",
    "Interface",
    "Played",
    "Profile",
    "Session",
    "Trial",
    "Verdict",
    "argument_lists",
    "check_health",
    "fit",
    "keeping_command",
    "load_program",
    "parse",
    "profile_of",
    "program_of",
    "samples",
    "zero",
]
