"""What a reader does with a file from anybody: it shows it, or it says in one sentence why not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from labkit.cli.steps import explanation_text, table
from labkit.errors import FormatError
from labkit.host import Program
from labkit.record import Repro, Scenario, ScenarioStep, explain, make_repro, read_repro, telling
from labkit.record.archive import pack_files, unpack_files
from labkit.reuse import play
from labkit.views import timeline_html

COUNTS = """(module (import "host" "ask" (func $ask (result i32))) (global $n (mut i32) (i32.const 0))
  (func (export "count") (param i32) (result i32)
    (global.set $n (i32.add (global.get $n) (call $ask))) (i32.add (global.get $n) (local.get 0)))
  (func (export "crash") unreachable))"""


def seed() -> Repro:
    """A small repro with all that one can have."""
    counts = Program.from_wat("counts", COUNTS)
    scenario = Scenario(
        id="seed",
        title="Seed",
        guest="counts",
        steps=(
            ScenarioStep(do="instantiate", store=1, instance=1),
            ScenarioStep(instance=1, export="count", args=(1,), caller="somebody"),
            ScenarioStep(instance=1, export="crash"),
            ScenarioStep(instance=1, export="count", args=(2,)),
            ScenarioStep(do="close", store=1),
        ),
    )
    asks = {"host#ask": {"answers": [{"returns": 3}, {"raises": "no", "exception": "KeyError"}]}}
    scenario = _with_imports(scenario, asks)
    return make_repro(scenario, play(scenario, {"counts": counts}.__getitem__), {"counts": counts})


def _with_imports(scenario: Scenario, imports: Mapping[str, Any]) -> Scenario:
    from labkit.record import read_scenario

    return read_scenario(json.dumps(json.loads(scenario.to_json()) | {"imports": imports}))


def sealed(files: Mapping[str, bytes]) -> bytes:
    """An archive of these members whose digests are right, so that readers go on to what is in them."""
    manifest = json.loads(files["repro.json"])
    if isinstance(manifest, dict):
        manifest["files"] = {
            name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "repro.json"
        }
    return pack_files({**files, "repro.json": json.dumps(manifest).encode()})


def read_and_show(data: bytes, *, draw: bool = False) -> Repro | None:
    """Read a file and make everything of it that people see; None for one that is refused in a sentence."""
    try:
        found = read_repro(data)
    except FormatError as error:
        sentence = str(error)
        assert sentence.endswith("."), sentence
        assert sentence.isprintable(), sentence
        assert len(sentence) < 1000, sentence
        return None
    assert all(sign.isprintable() or sign == "\n" for sign in found.report)
    table(found.trace, found.title)
    for step in found.trace:
        explanation_text(explain(found.trace, step.n))
    assert set(telling(found.trace)) <= {step.n for step in found.trace}
    if draw:
        timeline_html(found.trace)
    assert read_repro(found.to_bytes()) == found
    return found


def members(repro: Repro) -> dict[str, bytes]:
    """The members of its file."""
    return unpack_files(repro.to_bytes())
