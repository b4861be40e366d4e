"""What may lie in the repository, and what its documents promise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from labkit.cli import commands
from labkit.guests import records

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
# Written apart, so that this file does not match itself.
MACHINE_PATHS = re.compile(r"(/ro" r"ot/|/wo" r"rk/|/ho" r"me/[a-z]+/|/Us" r"ers/[a-z]+/)")
REGISTRIES = re.compile(
    r"(files\.pythonhos"
    r"ted|py"
    r"pi\.org|registry\.npm"
    r"js|(static|index)\.cra"
    r"tes|cra"
    r"tes\.io-index|deb\.deb"
    r"ian)"
)


def _texts() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data:
            found.append((name, data.decode("utf-8")))
    return found


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATHS, REGISTRIES], ids=["paths of a machine", "addresses of a registry"]
)
def test_nothing_of_one_machine_is_committed(pattern: re.Pattern[str]) -> None:
    found = [f"{name}: {hit[0]}" for name, text in _texts() if (hit := pattern.search(text))]
    assert found == []


def test_no_prebuilt_guest_names_the_machine_it_was_built_on() -> None:
    for path in (ROOT / "guests" / "prebuilt").glob("*.wasm"):
        assert not MACHINE_PATHS.search(path.read_bytes().decode("latin-1")), path.name


def test_make_knows_every_target_of_the_readme() -> None:
    promised = set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))
    assert {"lab", "test"} <= promised
    assert promised <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_labkit_knows_every_command_of_the_readme() -> None:
    promised = set(re.findall(r"`(?:\.venv/bin/)?labkit ([a-z]+)", README))
    assert promised
    assert promised <= set(commands.list_commands(None))  # type: ignore[arg-type]  # the names need no context


def test_every_file_that_the_readme_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_ci_ends_with_the_readmes_test_command() -> None:
    commands_run = (ROOT / ".ci" / "run").read_text().splitlines()
    assert commands_run[-2] == "make test"
    assert "make test" in README


def test_ci_compares_prebuilt_guests_with_the_compiler_that_made_them() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    used = re.findall(r"rust-toolchain@([0-9.]+)", workflow)
    made = {record.toolchain.split()[1] for record in records().values()}
    assert set(used) == made
