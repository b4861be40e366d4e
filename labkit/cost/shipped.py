"""Results of a real run that labkit carries along, so that there is something to look at before measuring.

`labkit bench --json` makes such a file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from labkit.cost.results import Results, read_results


@cache
def shipped_results() -> Results:
    """The run that labkit ships; its machine and date are in it."""
    return read_results((Path(__file__).parent / "data" / "measured.json").read_bytes())
