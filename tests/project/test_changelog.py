"""The changelog is about the version that is there, and names the formats as they are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from labkit.cost import results
from labkit.inspect import symbols
from labkit.record import trace

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_newest_entry_is_about_this_version_and_its_wasmtime() -> None:
    versions = re.findall(r"^## \[(\S+)\] - (unreleased|\d{4}-\d{2}-\d{2})$", CHANGELOG, re.MULTILINE)
    assert versions[0][0] == PROJECT["version"]
    (pinned,) = [entry.partition("==")[2] for entry in PROJECT["dependencies"] if entry.startswith("wasmtime==")]
    assert f"It pins Wasmtime {pinned} " in CHANGELOG


def test_the_formats_have_the_versions_that_are_written() -> None:
    written = {
        name: int(version) for name, version in re.findall(r"^\| ([a-z]+)[^|]* \| (\d+) \|", CHANGELOG, re.M)
    }
    assert written == {
        "trace": trace.FORMAT,
        "scenario": trace.FORMAT,
        "repro": trace.FORMAT,
        "results": results.FORMAT,
        "symbols": symbols.FORMAT,
    }
