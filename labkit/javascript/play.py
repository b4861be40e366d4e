"""Playing a story in a Node of its own, with limits on time and memory."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import ChildError
from labkit.host.outcome import Kind
from labkit.javascript.account import Account, Event, Thrown, Told, Value, Versions
from labkit.javascript.story import Story

_SECONDS: Final = 30.0
_HEAP_MIB: Final = 256

# What V8 throws for a trap, and for the end of the stack, on which JavaScript and WebAssembly lie together.
_TRAPS: Final = ("RuntimeError", "RangeError")


@decodable
class _Node(msgspec.Struct):
    node: str
    v8: str


@decodable
class _Line(msgspec.Struct):
    events: tuple[Event, ...]
    value: Value = None
    error: Thrown | None = None


def play_in_node(story: Story, node: Path, module: Path, *, wasm_bindgen: str, rustc: str) -> Account:
    """The account of a story that is played now, in the JavaScript `module` that wasm-bindgen has made.

    Raises `ChildError` when Node ends before the story does, or takes longer than 30 seconds.
    """
    first, *lines = _run(node, module, msgspec.json.encode(story.steps))
    about = msgspec.json.decode(first, type=_Node)
    told = tuple(_with_kinds(msgspec.json.decode(line, type=_Line) for line in lines))
    if len(told) != len(story.steps):
        raise ChildError(f"Node {about.node} ended after {len(told)} of {len(story.steps)} steps of {story.id}.")
    today = datetime.date.today().isoformat()
    return Account(told, Versions(about.node, about.v8, wasm_bindgen, rustc, today))


def _run(node: Path, module: Path, steps: bytes) -> Sequence[bytes]:
    driver = resources.PACKAGE / "javascript" / "driver.js"
    command = [str(node), f"--max-old-space-size={_HEAP_MIB}", str(driver), str(module)]
    # Its options may come from the environment too, and would change what is run.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")}
    try:
        done = subprocess.run(
            command, input=steps, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChildError(f"Node had not finished after {_SECONDS:.0f} seconds and was stopped.") from None
    except OSError as error:
        raise ChildError(f"{node} cannot be started: {error.strerror}.") from None
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ChildError(f"Node ended with status {done.returncode} before the story did: {said or 'no message'}.")
    return done.stdout.splitlines()


def _with_kinds(lines: Iterable[_Line]) -> Iterable[Told]:
    """Each line with its kind: what a plain `Error` is, only the steps before it tell."""
    ended: int | None = None
    for n, line in enumerate(lines, start=1):
        if any(event.what == "instance" for event in line.events):
            ended = None
        kind = _kind(line.error, ended)
        by = ended if kind == "refused" else None
        yield Told(kind, line.value, line.error, line.events, by)
        if kind == "trapped":
            ended = n


def _kind(error: Thrown | None, ended: int | None) -> Kind:
    if error is None:
        return "returned"
    if error.name == "PanicError":
        return "guest-error"
    if error.name in _TRAPS:
        return "trapped"
    return "refused" if error.name == "Error" and ended is not None else "host-error"
