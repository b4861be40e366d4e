"""A guest whose instance is made without the host, and that does its work when it is asked to."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabkitError
from labkit.host import Instance, Program
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding

KEY, VALUE = 3, 30


def moved_work(program: Any) -> list[Finding]:
    """Whether `init` asks the host, once, and neither instantiating nor `answer` does."""
    if not isinstance(program, Program):
        return [Finding(False, "Give the check your program: the variable that the %%guest cell made.")]
    try:
        with Lab(seconds=2) as lab:
            for look in (_made_without_the_host, _loaded_by_init, _made_although_the_host_fails):
                finding = look(lab, program)
                if not finding.passed:
                    return [finding]
    except LabkitError as error:
        return [Finding(False, str(error))]
    return [
        Finding(True, "The instance is made without asking the host."),
        Finding(True, f"`init` asks for key {KEY}, once; `answer` gives {VALUE} and asks nobody."),
        Finding(True, "A host that cannot answer makes `init` fail; there is an instance all the same."),
    ]


def _made_without_the_host(lab: Lab, program: Program) -> Finding:
    asked: list[int] = []
    _made(lab, program, asked)
    return Finding(
        not asked,
        f"Making the instance asked the host for key {asked[0] if asked else '–'}; leave that to `init`.",
    )


def _loaded_by_init(lab: Lab, program: Program) -> Finding:
    asked: list[int] = []
    instance = _made(lab, program, asked)
    loaded = instance.call("init")
    if not loaded.ok:
        return Finding(False, f"`init` should load the value; the call {loaded.describe()}.")
    if asked != [KEY]:
        keys = ", ".join(map(str, asked)) or "nothing"
        return Finding(False, f"`init` should ask the host for key {KEY}, once; it asked for {keys}.")
    answer = instance.call("answer")
    if answer.value != VALUE:
        return Finding(False, f"After `init`, `answer` should return {VALUE}; the call {answer.describe()}.")
    return Finding(asked == [KEY], "`answer` asked the host once more; what `init` has loaded is there already.")


def _made_although_the_host_fails(lab: Lab, program: Program) -> Finding:
    def fetch(_key: int) -> int:
        raise OSError("not there yet")

    instance = lab.store({"host#fetch": fetch}).instantiate(program)
    return Finding(
        instance.outcome.ok, f"Where the host cannot answer, instantiating {instance.outcome.describe()}."
    )


def _made(lab: Lab, program: Program, asked: list[int]) -> Instance:
    def fetch(key: int) -> int:
        asked.append(key)
        return VALUE

    return lab.store({"host#fetch": fetch}).instantiate(program)
