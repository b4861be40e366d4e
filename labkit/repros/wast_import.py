"""A .wast script, as engines are tested with, as a scenario: what to do, and what it says should come of it."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import msgspec

from labkit import bounds
from labkit.errors import FormatError, ProgramError
from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.inspect.signatures import outline
from labkit.record.scenario import Scenario, ScenarioStep
from labkit.record.trace import Trace
from labkit.repros.sexpr import Group, read_groups
from labkit.repros.wast_values import TRAPS, read_value

_NOT_PLAYED = ("assert_invalid", "assert_malformed", "assert_unlinkable")


class Assertion(msgspec.Struct, frozen=True):
    """What the script says of a step, counted from 1: it returns `values`, or it traps with `trap`."""

    step: int
    line: int
    values: tuple[Any, ...] = ()
    trap: str | None = None

    def unmet(self, outcome: Outcome | None) -> str | None:
        """How the outcome differs, in words; None if it is as the script says."""
        wanted = f"trap with “{self.trap}”" if self.trap is not None else f"return {list(self.values)}"
        if outcome is not None and (self._trapped(outcome) if self.trap is not None else self._returned(outcome)):
            return None
        happened = outcome.describe() if outcome else "did not happen"
        return f"Line {self.line}: step {self.step} should {wanted}; it {happened}."

    def _trapped(self, outcome: Outcome) -> bool:
        known = [
            code
            for code, text in TRAPS.items()
            if text.startswith(self.trap or text) or (self.trap or "").startswith(text)
        ]
        if outcome.kind == "refused":
            return outcome.code in known
        return outcome.kind == "trapped" and (not known or outcome.code in known)

    def _returned(self, outcome: Outcome) -> bool:
        value = outcome.value
        values = value if len(self.values) > 1 and isinstance(value, list) else [value]
        return outcome.kind == "returned" and (list(self.values) or [None]) == values


class WastScript(msgspec.Struct, frozen=True):
    """A script as a scenario with its programs and assertions; `left_out` says which lines are not played."""

    scenario: Scenario
    programs: dict[str, Program]
    assertions: tuple[Assertion, ...]
    left_out: tuple[str, ...]

    def unmet(self, trace: Trace) -> list[str]:
        """What went otherwise than the script says, in words."""
        outcomes = {step.n: step.outcome for step in trace}
        found = (assertion.unmet(outcomes.get(assertion.step)) for assertion in self.assertions)
        return [sentence for sentence in found if sentence is not None]


def read_wast(text: str, name: str) -> WastScript:
    """The scenario of a script, called `name`; raises `FormatError`, naming the line, for what cannot be played.

    Modules and components, `register`, `invoke` and the assertions about them are taken; those about programs that
    are invalid are left out, because nothing of them runs.
    """
    if len(text) > bounds.FILE:
        raise FormatError(f"A script larger than {bounds.FILE // 2**20} MiB is not read.")
    reading = _Reading(text)
    for group in read_groups(text):
        reading.take(group)
    if not reading.steps:
        raise FormatError("This script has nothing in it to play.")
    first = reading.steps[0].program
    scenario = Scenario(id=name, title=f"The script {name}", guest=str(first), steps=tuple(reading.steps))
    return WastScript(scenario, reading.programs, tuple(reading.assertions), tuple(reading.left_out))


class _Reading:
    def __init__(self, text: str) -> None:
        self._text = text
        self.steps: list[ScenarioStep] = []
        self.programs: dict[str, Program] = {}
        self.assertions: list[Assertion] = []
        self.left_out: list[str] = []
        self._named: dict[str, int] = {}
        self._registered: dict[str, int] = {}
        self._instances = 0

    def take(self, group: Group) -> None:
        """One directive of the script."""
        match group.head:
            case "module" | "component":
                self._instantiate(group)
            case "register":
                self._register(group)
            case "invoke":
                self._invoke(group)
            case "assert_return":
                self._act(group)
                values = tuple(read_value(one) for one in group.groups[1:])
                self.assertions.append(Assertion(len(self.steps), group.line, values))
            case "assert_trap" | "assert_exhaustion":
                self._act(group)
                trap = group.strings[0].decode("utf-8", "replace") if group.strings else ""
                self.assertions.append(Assertion(len(self.steps), group.line, trap=trap))
            case head if head in _NOT_PLAYED:
                self.left_out.append(f"line {group.line}: {head}")
            case head:
                _refuse(group, f"labkit cannot play `{head[:50]}`")

    def _act(self, group: Group) -> None:
        if not group.groups:
            _refuse(group, "an assertion needs something to do")
        action = group.groups[0]
        if action.head in ("module", "component"):
            self._instantiate(action)
        elif action.head == "invoke":
            self._invoke(action)
        else:
            _refuse(action, f"labkit cannot play `{action.head[:50]}`")

    def _instantiate(self, group: Group) -> None:
        words = group.words[1:]
        if "definition" in words or "instance" in words:
            _refuse(group, "labkit plays no definitions of modules apart from their instances")
        given_name = next((word for word in words if word.startswith("$")), None)
        program = self._program(group, words, given_name)
        self._instances += 1
        self.programs[program.name] = program
        given = {}
        if program.kind == "module":
            wanted = outline(program.wasm).imports_from
            given = {module: self._registered[module] for module in wanted if module in self._registered}
            if missing := [module for module in wanted if module not in given and not module.startswith("wasi_")]:
                _refuse(group, f"nobody registered {missing[0][:50]!r}, which this module imports from")
        self.steps.append(
            ScenarioStep(do="instantiate", program=program.name, store=1, instance=self._instances, given=given)
        )
        if given_name is not None:
            self._named[given_name] = self._instances

    def _program(self, group: Group, words: list[str], given_name: str | None) -> Program:
        label = re.sub(r"[^A-Za-z0-9_.-]", "-", (given_name or "$program").removeprefix("$"))[:50] or "program"
        label = f"{label}-{self._instances + 1}"
        try:
            if "binary" in words:
                return Program.from_bytes(label, b"".join(group.strings))
            if "quote" in words:
                source = b"".join(group.strings).decode("utf-8", "replace")
                quoted = source if source.lstrip().startswith("(") else f"({group.head} {source})"
                return Program.from_wat(label, quoted)
            return Program.from_wat(label, self._text[group.start : group.end])
        except ProgramError as error:
            first = str(error).partition("\n")[0].removesuffix(".")
            _refuse(group, first)

    def _register(self, group: Group) -> None:
        if len(group.strings) != 1:
            _refuse(group, "`register` needs a name")
        self._registered[group.strings[0].decode("utf-8", "replace")] = self._instance(group)

    def _invoke(self, group: Group) -> None:
        if len(group.strings) != 1 or not group.strings[0]:
            _refuse(group, "`invoke` needs the name of an export")
        args = tuple(read_value(one) for one in group.groups)
        export = group.strings[0].decode("utf-8", "replace")
        self.steps.append(ScenarioStep(instance=self._instance(group), export=export, args=args))

    def _instance(self, group: Group) -> int:
        """The instance that a directive names; without a name the last one."""
        name = next((word for word in group.words[1:] if word.startswith("$")), None)
        if name is not None and name not in self._named:
            _refuse(group, f"there is no instance {name[:50]}")
        if not self._instances:
            _refuse(group, "there is no instance yet")
        return self._instances if name is None else self._named[name]


def _refuse(group: Group, why: str) -> NoReturn:
    raise FormatError(f"Line {group.line}: {why}.")
