"""From a health report to a repro: the command that does again what failed first, and keeps it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from labkit.explore.health import ExportHealth, Health
from labkit.explore.profile import Profile
from labkit.explore.verdicts import answered
from labkit.explore.wave import written
from labkit.host import Signature
from labkit.runtimes import own_version

_LONGEST: Final = 2000
"""Characters that somebody copies from a terminal."""


def keeping_command(health: Health, profile: Profile, file: str) -> str | None:
    """The `labkit call` of `file`, as the user called it, that saves the first failure of a report as a repro.

    After the call that failed it makes one that had been answered, which shows what the failure left. None where
    no call failed, or none that a terminal has room for.
    """
    signatures = {one.path: one for one in profile.interface.exports}
    for one in health.exports:
        lists = _failing(one)
        if not lists:
            continue
        calls = [_call(signatures[one.export], args) for args in lists]
        release = [] if health.runtime == own_version() else ["--wasmtime", health.runtime]
        saved = f"{Path(file).stem}.labkit"
        command = shlex.join(["labkit", "call", file, *calls, *release, "--save", saved])
        return command if len(command) <= _LONGEST and command.isprintable() else None
    return None


def _failing(one: ExportHealth) -> list[tuple[Any, ...]]:
    """The arguments of a call that failed, and of one that did not, if there is one; none if nothing failed."""
    calls = [step for step in one.probe.calls if step.do == "call"]
    kept = [step for step in one.trials["keep"].calls if step.do == "call"]
    bad = next((step for step in calls if not answered(step.outcome)), None)
    if bad is not None:
        good = [step for step in kept[:1] if answered(step.outcome)]
        return [step.args for step in (bad, *good)]
    # Of a program that answers once only, it is the second call that fails.
    twice = kept[:2]
    return [step.args for step in twice] if not all(answered(step.outcome) for step in twice) else []


def _call(signature: Signature, args: Sequence[Any]) -> str:
    texts = [written(part.shape, value) for part, value in zip(signature.params, args, strict=True)]
    return f"{signature.path}({', '.join(texts)})"
