"""Every release says of a stripped program what its symbols are looked up by."""

from __future__ import annotations

import pytest

from labkit import Lab, Trace
from tests.runtimes.conftest import RELEASES

CORE = '(module $m (func $trap unreachable) (func $through (export "run") call $trap))'
COMPONENT = """(component
  (core module $first (func))
  (core module $second (func $trap unreachable) (func $through (export "f") call $trap))
  (core instance $i (instantiate $second))
  (func (export "run") (canon lift (core func $i "f"))))"""
CASES = [(release, CORE) for release in RELEASES] + [(r, COMPONENT) for r in RELEASES if int(r[:2]) >= 39]


def names(trace: Trace) -> list[str | None]:
    outcome = trace.steps[-1].outcome
    assert outcome is not None
    return [frame.func for frame in outcome.frames]


@pytest.mark.parametrize(("release", "wat"), CASES, ids=[f"{wat[1:5]}-{release}" for release, wat in CASES])
def test_frames_of_a_stripped_program_are_named(release: str, wat: str) -> None:
    with Lab() as lab:
        bare, symbols = lab.strip(lab.program(wat, "program"))
        lab.store().instantiate(bare).call("run")
        there = lab.run(lab.trace, runtime=release)
        assert names(there) == [None, None]
        assert names(lab.symbolize(there, symbols)) == ["trap", "through"]
