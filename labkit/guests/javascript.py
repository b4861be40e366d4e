"""Setting up the JavaScript side: a Node, and the account book in the form that it loads.

It is no part of the plain set-up: it takes one to two minutes and some 200 MB, for a section of one notebook,
which otherwise shows a recorded run.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from labkit.guests.bindings import Bindings, find_bindings, make_bindings
from labkit.guests.install import Action
from labkit.guests.node import NODE, fetch_node, find_node, npm_command
from labkit.guests.process import Say

_BINDINGS = Action(
    "bindings", "Compiling the account book and wasm-bindgen for JavaScript (one to two minutes, needs a network)."
)


class JavaScript(msgspec.Struct, frozen=True):
    """All that a run in JavaScript takes."""

    node: Path
    bindings: Bindings


def find_javascript() -> JavaScript | None:
    """What is there to run in JavaScript with, or `None` if a part is missing.

    With `LABKIT_TOOLCHAIN=none` nothing is: the room wants what is shipped.
    """
    if _is_unwanted():
        return None
    bindings = find_bindings()
    node = find_node() if bindings is not None else None
    return None if bindings is None or node is None else JavaScript(node, bindings)


def plan_javascript() -> list[Action]:
    """What the JavaScript side still lacks, in order; empty when everything is there."""
    if _is_unwanted():
        return []
    node = Action("node", f"Fetching Node {NODE} with npm (200 MB on disk).", ("npm", *npm_command()[1:]))
    return [*([] if find_node() else [node]), *([] if find_bindings() else [_BINDINGS])]


def perform_javascript(say: Say = print) -> list[Action]:
    """Carry that plan out, saying each step; raises `ToolchainError` in one sentence where it cannot be."""
    actions = plan_javascript()
    for action in actions:
        say(action.sentence)
        if action.kind == "node":
            fetch_node(say)
        else:
            make_bindings(say)
    return actions


def _is_unwanted() -> bool:
    return os.environ.get("LABKIT_TOOLCHAIN", "").lower() == "none"
