"""A repro for people, as Markdown: for whoever opens the file without labkit, or reads of it in an issue."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from labkit.host.limits import Limits
from labkit.host.program import Program
from labkit.record.explanation import explain
from labkit.record.history import telling
from labkit.record.scenario import HostBehaviour, Scenario
from labkit.record.trace import Step, Trace

_SHOWN = 200
"""Steps that are listed; more than that nobody reads."""


_ENGINE: Final = {
    ("unmet", "trap"): "an import that nobody provides stops the guest that calls it",
    ("fuel", True): "fuel is counted",
    ("exceptions", True): "guests may throw and catch WebAssembly's own exceptions",
    ("component_async", True): "components may export and import async functions",
    ("winch", True): "the baseline compiler Winch makes the machine code",
}
"""Settings in words; others are written as they are."""

_MADE: Final = {
    "file": "not known: read from a file",
    "bytes": "not known: given as bytes",
    "wat": "assembled from WebAssembly text",
}


def report(
    title: str, scenario: Scenario, trace: Trace, programs: Iterable[Program], platform: str, file: str
) -> str:
    """What happened, why, where, with which programs, and how `file`, the repro, plays it again."""
    return "\n".join(
        [
            f"# {text(title)}",
            "",
            *([text(scenario.shows), ""] if scenario.shows else []),
            *_circumstances(scenario, trace, platform),
            "",
            "## What happened",
            "",
            *_steps(trace),
            "",
            *_reasons(trace),
            "## Programs",
            "",
            *_programs(programs),
            "",
            "## Again",
            "",
            *_again(scenario, trace, file),
            "",
        ]
    )


def _again(scenario: Scenario, trace: Trace, file: str) -> Iterator[str]:
    quoted = shlex.quote(file)
    yield (
        f"{code(f'labkit replay {quoted}')} plays this again in a child process with limits and compares; "
        f"`--wasmtime V` does so under another release, {code(f'labkit show {quoted}')} reads the file and runs "
        "nothing."
    )
    yield ""
    yield (
        "The command comes with the Python package labkit: `pip install .` in a checkout of it, with Python 3.11 "
        "or newer."
    )
    if scenario.mixes_async or scenario.needs_loop:
        return
    yield ""
    script = shlex.quote(f"{file.removesuffix('.labkit')}.py")
    yield (
        f"Whoever has no labkit needs the script that {code(f'labkit export {quoted} -o {script}')} writes: "
        f"Python and {code(f'pip install wasmtime=={trace.runtime}')} will do for it."
    )


def _circumstances(scenario: Scenario, trace: Trace, platform: str) -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    yield f"| Wasmtime | {text(trace.runtime)} |"
    yield f"| recorded on | {text(platform)} |"
    yield f"| reuse policy | {text(trace.policy or 'none: the steps name their own stores')} |"
    yield f"| limits | {_limits(scenario.limits)} |"
    for what, settings in (("knobs", scenario.knobs), ("engine", scenario.engine)):
        changed = [
            _ENGINE.get((name, getattr(settings, name)), f"{name} = {getattr(settings, name)}")
            for name in settings.__struct_fields__
            if getattr(settings, name) != getattr(type(settings)(), name)
        ]
        if changed:
            yield f"| {what} | {text(', '.join(changed))} |"
    for path, how in scenario.imports.items():
        yield f"| host function {code(path)} | {code(_does(how)[:300])} |"


def _does(how: HostBehaviour) -> str:
    """What a host function does, as far as it is not what every one does."""
    if how.answers:
        said = [f"raises {one.raises!r}" if one.raises is not None else repr(one.returns) for one in how.answers]
        return f"answers one after the other: {', '.join(said)}"
    changed = [name for name in how.__struct_fields__ if getattr(how, name) not in (None, False, ())]
    return ", ".join(f"{name}: {getattr(how, name)!r}" for name in changed) or "returns nothing"


def _limits(limits: Limits) -> str:
    parts = [
        "" if limits.seconds is None else f"{limits.seconds:g} s per call",
        "" if limits.memory is None else f"{limits.memory / 2**20:g} MiB per memory",
        "" if limits.fuel is None else f"{limits.fuel} fuel per store",
    ]
    return ", ".join(filter(None, parts)) or "none"


def _steps(trace: Trace) -> Iterator[str]:
    yield "| step | store | what was done | outcome |"
    yield "| ---: | ---: | --- | --- |"
    for step in trace.steps[:_SHOWN]:
        outcome = code(step.outcome.describe()) if step.outcome else "not ended"
        yield f"| {step.n} | {step.store} | {code(_done(step))} | {outcome} |"
    if len(trace) > _SHOWN:
        yield f"\n{len(trace) - _SHOWN} more steps are in `trace.json`."


def _done(step: Step) -> str:
    if step.do == "instantiate":
        return f"instantiate {step.program}"
    inside = f" inside step {step.inside}" if step.inside else ""
    return f"{step.export}({', '.join(map(repr, step.args))}){inside}"


def _reasons(trace: Trace) -> Iterator[str]:
    steps = telling(trace)
    if not steps:
        return
    yield "## Why"
    yield ""
    for n in steps:
        why = explain(trace, n)
        yield prose(why.sentence)
        yield ""
        yield from (f"- {prose(line)}" for line in why.because)
        if why.advice:
            yield f"- What to do: {prose(why.advice)}"
        yield from (f"- <{source}>" for source in why.sources)
        yield ""


def _programs(programs: Iterable[Program]) -> Iterator[str]:
    yield "| program | kind | bytes | SHA-256 | made by |"
    yield "| --- | --- | ---: | --- | --- |"
    for program in programs:
        how = _MADE.get(program.how, program.how)
        made = f"{how}, {program.toolchain}" if program.toolchain else how
        yield f"| {code(program.name)} | {program.kind} | {program.size} | `{program.digest}` | {text(made)} |"


def text(value: str) -> str:
    """Any text on one line, as Markdown that says no more than that, and calls nobody by name."""
    escaped = html.escape(_line(value), quote=False).replace("@", "@\u200b")
    return re.sub(r"([\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))", r"\\\1", escaped)


def prose(value: str) -> str:
    """A sentence as `text`, and what stands between backticks as code."""
    parts = re.split(r"`([^`]+)`", value)
    return "".join(code(part) if i % 2 else text(part) for i, part in enumerate(parts))


def code(value: str) -> str:
    """Any text on one line as code, also within a table."""
    said = _line(value).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", said)), default=0))
    space = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{fence}{space}{said}{space}{fence}"


def _line(value: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " if sign.isspace() else "�" for sign in value)
    return shown if len(shown) <= 2000 else f"{shown[:2000]}…"
