"""Reads scenario files, which may come from anybody, and says in one sentence what is wrong with one.

What `labkit.bounds` says of sizes is checked here or with the types; a field that is not known is refused, because
a slip of the pen would change what the scenario means without a word.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

from labkit import bounds
from labkit.bounds import Number
from labkit.decodable import decodable
from labkit.errors import FormatError
from labkit.record.knobs import Knobs
from labkit.record.scenario import HostBehaviour, Scenario, ScenarioStep
from labkit.record.trace import FORMAT

_SENTENCE = 300


def read_scenario(text: str | bytes) -> Scenario:
    """A scenario from its JSON; raises `FormatError`, in one sentence that names the place, for anything else."""
    if len(text) > bounds.FILE:
        _refuse(f"it is larger than {bounds.FILE // 2**20} MiB, which none has to be")
    try:
        version = msgspec.json.decode(text, type=_Versioned).format
        if version != FORMAT:
            raise FormatError(f"This scenario has format {version}; this labkit reads format {FORMAT}.")
        found = msgspec.json.decode(text, type=Scenario)
    except (msgspec.DecodeError, UnicodeError) as error:
        _refuse(_in_words(str(error)))
    except RecursionError:
        _refuse("it is nested too deeply")
    _check_values(found)
    _check_imports(found)
    _check_steps(found)
    _check_awaited(found)
    if found.names_stores and found.knobs != Knobs():
        _refuse("`knobs` are a reuse policy's, and steps that name their own stores have none")
    _check_fields(text)
    return found


@decodable
class _Versioned(msgspec.Struct):
    format: Number = FORMAT


def _refuse(why: str) -> NoReturn:
    # Some of it may be quoted from the file, at any length and with anything that a terminal would obey.
    short = why if len(why) <= _SENTENCE else f"{why[:_SENTENCE]}…"
    said = "".join(sign if sign.isprintable() else "�" for sign in short)
    raise FormatError(f"This is no labkit scenario: {said}.")


def _in_words(error: str) -> str:
    """What msgspec says, with the place as people count: `$.steps[3].export` is ``step 4, `export` ``."""
    found = re.fullmatch(r"(?P<what>.*) - at (?P<key>`key` in )?`\$(?P<path>.*)`", error, re.DOTALL)
    if found is None:
        return error
    place = ["a name in" if found["key"] else "", *_place(found["path"])]
    what = found["what"]
    return f"{' '.join(filter(None, place))}: {what[:1].lower()}{what[1:]}"


def _place(path: str) -> Iterator[str]:
    step = re.match(r"\.steps\[(\d+)\]\.?", path)
    host_function = re.match(r"\.imports\[\.\.\.\]\.?", path)
    within = step or host_function
    rest = path[within.end() :] if within else path.removeprefix(".")
    comma = "," if rest else ""
    if step:
        yield f"step {int(step[1]) + 1}{comma}"
    if host_function:
        yield f"an import{comma}"
    if rest:
        yield f"`{rest}`"


def _check_values(scenario: Scenario) -> None:
    """Refuse values that no guest can be given; lists and objects inside them count too."""
    for where, value in _values(scenario):
        if wrong := wrong_value(value):
            _refuse(f"{where}: {wrong}")


def wrong_value(value: Any) -> str | None:
    """Why no guest can be given this value, or give it; None for one that can be."""
    level = [value]
    for _ in range(bounds.DEPTH):
        for item in level:
            if isinstance(item, int) and abs(item) >= bounds.INTEGER:
                return "an integer needs more than 64 bits"
        level = [inner for item in level for inner in _inside(item)]
    return f"lists and objects are nested deeper than {bounds.DEPTH}" if level else None


def _values(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    for n, step in enumerate(scenario.steps, 1):
        yield f"step {n}, `args`", step.args
    for path, how in scenario.imports.items():
        yield f"import {path!r}, `returns`", [how.returns, *(answer.returns for answer in how.answers)]
        if how.reenters is not None:
            yield f"import {path!r}, `reenters.args`", how.reenters.args


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _check_imports(scenario: Scenario) -> None:
    """Refuse a host function that could not wait as it says."""
    for path, how in scenario.imports.items():
        wrong = _wrong_wait(how)
        if wrong is not None:
            _refuse(f"import {path!r}: {wrong}")
        if how.answers and (how.raises is not None or how.returns is not None):
            _refuse(f"import {path!r}: where there are `answers`, `returns` and `raises` have no use")
        if how.closes and not scenario.names_stores:
            _refuse(f"import {path!r}: `closes` needs steps that name their own stores")


def _wrong_wait(how: HostBehaviour) -> str | None:
    if how.sleeps is not None and not how.asynchronous and how.nested_loop is None:
        return "`sleeps` needs `asynchronous` or a `nested_loop`; a plain function `blocks`"
    if how.in_thread and not (how.asynchronous and how.blocks):
        return "`in_thread` needs `asynchronous` and `blocks`"
    if how.nested_loop is not None and how.asynchronous:
        return "an `asynchronous` function has no use for `nested_loop`"
    if how.nested_loop is not None and (how.blocks is not None) != (how.nested_loop == "run_coroutine_threadsafe"):
        return "of the nested loops, `run_coroutine_threadsafe` needs `blocks`, and the others have no use for it"
    return None


def _check_awaited(scenario: Scenario) -> None:
    """Refuse what asks to be awaited and cannot be."""
    begun: set[int] = set()
    group = None
    for n, step in enumerate(scenario.steps, 1):
        if step.together != group:
            begun.clear()
            group = step.together
        if step.asynchronous and step.in_thread:
            _refuse(f"step {n}: what is `asynchronous` has no use for `in_thread`")
        if step.cancel_after is not None and not step.asynchronous:
            _refuse(f"step {n}: `cancel_after` needs `asynchronous`")
        if step.together is not None and not (step.asynchronous or step.in_thread):
            _refuse(f"step {n}: `together` needs `asynchronous` or `in_thread`")
        if scenario.needs_loop and not scenario.names_stores:
            _refuse(f"step {n}: in an event loop a call names its `instance`, because no reuse policy awaits")
        if group is None:
            continue
        if step.instance is None:
            _refuse(f"step {n}: what runs `together` names its `instance`")
        for giver in begun.intersection(step.given.values()):
            _refuse(f"step {n}: `given` has instance {giver}, which is made at the same time")
        if step.do == "instantiate":
            begun.add(step.instance)
        elif step.instance in begun:
            _refuse(f"step {n} calls instance {step.instance}, which is made at the same time")


def _check_steps(scenario: Scenario) -> None:
    """Refuse a step that lacks something, says what it cannot use, or refers to what is not there."""
    made: dict[int, int] = {}
    opened: dict[int, int] = {}
    for n, step in enumerate(scenario.steps, 1):
        for name in _useless(step):
            _refuse(f"step {n}: `{step.do}` has no use for `{name}`")
        if step.do == "call":
            if step.export is None:
                _refuse(f"step {n}: a call needs an `export`")
            if scenario.names_stores and step.instance not in made:
                missing = "names no instance" if step.instance is None else f"calls instance {step.instance}"
                _refuse(f"step {n} {missing}, and calls go to instances that steps before have made")
        if step.do == "instantiate":
            number = step.instance or len(made) + 1
            for module, giver in step.given.items():
                if giver not in made:
                    _refuse(
                        f"step {n}: `given` has instance {giver} for {module!r}, which no step before has made"
                    )
            if number in made:
                _refuse(f"step {n} makes instance {number}, which step {made[number]} has made already")
            made[number] = n
            store = opened.setdefault(step.store or 1, n)
            if step.wasi is not None and store != n:
                _refuse(f"step {n}: `wasi` is for the step that opens a store, and step {store} has done that")


def _useless(step: ScenarioStep) -> Iterator[str]:
    used = {
        "instantiate": ("program", "store", "instance", "caller", "asynchronous", "together", "given", "wasi"),
        "call": ("instance", "export", "args", "caller", "asynchronous", "in_thread", "together", "cancel_after"),
        "close": ("store",),
    }[step.do]
    for name in step.__struct_fields__:
        if name not in ("do", *used) and getattr(step, name):
            yield name


def _check_fields(text: str | bytes) -> None:
    """Refuse an object that has a field twice: of two values, which one counts is anybody's guess."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        for name, times in Counter(name for name, _ in pairs).items():
            if times > 1:
                _refuse(f"the field {name!r} is there {times} times in one object")

    json.loads(text, object_pairs_hook=once)
