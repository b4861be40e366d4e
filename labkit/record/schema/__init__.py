"""The JSON schemas of traces and scenarios, one file per format version.

`python -m labkit.record.schema` writes them anew after the data types have changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from labkit.record.scenario import Scenario
from labkit.record.trace import FORMAT, Trace

SCHEMAS: dict[str, type[msgspec.Struct]] = {"trace": Trace, "scenario": Scenario}


def schema_file(name: str) -> Path:
    """Where the schema `trace` or `scenario` of this format lies."""
    return Path(__file__).with_name(f"{name}-{FORMAT}.schema.json")


def schema(name: str) -> Any:
    """The schema `trace` or `scenario` of this format, as JSON data."""
    return json.loads(schema_file(name).read_text("utf-8"))


def write_schemas() -> None:
    """Write every schema from the data types."""
    for name, struct in SCHEMAS.items():
        text = json.dumps(msgspec.json.schema(struct), indent=2, ensure_ascii=False)
        schema_file(name).write_text(text + "\n", "utf-8")
