"""A guest that is cut in two where it waited, so that it imports nothing."""

from __future__ import annotations

from typing import Any, Final

from labkit.errors import LabkitError
from labkit.host import Engine, Instance, Outcome, Program
from labkit.lab import Lab
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.finding import Finding

STORED: Final = ((3, 17), (8, -4))
"""Questions that are open at the same time, and what a host has for each: nothing that can be guessed."""


def split_guest(program: Any) -> list[Finding]:
    """Whether a guest says what it wants and takes it later, importing nothing, for any kind of host."""
    if not isinstance(program, Program):
        return [Finding(False, "Give the check your program: the variable that the %%guest cell made.")]
    try:
        with Engine() as engine:
            imports = engine.compile(program).imports
        if imports:
            return [Finding(False, f"It still imports {', '.join(f'`{path}`' for path in imports)}.")]
        wrong = _plainly(program) or _awaited(program)
    except LabkitError as error:
        return [Finding(False, str(error))]
    if wrong is not None:
        return [Finding(False, wrong)]
    return [
        Finding(True, "It imports nothing, so that there is nothing to be sync or async about."),
        Finding(
            True, f"Hosts that await and hosts that do not got {len(STORED)} answers each, asked side by side."
        ),
    ]


def _plainly(program: Program) -> str | None:
    with Lab(seconds=2) as lab, lab.store() as store:
        instance = store.instantiate(program)
        wanted = [instance.call("want", number) for number, _stored in STORED]
        finished = [instance.call("finish", stored) for _number, stored in STORED[:1]]
        return _wrong(wanted, finished, instance)


def _awaited(program: Program) -> str | None:
    said: list[str | None] = []
    with Lab(seconds=2) as lab:

        async def host() -> None:
            instance = await lab.store().instantiate_async(program)
            wanted = [await instance.call_async("want", number) for number, _stored in STORED]
            finished = [await instance.call_async("finish", stored) for _number, stored in STORED]
            said.append(_wrong(wanted, finished, instance))

        if not run_apart(host):
            return "Awaited, it does not come to an end."
    return said[0]


def _wrong(wanted: list[Outcome], finished: list[Outcome], instance: Instance) -> str | None:
    """What is not as it should be about questions that were asked and those of them that were answered."""
    for (number, _stored), outcome in zip(STORED, wanted, strict=True):
        if outcome.value != number:
            return f"`want({number})` should return {number}; it {outcome.describe()}."
    for (_number, stored), outcome in zip(STORED, finished, strict=False):
        if outcome.value != 2 * stored:
            return f"`finish({stored})` should return {2 * stored}; it {outcome.describe()}."
    counted = instance.call("answered")
    if counted.value != len(finished):
        asked = f"{len(wanted)} questions were asked and {len(finished)} answered"
        return f"{asked}: `answered` should return {len(finished)}; it {counted.describe()}."
    return None
