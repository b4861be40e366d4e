"""`labkit claims` as a user meets it: in a process of its own, over a ledger that a test may change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit import resources
from labkit.runtimes import own_version

Done = subprocess.CompletedProcess[str]
ONE = "01-poisoned-component/reinstantiate-is-enough"
_ENVIRONMENT = dict(os.environ)


@pytest.fixture
def claims() -> Callable[..., Done]:
    """Run `labkit claims` with these arguments, from the folder of a package."""

    def run(*args: str, folder: Path = resources.PACKAGE.parent, **environment: str) -> Done:
        command = [sys.executable, "-m", "labkit", "claims", *args]
        done = subprocess.run(
            command, cwd=folder, env=_ENVIRONMENT | {"PYTHONPATH": str(folder)} | environment,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=240, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, with the guests where it looks for them."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(resources.PACKAGE, tmp_path / "labkit", ignore=ignored)
    (tmp_path / "guests").symlink_to(resources.guests_dir())
    return tmp_path


def test_a_claim_in_a_table(claims: Callable[..., Done]) -> None:
    done = claims(ONE, "--wasmtime", "39,41,42.0.0,50.0.1")
    assert (done.returncode, done.stderr.count("labkit:")) == (0, 0)
    assert "Claims, tried under Wasmtime 39.0.0, 41.0.0, 42.0.0, 50.0.1" in done.stdout
    assert "✓ 39–41  ✗ 42–50" in done.stdout
    assert "Not run yet" not in done.stdout


def test_a_claim_that_waits_is_listed_with_its_scenario(claims: Callable[..., Done], copy: Path) -> None:
    waiting = 'id = "09-versions/not-yet"\nclaim = "Something."\nsays = "lab"\nwaits_for = "09-versions/later"'
    path = copy / "labkit/claims/ledger/09-versions.toml"
    path.write_text(f"{path.read_text('utf-8')}\n[[claim]]\n{waiting}\n", "utf-8")
    done = claims("09-versions/not-yet", "--wasmtime", "50.0.1", folder=copy)
    assert (done.returncode, done.stderr.count("labkit:")) == (0, 0)
    assert "Not run yet: 1, each with the scenario that it waits for" in done.stdout
    assert "  09-versions/not-yet  (09-versions/later)" in done.stdout


def test_the_report_as_json(claims: Callable[..., Done]) -> None:
    done = claims("09-versions", "--wasmtime", "41.0.0,42.0.0", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert {one["shown"] for one in found["claims"]} == {
        f"09-versions.ipynb#cell-id={cell}" for cell in ("own", "one-text", "post-return")
    }
    assert {name: found[name] for name in ("runtimes", "left_out", "agrees")} == {
        "runtimes": ["41.0.0", "42.0.0"],
        "left_out": None,
        "agrees": True,
    }
    assert found["not_run_yet"] == []
    calling_back = next(claim for claim in found["claims"] if claim["id"] == "09-versions/host-may-call-back")
    assert calling_back["notebook"] == "09-versions"
    assert calling_back["disagreements"] == []
    assert [finding["state"] for finding in calling_back["findings"]] == ["does-not-hold", "holds"]
    first = calling_back["findings"][0]["evidence"][0]
    assert first["seen"] == "step 3 was refused: step 2 was still inside the guest"
    assert first["outcome"]["cause"] == {"kind": "re-entrance", "step": 2}


def test_a_ledger_that_is_wrong_is_named_in_words(claims: Callable[..., Done], copy: Path) -> None:
    path = copy / "labkit/claims/ledger/01-poisoned-component.toml"
    path.write_text(path.read_text("utf-8").replace('holds = "39-41"', 'holds = "39-"'), "utf-8")
    done = claims(ONE, "--wasmtime", "41.0.0,42.0.0", folder=copy)
    assert done.returncode == 1
    assert "≠ not what the ledger says" in done.stdout
    assert done.stderr.splitlines()[-1] == (
        f"labkit: {ONE}: the ledger says it holds since 39; "
        "under 42.0.0 it did not: step 4 was refused: step 2 poisoned the store."
    )


def test_a_damaged_ledger_is_one_sentence(claims: Callable[..., Done], copy: Path) -> None:
    path = copy / "labkit/claims/ledger/01-poisoned-component.toml"
    path.write_text(path.read_text("utf-8").replace('holds = "39-41"', 'holds = "lately"'), "utf-8")
    done = claims(ONE, folder=copy)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"labkit: 01-poisoned-component.toml is no claims file: {ONE} says something wrong: 'lately' names no "
        "releases; write them as 39-41, 42-, -41, all or none.\n"
    )


def test_offline_it_tries_what_is_here_and_names_the_rest(claims: Callable[..., Done], tmp_path: Path) -> None:
    # An index at a port where nobody listens, and a cache without releases.
    nowhere = {"LABKIT_CACHE": str(tmp_path), "PIP_INDEX_URL": "http://127.0.0.1:9/"}
    done = claims("05-recovery/core-stays-callable", "--json", **nowhere)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert [claim["agrees"] for claim in found["claims"]] == [True]
    assert found["runtimes"] == [own_version()]
    assert found["left_out"].startswith("Left out: 39.0.0, 40.0.0, 41.0.0, 42.0.0, ")
    assert found["left_out"].endswith(
        ". Wasmtime 39.0.0 could not be fetched: the package index cannot be reached; "
        "releases that are here already can be used offline."
    )
    assert done.stderr.splitlines()[-1] == f"labkit: {found['left_out']}"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("reinstantiate",), "labkit: There is no claim or family named 'reinstantiate'; did you mean "),
        ((ONE, "--wasmtime", "new"), "labkit: 'new' is no Wasmtime version; write it as 41.0.0."),
    ],
)
def test_what_could_not_be_done(claims: Callable[..., Done], args: tuple[str, ...], sentence: str) -> None:
    done = claims(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
