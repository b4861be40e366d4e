"""Smaller scenarios: which steps could be left out, which values could be simpler, whatever comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from labkit.record.scenario import HostBehaviour, Scenario, ScenarioStep


def without_steps(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with fewer steps: halves left out, then quarters, down to single ones. The last step stays.

    Where the step that makes an instance is left out, so is all that is done with the instance.
    """
    count = len(scenario.steps) - 1
    size = max(count // 2, 1)
    while size and count:
        for start in range(0, count, size):
            left_out = set(range(start, min(start + size, count)))
            kept = _closed([step for n, step in enumerate(scenario.steps) if n not in left_out])
            if kept and len(kept) < len(scenario.steps) and kept[-1] == scenario.steps[-1]:
                yield msgspec.structs.replace(scenario, steps=tuple(kept))
        size //= 2


def _closed(steps: Sequence[ScenarioStep]) -> list[ScenarioStep]:
    made: set[int | None] = {None}
    stores: set[int | None] = set()
    kept = []
    for step in steps:
        needed = {*step.given.values(), step.instance if step.do == "call" else None}
        if not needed <= made or (step.do == "close" and step.store not in stores):
            continue
        if step.do == "instantiate":
            made.add(step.instance)
            stores.add(step.store)
        kept.append(step)
    return kept


def with_fewer_instances(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario without one of its instances, whose calls go to an earlier one of the same program."""
    made: dict[str | None, int] = {}
    for n, step in enumerate(scenario.steps):
        if step.do != "instantiate" or step.instance is None:
            continue
        program = step.program or scenario.guest
        if program not in made:
            made[program] = step.instance
            continue
        others = scenario.steps[:n] + scenario.steps[n + 1 :]
        kept = tuple(_instead(one, step.instance, made[program]) for one in others)
        yield msgspec.structs.replace(scenario, steps=kept)


def _instead(step: ScenarioStep, instance: int, other: int) -> ScenarioStep:
    given = {module: other if giver == instance else giver for module, giver in step.given.items()}
    called = other if step.do == "call" and step.instance == instance else step.instance
    return msgspec.structs.replace(step, instance=called, given=given)


def tidied(scenario: Scenario) -> Scenario:
    """The scenario with the guest that its steps make, where the one it was about is none of them any more."""
    named = [step.program for step in scenario.steps if step.do == "instantiate"]
    if not named or any(name in (None, scenario.guest) for name in named):
        return scenario
    return msgspec.structs.replace(scenario, guest=str(named[0]))


def with_simpler_values(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with one value simpler: an argument, an answer of a host function, what WASI gives."""
    for n, step in enumerate(scenario.steps):
        for args in _one_simpler(step.args):
            yield _with_step(scenario, n, msgspec.structs.replace(step, args=tuple(args)))
        if step.caller is not None:
            yield _with_step(scenario, n, msgspec.structs.replace(step, caller=None))
    for path, how in scenario.imports.items():
        others = {other: does for other, does in scenario.imports.items() if other != path}
        yield msgspec.structs.replace(scenario, imports=others)
        for simpler_how in _simpler_behaviour(how):
            yield msgspec.structs.replace(scenario, imports={**scenario.imports, path: simpler_how})
    if scenario.wasi is not None:
        yield msgspec.structs.replace(scenario, wasi=None)
        for stdin in simpler(scenario.wasi.stdin):
            wasi = msgspec.structs.replace(scenario.wasi, stdin=stdin)
            yield msgspec.structs.replace(scenario, wasi=wasi)


def _with_step(scenario: Scenario, n: int, step: ScenarioStep) -> Scenario:
    return msgspec.structs.replace(scenario, steps=(*scenario.steps[:n], step, *scenario.steps[n + 1 :]))


def _simpler_behaviour(how: HostBehaviour) -> Iterator[HostBehaviour]:
    if how.answers:
        first = how.answers[0]
        # That of the first answer each time is simpler than any list.
        yield msgspec.structs.replace(
            how, answers=(), returns=first.returns, raises=first.raises, exception=first.exception
        )
        yield msgspec.structs.replace(how, answers=how.answers[: len(how.answers) // 2] or how.answers)
        yield msgspec.structs.replace(how, answers=how.answers[:-1] or how.answers)
    for value in simpler(how.returns):
        yield msgspec.structs.replace(how, returns=value)


def simpler(value: Any) -> Iterator[Any]:
    """Simpler values of the same kind, the simplest first; each is closer to nothing than `value` is."""
    match value:
        case True:
            yield False
        case int() | float() if not isinstance(value, bool):
            yield from _simpler_number(value)
        case str() if value:
            yield ""
            yield value[: len(value) // 2]
            yield value[:-1]
        case list() | tuple():
            if value:
                yield []
                yield list(value[: len(value) // 2])
                yield list(value[:-1])
            yield from _one_simpler(value)
        case dict():
            for key, inner in value.items():
                for other in simpler(inner):
                    yield {**value, key: other}


def _simpler_number(value: float) -> Iterator[float]:
    kind = type(value)
    found: list[float] = [kind(0), kind(1), kind(-1)]
    if abs(value) < 2**63:
        found.append(kind(int(value)))
    yield from (one for one in dict.fromkeys(found) if _size(one) < _size(value))


def _size(value: float) -> tuple[float, bool, bool]:
    """How far from nothing a number is: by its size, then whether it has a fraction, then its sign."""
    return abs(value), value != int(value) if abs(value) < 2**63 else True, value < 0


def _one_simpler(values: Sequence[Any]) -> Iterator[list[Any]]:
    for n, value in enumerate(values):
        for other in simpler(value):
            yield [*values[:n], other, *values[n + 1 :]]
