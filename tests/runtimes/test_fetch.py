"""Releases side by side: fetched, whole, damaged, missing, removed."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.errors import LabkitError, RuntimeDamagedError, RuntimeMissingError
from labkit.runtimes import Runtime, add_runtime, fetch, installed_runtimes, remove_runtime
from labkit.runtimes.release import RECORD, folder_of, releases_with_components, version_text

# Another process, as another user of the same cache would be.
ADD = "import sys; from labkit.runtimes import add_runtime; add_runtime(sys.argv[1], print)"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    return tmp_path / "runtimes"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own that holds 41.0.0."""
    source = folder_of("41.0.0")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    shutil.copytree(source, folder_of("41.0.0"))
    return folder_of("41.0.0")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index at a port where nobody listens."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")


def test_what_a_release_can_do_is_known_without_running_it():
    can = {
        version: Runtime(version).capabilities for version in ("36.0.0", "41.0.0", "42.0.0", "45.0.0", "50.0.1")
    }
    assert [c.components for c in can.values()] == [False, True, True, True, True]
    assert [c.poison_scope for c in can.values()] == ["none", "instance", "store", "store", "store"]
    assert [c.aborts_on_async_misuse for c in can.values()] == [True, True, False, False, False]
    assert [c.reentrance for c in can.values()] == [False, False, True, False, True]
    assert [c.instantiate_pre for c in can.values()] == [False, False, False, False, True]


def test_a_major_version_stands_for_its_first_release():
    assert [version_text(version) for version in ("41", "41.0", "46", "47", "46.0.0")] == [
        "41.0.0",
        "41.0.0",
        "46.0.1",
        "47.0.1",
        "46.0.0",
    ]
    assert releases_with_components()[7:9] == ("46.0.1", "47.0.1")


def test_the_environments_own_is_always_there_and_stays(empty):
    assert installed_runtimes() == ["50.0.1"]
    assert repr(add_runtime("50.0.1")) == "<runtime 50.0.1, this environment>"
    with pytest.raises(LabkitError, match=r"^Wasmtime 50\.0\.1 belongs to this environment; labkit removes only"):
        remove_runtime("50.0.1")
    assert not empty.exists()


def test_one_that_is_here_needs_no_network(copied, no_network):
    said: list[str] = []
    runtime = add_runtime("41", said.append)
    assert (runtime.version, runtime.path, said) == ("41.0.0", copied, [])
    assert runtime.size > 10 * 2**20
    assert installed_runtimes() == ["41.0.0", "50.0.1"]


def test_without_a_network_a_sentence_says_so(empty, no_network):
    with pytest.raises(
        RuntimeMissingError,
        match=r"^Wasmtime 41\.0\.0 could not be fetched: the package index cannot be reached; "
        r"releases that are here already can be used offline\.$",
    ):
        add_runtime("41.0.0")
    assert [path.name for path in empty.iterdir()] == [".41.0.0.lock"]


def test_a_disk_without_room(empty, monkeypatch):
    usage = shutil.disk_usage(empty.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=8 * 2**20))
    with pytest.raises(RuntimeMissingError) as raised:
        add_runtime("41.0.0")
    assert str(raised.value) == (
        "Wasmtime 41.0.0 could not be fetched: it takes 48 MiB of disk while it is unpacked and 8 MiB are left."
    )


def test_a_disk_that_fills_up_meanwhile(empty, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetch, "_pip", full)
    with pytest.raises(RuntimeMissingError, match=r"^Wasmtime 41\.0\.0 could not be fetched: the disk is full\.$"):
        add_runtime("41.0.0")
    assert [path.name for path in empty.iterdir()] == [".41.0.0.lock"]


def test_a_release_that_does_not_exist(empty):
    with pytest.raises(
        RuntimeMissingError,
        match=r"^Wasmtime 39\.7\.1 could not be fetched: there is no such release for this platform "
        r"\(the nearest: 39\.0\.0 and 40\.0\.0\)\.$",
    ):
        add_runtime("39.7.1")


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("new", "'new' is no Wasmtime version; write it as 41.0.0."),
        ("../41", "'../41' is no Wasmtime version; write it as 41.0.0."),
        ("9", "Wasmtime 9.0.0 is too old for labkit, which drives 14.0.0 and later."),
        ("43.0.0", "Wasmtime 43.0.0 is not on this machine; `labkit runtimes add 43.0.0` fetches it."),
    ],
)
def test_versions_that_cannot_be_used(empty, version, sentence):
    with pytest.raises(RuntimeMissingError) as raised:
        Runtime(version)
    assert str(raised.value) == sentence


def test_two_processes_at_once_fetch_it_once(empty):
    command = [sys.executable, "-c", ADD, "42.0.0"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", "fetching Wasmtime 42.0.0\n"]
    assert installed_runtimes() == ["42.0.0", "50.0.1"]
    assert Runtime("42.0.0").path == empty / "42.0.0"


def test_a_half_deleted_one_is_noticed_and_named(copied):
    (copied / "wasmtime" / "_store.py").unlink()
    (copied / "wasmtime" / "_trap.py").write_text("")
    sentence = (
        "The fetched Wasmtime 41.0.0 is damaged: wasmtime/_store.py and 1 more missing or changed; "
        "`labkit runtimes remove 41.0.0` and `labkit runtimes add 41.0.0` put it right."
    )
    for use in (Runtime, add_runtime):
        with pytest.raises(RuntimeDamagedError) as raised:
            use("41.0.0")
        assert str(raised.value) == sentence
    assert installed_runtimes() == ["41.0.0", "50.0.1"]
    remove_runtime("41.0.0")
    assert installed_runtimes() == ["50.0.1"]
    with pytest.raises(RuntimeMissingError, match="so there is nothing to remove"):
        remove_runtime("41.0.0")


def test_one_whose_list_is_gone(copied):
    (copied / RECORD).unlink()
    with pytest.raises(RuntimeDamagedError, match=r"41\.0\.0 is damaged: its list of files cannot be read"):
        Runtime("41.0.0")


def test_bytecode_that_python_wrote_anew_is_no_damage(copied):
    shutil.rmtree(copied / "wasmtime" / "__pycache__")
    assert Runtime("41.0.0").version == "41.0.0"
