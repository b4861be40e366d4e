"""Exports by the names people use for them."""

from __future__ import annotations

import pytest

from labkit.errors import UnknownNameError
from labkit.guests import build
from labkit.host import Counter, Engine, Program, Store
from labkit.host.exports import find_export

COMMAND = ("wasi:cli/run@0.2.6#run",)
SERVICE = ("init", "lab:jobs/queue@1.4.2#push", "lab:jobs/queue@1.4.2#pop", "lab:jobs/clock@0.0.3#now")
BOTH_TRACKS = ("wasi:cli/run@0.2.6#run", "wasi:cli/run@0.3.0#run")


@pytest.mark.parametrize(
    ("asked", "paths", "found"),
    [
        ("wasi:cli/run", COMMAND, "wasi:cli/run@0.2.6#run"),
        ("wasi:cli/run#run", COMMAND, "wasi:cli/run@0.2.6#run"),
        ("wasi:cli/run@0.2.0", COMMAND, "wasi:cli/run@0.2.6#run"),
        ("wasi:cli/run@0.2.12#run", COMMAND, "wasi:cli/run@0.2.6#run"),
        ("wasi:cli/run@0.2.6#run", COMMAND, "wasi:cli/run@0.2.6#run"),
        ("wasi:cli/run@0.3.0", COMMAND, None),
        ("wasi:cli/run@1.2.6", COMMAND, None),
        ("wasi:cli/run#stop", COMMAND, None),
        ("cli/run", COMMAND, None),
        ("run", COMMAND, None),
        ("wasi:cli/run", BOTH_TRACKS, None),
        ("wasi:cli/run@0.2.0", BOTH_TRACKS, "wasi:cli/run@0.2.6#run"),
        ("init", SERVICE, "init"),
        ("init@0.2.0", SERVICE, None),
        ("lab:jobs/queue", SERVICE, None),
        ("lab:jobs/queue#pop", SERVICE, "lab:jobs/queue@1.4.2#pop"),
        ("lab:jobs/queue@1.0.0#push", SERVICE, "lab:jobs/queue@1.4.2#push"),
        ("lab:jobs/queue@2.0.0#push", SERVICE, None),
        ("lab:jobs/clock@0.0.3", SERVICE, "lab:jobs/clock@0.0.3#now"),
        ("lab:jobs/clock@0.0.2", SERVICE, None),
    ],
)
def test_a_name_means_one_export_or_none(asked: str, paths: tuple[str, ...], found: str | None) -> None:
    assert find_export(asked, paths) == found


def test_a_name_that_means_none_suggests_the_nearest() -> None:
    guard = Program.from_bytes("command-guard", build("command-guard").wasm)
    with Engine() as engine, Store(engine, Counter()) as store:
        instance = store.instantiate(guard)
        with pytest.raises(
            UnknownNameError, match=r"'wasi:cli/run@0\.3\.0'; did you mean wasi:cli/run@0\.2\.0#run\?$"
        ):
            instance.call("wasi:cli/run@0.3.0")
        assert [instance.call(name).kind for name in ("wasi:cli/run@0.2.9", "wasi:cli/run")] == [
            "returned",
            "trapped",
        ]
