"""`labkit preflight`: a row for each thing a room needs, found by trying it, and none that can hang."""

from __future__ import annotations

import importlib.metadata
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from labkit.cli.preflight import show
from labkit.diagnosis import Check
from labkit.preflight import Row, hub, room, tried
from labkit.preflight.run import judged, within
from labkit.runtimes import installed_runtimes
from tests.cli.conftest import Labkit, labkit

__all__ = ["labkit"]


def test_this_machine_is_ready_and_says_why(labkit: Labkit) -> None:
    done = labkit("preflight", "--json")
    found = {row["check"]["name"]: row["check"] for row in done.json["rows"]}
    problems = [check for check in found.values() if check["state"] == "problem"]
    assert (problems, done.json["ready"], done.json["missing"], done.status) == ([], True, [], 0)
    assert [*dict.fromkeys(row["part"] for row in done.json["rows"])] == [
        "the lab",
        "the machine",
        "tried just now",
    ]
    assert found["JupyterLab answers"]["found"].startswith("on 127.0.0.1, after ")
    assert found["time to first trap"]["found"].startswith("fresh kernel, guest and trap in ")
    assert found["a first trap"]["found"] == "trapped, refused, refused, as it should be"
    assert "MiB free, about 496 needed" in found["memory"]["found"]


def test_what_is_missing_is_a_sentence_and_the_room_does_not_begin(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        Row("the lab", Check("releases", "optional", "3 of 10", "Add them.")),
        Row("the machine", room.memory(9999, 8000)),
    ]
    found = judged(9999, rows)
    sentence = (
        "memory: 8000 MiB free, about 2666644 needed. "
        "It suffices for 29 people: take a larger machine, or let people share a screen."
    )
    assert (found.ready, found.missing) == (False, (sentence,))
    show(found)
    said = capsys.readouterr().out
    assert f"✘ {sentence}\nThe room cannot begin yet.\n" in said
    assert "This machine as a hub for 9999" in said
    assert judged(1, rows[:1]).ready


def test_memory_counts_people() -> None:
    assert room.memory(1, 1200) == Check("memory", "ok", "1200 MiB free, about 496 needed")
    # 220 MiB for the hub and 240 for each person, and a tenth left alone.
    assert room.memory(4, 1400) == Check("memory", "ok", "1400 MiB free, about 1311 needed")
    assert room.memory(5, 1400) == Check(
        "memory",
        "problem",
        "1400 MiB free, about 1577 needed",
        "It suffices for 4 people: take a larger machine, or let people share a screen.",
    )


def test_packages_are_compared_with_what_labkit_asks_for() -> None:
    asked = ["wasmtime==1.0", "click>=8", "labkit-nobody-has-this", "numpy>=99; extra == 'dev'"]
    wrong = room.packages(asked)
    assert (wrong.state, wrong.found) == (
        "problem",
        f"wasmtime {importlib.metadata.version('wasmtime')} is not ==1.0; labkit-nobody-has-this is missing",
    )


def test_releases_that_cells_name_are_looked_for() -> None:
    used = room.releases_used()
    assert {"39.0.0", "41.0.0", "42.0.0", "45.0.0"} <= used.keys()
    assert used["41.0.0"] == ["03", "05", "08", "09"]
    assert "50.0.1" not in used
    here = [version for version in used if version in installed_runtimes()]
    assert room.releases({version: ["09"] for version in here}).state == "ok"
    absent = room.releases({"13.0.0": ["09"]})
    assert absent.state == "optional"
    assert absent.found == "0 of 1; fetched by notebooks 09 when they run"
    assert absent.advice == "Beforehand: `labkit runtimes add 13.0.0`"


def test_localhost_is_spoken_to_and_a_taken_port_passed_over() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", room.PORT))
            taken.listen()
        except OSError:
            # Somebody else has it, which is as good.
            pass
        found = room.sockets()
    assert found.state == "ok"
    assert "is free" in found.found
    assert f"port {room.PORT} is free" not in found.found


def test_a_row_that_hangs_or_breaks_is_a_row() -> None:
    forever = threading.Event()

    def hangs() -> Check:
        forever.wait()
        return Check("never", "ok", "")

    def breaks() -> Check:
        raise ZeroDivisionError("division by zero")

    began = time.monotonic()
    (hung,) = within(0.2, "disk", hangs)
    assert time.monotonic() - began < 10
    forever.set()
    assert (hung.name, hung.state, hung.found) == ("disk", "problem", "nothing found within 0 s")
    (broken,) = within(10, "clock", breaks)
    assert (broken.name, broken.state, broken.found) == ("clock", "problem", "ZeroDivisionError: division by zero")


def test_a_lab_that_does_not_come_up_is_a_problem_and_ends() -> None:
    found = tried.jupyterlab(5, "/bin/false")
    assert (found.name, found.state) == ("JupyterLab answers", "problem")
    assert found.found.startswith("no answer within ")


def test_a_hub_wants_its_port_its_proxy_and_perhaps_accounts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert room.sockets(20) == Check("localhost", "ok", "answers")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert hub.port(number) == Check(
            f"port {number}",
            "problem",
            "cannot be used (Address already in use)",
            f"A room may be open already; otherwise open it at another: `labkit hub --port {number + 1}`",
        )
    assert hub.port(number) == Check(f"port {number}", "ok", "is free, for the room")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hub.server() == [
        Check("JupyterHub", "ok", "is here"),
        Check(
            "the hub's proxy",
            "problem",
            "not here",
            "While there is a network, as the user who will open the room: `labkit setup --hub`",
        ),
    ]
    found = hub.isolation(20)
    # Without its programs nobody can be enclosed, and whoever is not root could not be anyway.
    why = "--isolate needs unshare, which Linux has in util-linux or shadow; install it"
    if os.geteuid() != 0:
        why = "--isolate makes system accounts, which only root can: run it with sudo"
    assert (found.state, found.found) == ("optional", why)


def test_folders_are_named_as_they_will_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = tmp_path / "not" / "yet"
    monkeypatch.setenv("LABKIT_STATE", str(state))
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    _temporary, cache, progress = room.folders()
    assert cache == Check("cache folder", "ok", f"{tmp_path} can be written")
    assert progress == Check("progress folder", "ok", f"{state} can be made")
    assert not state.exists()
