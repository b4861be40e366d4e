"""The numbers of a scenario, and the one nearest to nothing with which it still goes as it has to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from labkit.record.scenario import HostBehaviour, Scenario, ScenarioStep

Put = Callable[[Any], Scenario]
"""Makes the scenario with another number in a number's place."""

_Change = Callable[[Any], Any]


def numbers(scenario: Scenario) -> Iterator[tuple[float, Put]]:
    """Every number that a call passes or a host function returns, each with what puts another in its place."""
    for n, step in enumerate(scenario.steps):
        for number, change in _inside(list(step.args)):
            yield number, partial(_with_args, scenario, n, step, change)
    for path, how in scenario.imports.items():
        for number, change in _inside(how.returns):
            yield number, partial(_with_return, scenario, path, how, change)


def _with_args(scenario: Scenario, n: int, step: ScenarioStep, change: _Change, other: Any) -> Scenario:
    changed = msgspec.structs.replace(step, args=tuple(change(other)))
    return msgspec.structs.replace(scenario, steps=(*scenario.steps[:n], changed, *scenario.steps[n + 1 :]))


def _with_return(scenario: Scenario, path: str, how: HostBehaviour, change: _Change, other: Any) -> Scenario:
    changed = msgspec.structs.replace(how, returns=change(other))
    return msgspec.structs.replace(scenario, imports={**scenario.imports, path: changed})


def _inside(value: Any) -> Iterator[tuple[float, _Change]]:
    """The numbers in plain data, and what makes the same data with another in its place."""
    match value:
        case bool():
            return
        case int() | float():
            yield value, _itself
        case list() | tuple():
            for i, item in enumerate(value):
                for number, change in _inside(item):
                    yield number, partial(_with_item, value, i, change)
        case dict():
            for key, item in value.items():
                for number, change in _inside(item):
                    yield number, partial(_with_field, value, key, change)


def _itself(other: Any) -> Any:
    return other


def _with_item(value: Sequence[Any], i: int, change: _Change, other: Any) -> list[Any]:
    return [*value[:i], change(other), *value[i + 1 :]]


def _with_field(value: dict[str, Any], key: str, change: _Change, other: Any) -> dict[str, Any]:
    return {**value, key: change(other)}


def nearest(number: float, keeps: Callable[[Any], bool]) -> float:
    """The number of the same sign and kind that is nearest to 1 and for which `keeps` is true.

    It holds for `number`, and not for 1; what lies between is bisected: powers of ten first, then the decade that
    is left. A guest for which it goes to and fro in between has some such number, not the nearest.
    """
    if not math.isfinite(number) or abs(number) <= 1:
        return number
    kind, sign = type(number), 1 if number > 0 else -1
    # What keeps it may have a fraction; the whole numbers below are what is tried.
    low, high = 1, math.ceil(abs(number))
    found = number
    while (middle := _between(low, high, kind)) is not None:
        candidate = kind(sign * middle)
        if keeps(candidate):
            found, high = candidate, middle
        else:
            low = middle
    return found


def _between(low: int, high: int, kind: type[float]) -> int | None:
    """A number between two that `kind` can hold; None if there is none."""
    first, last = len(str(low)), len(str(high - 1)) - 1
    power = 10 ** ((first + last) // 2)
    # Floats are not exact where they are large, so a power of ten may be one of the two.
    tried = (int(kind(middle)) for middle in (power, (low + high) // 2))
    return next((middle for middle in tried if low < middle < high), None)
