"""The JSON schemas of traces, scenarios and a repro's `repro.json`, one file per format version.

`python -m labkit.record.schema` writes them anew after the data types have changed.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from labkit.record.repro import Manifest
from labkit.record.scenario import Scenario
from labkit.record.trace import FORMAT, Trace

SCHEMAS: dict[str, type[msgspec.Struct]] = {"trace": Trace, "scenario": Scenario, "repro": Manifest}


def schema_file(name: str) -> Path:
    """Where the schema `trace`, `scenario` or `repro` of this format lies."""
    return Path(__file__).with_name(f"{name}-{FORMAT}.schema.json")


def schema(name: str) -> Any:
    """The schema `trace`, `scenario` or `repro` of this format, as JSON data."""
    return json.loads(schema_file(name).read_text("utf-8"))


def current_schema(name: str) -> Any:
    """The schema as the data types in this process have it."""
    return _dedented(json.loads(json.dumps(msgspec.json.schema(SCHEMAS[name]))))


def _dedented(node: Any) -> Any:
    """Descriptions without indentation: Python keeps that of docstrings up to 3.12 and strips it since."""
    if isinstance(node, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _dedented(value)
            for key, value in node.items()
        }
    return [_dedented(item) for item in node] if isinstance(node, list) else node


def write_schemas() -> None:
    """Write every schema from the data types."""
    for name in SCHEMAS:
        text = json.dumps(current_schema(name), indent=2, ensure_ascii=False)
        schema_file(name).write_text(text + "\n", "utf-8")
