"""A repro as a Python script that needs nothing but wasmtime-py: the host of `standalone.py` and the story."""

from __future__ import annotations

import base64
import pprint
from pathlib import Path
from typing import Any

import msgspec

from labkit.record.repro import Repro
from labkit.record.scenario import HostBehaviour
from labkit.repros.told import Told, told


def python_script(repro: Repro) -> str:
    """The text of the script; raises `LabkitError` as `told` does."""
    host = (Path(__file__).parent / "standalone.py").read_text("utf-8")
    story = pprint.pformat(_story(repro), width=100, sort_dicts=False)
    return f'{host}\n\nSTORY = {story}\n\nif __name__ == "__main__":\n    sys.exit(main(STORY))\n'


def _story(repro: Repro) -> dict[str, Any]:
    scenario = repro.scenario
    return {
        "title": repro.title,
        "runtime": repro.trace.runtime,
        "seconds": scenario.limits.seconds,
        "memory": scenario.limits.memory,
        "fuel": (scenario.limits.fuel or 2**62) if scenario.engine.fuel else None,
        "exceptions": scenario.engine.exceptions,
        "imports": {path: _answers(how) for path, how in scenario.imports.items()},
        "steps": [_step(one) for one in told(repro)],
        "programs": {
            name: {"kind": program.kind, "sha256": program.digest, "wasm": base64.b64encode(program.wasm).decode()}
            for name, program in repro.programs.items()
        },
    }


def _answers(how: HostBehaviour) -> list[dict[str, Any]] | dict[str, Any]:
    """What it answers call by call, or each time."""
    if how.answers:
        return [msgspec.to_builtins(answer) for answer in how.answers]
    return {"returns": how.returns, "raises": how.raises, "exception": how.exception}


def _step(one: Told) -> dict[str, Any]:
    step: dict[str, Any] = msgspec.to_builtins(one)
    del step["outcome"]
    return step | {"kind": one.outcome.kind, "value": one.outcome.value, "message": one.outcome.message}
