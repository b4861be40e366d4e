"""A health check: each export called as a host would, under each policy, and what the host has to know of it.

What is said was seen with the arguments that were tried and is no more than that; the traces are the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from labkit.errors import ChildError
from labkit.explore.across import across
from labkit.explore.profile import Profile, check_callable
from labkit.explore.samples import argument_lists
from labkit.explore.session import Call, Played, Session
from labkit.explore.verdicts import (
    Trial,
    Verdict,
    after_a_failure,
    answered,
    answers,
    instantiation,
    memory,
    reuse,
    start,
    state,
)
from labkit.host import Program, Signature
from labkit.reuse import PolicyName
from labkit.runtimes import Nursery

POLICIES: tuple[PolicyName, ...] = ("keep", "fresh-instance", "rebuild-on-trap", "fresh-store", "pool")
"""The policies that are tried; `recompile` differs from `fresh-store` in its price alone."""

TRIED = 6
"""How many lists of arguments an export is called with."""

EXPORTS = 40
"""How many exports are called; what a program has beyond is named."""

SECONDS = 2.0
"""What one call may take."""


class ExportHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of one export: `probe` has a call per list of arguments, each in a store of its own.

    `trials` hold, by policy, two calls that should be answered, one that failed in the probe if any did, and two
    more that should be answered; or two calls, where the probe had no answer. `docs`: what its authors say of it.
    `across` has calls of it with calls of other exports in between, where there are others.
    """

    export: str
    verdicts: tuple[Verdict, ...]
    probe: Trial
    trials: dict[str, Trial]
    docs: str = ""
    across: Trial | None = None


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The page: verdicts about the program, then export by export; `left_out` says why one was not called."""

    program: str
    digest: str
    runtime: str
    verdicts: tuple[Verdict, ...]
    exports: tuple[ExportHealth, ...]
    left_out: dict[str, str] = {}

    @property
    def level(self) -> Literal["sound", "beware"]:
        """Whether there is anything that a host has to beware of."""
        every = [*self.verdicts, *(verdict for one in self.exports for verdict in one.verdicts)]
        return "beware" if any(verdict.level == "beware" for verdict in every) else "sound"


def check_health(
    program: Program,
    profile: Profile,
    *,
    nursery: Nursery | None = None,
    say: Callable[[str], object] = lambda _line: None,
) -> Health:
    """Call every export of a program whose arguments can be written, in child processes.

    Raises `ProgramError` where nothing of it can be called.
    """
    check_callable(profile)
    session = Session(program, profile, seconds=SECONDS)
    found: list[ExportHealth] = []
    left_out: dict[str, str] = {}
    for signature in profile.interface.exports:
        tried = argument_lists(signature, TRIED)
        if signature.asynchronous:
            left_out[signature.path] = "it is async, and no reuse policy applies to awaited calls"
        elif not tried:
            left_out[signature.path] = "it takes what only a guest can give, such as a resource"
        elif len(found) == EXPORTS:
            left_out[signature.path] = f"only {EXPORTS} exports are called"
        else:
            say(f"calling {signature.path}")
            found.append(_check(session, signature, tried, nursery))
    trials = [trial for one in found for trial in (one.probe, *one.trials.values())]
    verdicts = (start(profile.anatomy, trials), instantiation(profile.interface.seconds, trials))
    together = tuple(_with_others(session, found, nursery))
    return Health(program.name, program.digest, profile.runtime, verdicts, together, left_out)


def _with_others(session: Session, found: list[ExportHealth], nursery: Nursery | None) -> Iterator[ExportHealth]:
    """The exports with what they show of each other: of each the first call that was answered."""
    calls: dict[str, Call] = {}
    for one in found:
        first = one.trials["keep"].calls[0]
        if first.do == "call" and answered(first.outcome):
            calls[one.export] = Call(one.export, first.args)
    for one in found:
        steady = any((said.about, said.level) == ("state", "good") for said in one.verdicts)
        seen = None
        if steady and one.export in calls:
            seen = across(
                *(calls[one.export], list(calls.values())),
                lambda policy, story: _trial(session, policy, story, nursery),
            )
        if seen is None:
            yield one
        else:
            yield msgspec.structs.replace(one, verdicts=(*one.verdicts, seen[0]), across=seen[1])


def _check(
    session: Session, signature: Signature, tried: list[tuple[Any, ...]], nursery: Nursery | None
) -> ExportHealth:
    def made(policy: PolicyName, calls: list[Call]) -> Trial:
        return _trial(session, policy, calls, nursery)

    calls = [Call(signature.path, args) for args in tried]
    probe = made("fresh-store", calls)
    went = [(call, answered(step.outcome)) for call, step in zip(calls, probe.calls, strict=False)]
    good = [call for call, well in went if well]
    bad = next((call for call, well in went if not well), None)
    # Rather the second: adding nothing, or an empty text, shows little.
    usual = [*good, calls[0]][min(1, max(len(good) - 1, 0))]
    # Where nothing was answered, two calls show as much as five, and may take their time.
    story = [usual, usual, bad or usual, usual, usual] if good else [usual, usual]
    trials: dict[str, Trial] = {policy: made(policy, story) for policy in POLICIES}
    verdicts = (
        answers(probe),
        reuse(trials["keep"]),
        state(trials["keep"], trials["fresh-store"]),
        after_a_failure(trials, failed=bad is not None and bool(good)),
        memory(trials["keep"]),
    )
    return ExportHealth(
        signature.path,
        tuple(verdict for verdict in verdicts if verdict is not None),
        *(probe, trials),
        session.profile.docs.texts.get(signature.path, ""),
    )


def _trial(session: Session, policy: PolicyName, calls: list[Call], nursery: Nursery | None) -> Trial:
    played = _played(msgspec.structs.replace(session, policy=policy, calls=tuple(calls)), nursery)
    return Trial(policy, played.trace, {n: diff.size_after for n, diff in played.memories.items()})


def _played(session: Session, nursery: Nursery | None) -> Played:
    try:
        return session.play(wasmtime=session.profile.runtime, nursery=nursery)
    except ChildError:
        # Machines run short of processes for a moment; a second failure is nobody's moment.
        return session.play(wasmtime=session.profile.runtime)
