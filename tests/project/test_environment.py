"""environment.yml and pyproject.toml describe one environment."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
# What conda-forge calls the package that pip calls otherwise: without the parts for desktop windows.
RENAMED = {"matplotlib-base": "matplotlib"}


def _split(requirement: str) -> tuple[str, str]:
    name, version = re.fullmatch(r"([A-Za-z0-9_-]+)\s*(.*)", requirement).groups()  # type: ignore[union-attr]  # or fail
    return RENAMED.get(name, name), version.replace(" ", "")


def test_the_same_requirements() -> None:
    conda = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    assert pip[-1] == "--editable ."
    here = dict(_split(requirement) for requirement in [*conda, *pip[:-1]])
    assert here.pop("pip") == ""
    assert here.pop("python")
    assert here == dict(_split(requirement) for requirement in PROJECT["dependencies"])


def test_the_pythons_that_are_promised() -> None:
    classifiers = [re.search(r":: (3\.\d+)$", line) for line in PROJECT["classifiers"]]
    promised = [found[1] for found in classifiers if found]
    assert PROJECT["requires-python"] == f">={promised[0]}"
    (named,) = [entry for entry in ENVIRONMENT["dependencies"] if str(entry).startswith("python ")]
    assert named.removeprefix("python =") in promised
    makefile = (ROOT / "Makefile").read_text()
    assert " ".join(f"python{version}" for version in reversed(promised)) in makefile


def test_no_build_strings_and_one_channel() -> None:
    assert ENVIRONMENT["name"] == "labkit"
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    assert not [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str) and entry.count("=") > 2]
