"""The real child, but a call of `spin` does something bad: `python misbehaving_child.py HOW once|serve FD`."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from typing import Any

import wasmtime

from labkit.host.store import Store
from labkit.runtimes import child


def mix_sync_and_async() -> None:
    """Instantiate synchronously in an engine made for asynchronous calls: up to Wasmtime 41 the process aborts."""
    if not hasattr(wasmtime._bindings, "wasmtime_config_async_support_set"):
        return
    config = wasmtime.Config()
    wasmtime._bindings.wasmtime_config_async_support_set(config.ptr(), True)
    engine = wasmtime.Engine(config)
    wasmtime.Instance(wasmtime.Store(engine), wasmtime.Module(engine, "(module)"), [])


def read_nothing() -> None:
    ctypes.string_at(0)


def babble() -> None:
    for _ in range(100):
        os.write(1, b"x" * 2**20)


def write_files() -> None:
    with open("babble", "wb") as file:  # noqa: PTH123  # in the child's own folder
        for _ in range(1000):
            file.write(b"x" * 2**20)
            file.flush()
            time.sleep(0.01)


def swell() -> None:
    kept = [bytearray(os.urandom(2**20)) for _ in range(600)]
    time.sleep(60)
    del kept


def leave_others_behind() -> None:
    quiet = subprocess.DEVNULL
    subprocess.Popen(["sleep", "1234"], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    if os.fork() == 0:
        time.sleep(1234)
    os.abort()


def hang() -> None:
    with open("hanging", "wb"):  # noqa: PTH123  # in the child's own folder, for whoever waits for it
        time.sleep(1234)


BAD: dict[str, Any] = {
    "mix": mix_sync_and_async,
    "segfault": read_nothing,
    "babble": babble,
    "files": write_files,
    "swell": swell,
    "fork": leave_others_behind,
    "hang": hang,
    "exit": lambda: os._exit(3),
}

_how = sys.argv.pop(1)
_attempt = Store.attempt


def attempt(self: Store, entry: Any, event: Any, action: Any) -> Any:
    if event.export == "spin":
        BAD[_how]()
    return _attempt(self, entry, event, action)


if _how == "at-start":
    sys.exit("no such thing")
Store.attempt = attempt  # type: ignore[method-assign]  # this is the test's point
child.main()
