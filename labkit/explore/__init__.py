"""A program that nobody here wrote: what it is, calling it, and what a host has to know of it."""

from labkit.explore.interface import Interface
from labkit.explore.literals import fit, parse
from labkit.explore.profile import Profile, load_program, profile_of
from labkit.explore.samples import argument_lists, samples, zero
from labkit.explore.session import Call, Played, Session

__all__ = [
    "Call",
    "Interface",
    "Played",
    "Profile",
    "Session",
    "argument_lists",
    "fit",
    "load_program",
    "parse",
    "profile_of",
    "samples",
    "zero",
]
