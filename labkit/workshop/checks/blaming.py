"""Naming the functions of a stripped guest from symbols that were kept, or saying that they do not fit."""

from __future__ import annotations

from typing import Any

from labkit.inspect import symbolize
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding, raised

CASES = (("process-panic", "process-input", (101.0,)), ("process-unwrap", "process-input", (-1.0,)))


def blaming(blame: Any) -> list[Finding]:
    """Whether `blame(lab, trace, symbols)` lists the last step's functions, and is `None` for foreign symbols."""
    if not callable(blame):
        return [Finding(False, "Give the check your function: `check(blame)`, without calling it.")]
    with Lab() as lab:
        for name, export, args in CASES:
            bare, symbols = lab.strip(lab.build(name))
            with Lab() as theirs:
                theirs.store().instantiate(bare).call(export, *args)
                trace = theirs.trace
            frames = symbolize(trace, symbols, [bare]).steps[-1].outcome.frames  # type: ignore[union-attr]  # it has ended
            right = [frame.func for frame in frames]
            for kept, wanted in ((symbols, right), (_foreign(lab, name), None)):
                try:
                    said = blame(lab, trace, kept)
                except (Exception, SystemExit) as error:
                    return [raised(error)]
                if said != wanted:
                    return [Finding(False, _wrong(name, said, wanted))]
    return [
        Finding(True, "Every frame of both traps has the name that its own build knows."),
        Finding(True, "Symbols of another build name nothing."),
    ]


def _foreign(lab: Lab, name: str) -> Any:
    """Symbols of a build that is another one."""
    return lab.strip(lab.build(next(other for other, *_ in CASES if other != name)))[1]


def _wrong(name: str, said: Any, wanted: list[str | None] | None) -> str:
    if wanted is None:
        return f"Symbols of another build than {name} should give None; yours gave {said!r:.80}."
    if not isinstance(said, list):
        return f"For {name} and its own symbols there should be a list of names; yours was {said!r:.80}."
    if len(said) != len(wanted):
        return f"The trap of {name} has {len(wanted)} frames; you named {len(said)}."
    n = next(n for n, (own, right) in enumerate(zip(said, wanted, strict=True)) if own != right)
    return f"Frame {n} of {name} is {wanted[n]!r}; yours was {said[n]!r}."
