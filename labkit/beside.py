"""A lab's account book in JavaScript, beside itself under Wasmtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labkit.guests import find_javascript
from labkit.host import Engine, Program
from labkit.javascript import Account, Story, find_story, play_in_node, play_in_wasmtime, recorded
from labkit.notice import Notice

if TYPE_CHECKING:
    from labkit.views import SideBySide

GUEST = "process-unwind"

_NOT_HERE = "`labkit setup --javascript` prepares this machine for a live run."


def side_by_side(story: str, program: Program, engine: Engine) -> SideBySide:
    """See `Lab.javascript`; `program` is `GUEST`."""
    from labkit.views import SideBySide

    found = find_story(story)
    wasmtime = play_in_wasmtime(found, program, engine)
    javascript = _in_javascript(found)
    return SideBySide(found, wasmtime, javascript, why_recorded=_NOT_HERE if javascript.recorded else "")


def _in_javascript(story: Story) -> Account:
    here = find_javascript()
    if here is None:
        return recorded(story.id)
    made = here.bindings
    with Notice("playing in Node") as notice:
        notice(story.title)
        return play_in_node(story, here.node, Path(made.module), wasm_bindgen=made.wasm_bindgen, rustc=made.rustc)
