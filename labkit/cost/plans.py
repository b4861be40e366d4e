"""The tables of the cost lab, as data: which subjects each compares. How they are timed is for `ways` to know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from labkit.cost.engines import Compiling
from labkit.cost.results import Allocation, Reading, Subject
from labkit.cost.workloads import WORKLOADS, workload
from labkit.errors import unknown

KEPT: Final = 8 * 2**20
"""Bytes kept resident, where any are: as much as the largest workload has data."""

TOUCHED: Final = (0, 4096, 2**20, 8 * 2**20)
SHARES: Final = (0.0, 0.01, 0.1, 0.5)
REUSES: Final = (1, 2, 5, 10, 100, 1000)
COMPILING: Final[tuple[Compiling, ...]] = ("speed", "none", "single-pass", "winch", "fuel", "epochs")
POLICIES: Final = ("keep", "pool", "rebuild-on-trap", "fresh-instance", "fresh-store", "recompile")
RECORDINGS: Final = ("bare", "counted", "recorded")
RECORDED: Final = ("one-page", "component", "rust-component")
ALLOCATIONS: Final[tuple[Allocation, ...]] = ("on-demand", "pooling")
READINGS: Final[tuple[Reading, ...]] = ("floor", "native", "python")
_FROM_PYTHON: Final[tuple[Reading, ...]] = ("native", "python")

_HEAVY: Final = tuple(one.name for one in WORKLOADS if one.heavy)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A table before it is measured. `share`: how much of the time it gets, beside the others' shares."""

    id: str
    title: str
    subjects: tuple[Subject, ...]
    share: float = 1.0
    per: str = "call"
    axis: str | None = None

    @property
    def workloads(self) -> tuple[str, ...]:
        """The workloads that it needs, by name."""
        return tuple(dict.fromkeys(subject.guest for subject in self.subjects if subject.guest))


def plans(*, everything: bool = False) -> dict[str, Plan]:
    """Every table by its id; `everything`: with the workloads that take seconds to compile."""
    names = [one.name for one in WORKLOADS if everything or not one.heavy]
    made = (
        _instantiation(names),
        _policies(names),
        _phases([name for name in names if name not in ("one-page", "composed")]),
        _touched(),
        _traps(),
        _reuse(),
        _workers(),
        _compilation([name for name in names if name not in ("one-page", "large")]),
        recording(RECORDED),
    )
    return {plan.id: plan for plan in made}


def narrowed(subjects: Sequence[str], *, everything: bool = False) -> tuple[Plan, ...]:
    """The plans that somebody names: tables by their ids, workloads by their names, whatever is not named in full.

    Raises `UnknownNameError` for what is neither. A workload that is named is measured, even if it takes seconds.
    """
    known = plans(everything=everything or any(name in _HEAVY for name in subjects))
    for name in subjects:
        if not is_subject(name):
            raise unknown("table or workload", name, [*known, *(one.name for one in WORKLOADS)])
    ids = [name for name in subjects if name in known] or list(known)
    guests = {name for name in subjects if name not in known}
    wanted = [known[one] for one in dict.fromkeys(ids)]
    if guests:
        wanted = [msgspec.structs.replace(plan, subjects=_of(plan, guests)) for plan in wanted]
    return tuple(plan for plan in wanted if plan.subjects)


def is_subject(name: str) -> bool:
    """Whether it is a table, or a workload."""
    return name in plans() or name in (one.name for one in WORKLOADS)


def recording(guests: Sequence[str]) -> Plan:
    """The table of labkit's own share, for these workloads."""
    subjects = tuple(Subject(what, guest, "python") for guest in guests for what in RECORDINGS)
    title = "A call of a live instance, by itself and in a lab"
    return Plan(id="recording", title=title, subjects=subjects, share=0.5)


def _of(plan: Plan, guests: Collection[str]) -> tuple[Subject, ...]:
    return tuple(subject for subject in plan.subjects if subject.guest in guests)


def _instantiation(names: Sequence[str]) -> Plan:
    def subjects() -> Iterator[Subject]:
        for guest in names:
            for allocation in ALLOCATIONS:
                for reading in READINGS:
                    yield Subject("fresh-store", guest, reading, allocation)
            if guest in ("one-page", "large"):
                for reading in _FROM_PYTHON:
                    yield Subject("fresh-store", guest, reading, copy_on_write=False)
                    yield Subject("fresh-store", guest, reading, "pooling", keep_resident=KEPT)

    title = "A new store and instance, one call, and the end of both"
    return Plan(id="instantiation", title=title, subjects=tuple(subjects()), share=2)


def _policies(names: Sequence[str]) -> Plan:
    subjects = [
        Subject(policy, guest, reading, allocation)
        for guest in names
        for allocation in ALLOCATIONS
        for reading in _FROM_PYTHON
        for policy in POLICIES
        # What the compiler takes is the same either way.
        if policy != "recompile" or reading == "python"
    ]
    floors = [Subject("keep", guest, "floor") for guest in names]
    title = "A call that returns, under each reuse policy"
    return Plan(id="policies", title=title, subjects=(*subjects, *floors), share=3)


def _phases(names: Sequence[str]) -> Plan:
    phases = ("engine", "compile", "serialise", "deserialise")
    calls = ("store", "instantiate", "lookup", "first-call", "later-call", "drop", "trap")
    subjects = [
        Subject(phase, guest, reading)
        for guest in names
        for reading in _FROM_PYTHON
        for phase in (*phases, *calls)
        if phase != "trap" or workload(guest).trap
    ]
    return Plan(id="phases", title="What a call is made of", subjects=tuple(subjects), per="phase", share=1.5)


def _touched() -> Plan:
    engines: tuple[tuple[Allocation, bool, int], ...] = (
        ("on-demand", True, 0),
        ("pooling", True, 0),
        ("pooling", True, KEPT),
        ("on-demand", False, 0),
    )
    subjects = [
        Subject("fresh-store", "large", reading, allocation, cow, kept, float(size))
        for reading in _FROM_PYTHON
        for allocation, cow, kept in engines
        for size in TOUCHED
    ]
    title = "A fresh store, by how much memory the call writes to"
    return Plan(id="touched", title=title, subjects=tuple(subjects), axis="bytes written to")


def _traps() -> Plan:
    subjects = [
        Subject(policy, guest, reading, "pooling", at=share)
        for guest in ("one-page", "component")
        for reading in _FROM_PYTHON
        for policy in ("rebuild-on-trap", "pool", "fresh-store")
        for share in SHARES
    ]
    title = "A call on average, by how many of them trap"
    return Plan(id="traps", title=title, subjects=tuple(subjects), axis="share of calls that trap")


def _reuse() -> Plan:
    subjects = [
        Subject("max-reuse", guest, reading, "pooling", at=float(count))
        for guest in ("one-page", "rust-component")
        for reading in _FROM_PYTHON
        for count in REUSES
    ]
    title = "A call on average, by how often an instance is used before it is replaced"
    return Plan(id="reuse", title=title, subjects=tuple(subjects), axis="calls per instance")


def _workers() -> Plan:
    subjects = [
        Subject(what, guest, reading, "pooling", at=float(count))
        for guest in ("one-page", "rust-component")
        for reading in _FROM_PYTHON
        for what in ("threads", "processes")
        for count in (1, 2, 4)
    ]
    title = "A fresh store, with several workers at once: wall time by calls"
    return Plan(id="workers", title=title, subjects=tuple(subjects), axis="workers")


def _compilation(names: Sequence[str]) -> Plan:
    subjects = [
        Subject(what, guest, reading)
        for guest in names
        for reading in _FROM_PYTHON
        for what in (*COMPILING, "cache-hit", "deserialise")
        # Beside what a compiler does, Python's part cannot be seen.
        if reading == "native" or what in ("cache-hit", "deserialise")
    ]
    title = "From a program's bytes to code that can be instantiated"
    return Plan(id="compilation", title=title, subjects=tuple(subjects), per="compilation", share=2)
