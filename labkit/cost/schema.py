"""The JSON schema of results; `python -m labkit.cost.schema` writes it anew after the data types have changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from labkit.cost.results import FORMAT, Results
from labkit.record.schema import schema_of

SCHEMA_FILE: Final = Path(__file__).with_name(f"results-{FORMAT}.schema.json")


def schema() -> Any:
    """The schema of this format, as JSON data."""
    return json.loads(SCHEMA_FILE.read_text("utf-8"))


def write_schema() -> None:
    """Write the schema from the data types."""
    SCHEMA_FILE.write_text(json.dumps(schema_of(Results), indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write_schema()
