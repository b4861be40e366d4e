"""A lab's account book in JavaScript, beside itself under Wasmtime.

`python -m labkit.beside` plays every story in Node and writes the shipped recording anew.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from labkit.errors import LabkitError
from labkit.guests import JavaScript, find_javascript
from labkit.host import Engine, Program
from labkit.javascript import (
    Account,
    Story,
    find_story,
    play_in_node,
    play_in_wasmtime,
    recorded,
    stories,
    write_recording,
)
from labkit.notice import Notice

if TYPE_CHECKING:
    from labkit.views import SideBySide

GUEST: Final = "process-unwind"

_NOT_HERE: Final = "`labkit setup --javascript` prepares this machine for a live run."


def side_by_side(story: str, program: Program, engine: Engine) -> SideBySide:
    """See `Lab.javascript`; `program` is `GUEST`."""
    from labkit.views import SideBySide

    found = find_story(story)
    here = find_javascript()
    wasmtime = play_in_wasmtime(found, program, engine)
    if here is None:
        return SideBySide(found, wasmtime, recorded(found.id), why_recorded=_NOT_HERE)
    with Notice("playing in Node") as notice:
        notice(found.title)
        return SideBySide(found, wasmtime, _live(found, here))


def main() -> int:
    """Exit code 0: written; 2: it could not be done, and one sentence says why."""
    try:
        here = find_javascript()
        if here is None:
            raise LabkitError("There is no Node here, or nothing for it: run `labkit setup --javascript`.")
        write_recording({story.id: _live(story, here) for story in stories().values()})
    except LabkitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _live(story: Story, here: JavaScript) -> Account:
    made = here.bindings
    return play_in_node(story, here.node, made.module, wasm_bindgen=made.wasm_bindgen, rustc=made.rustc)


if __name__ == "__main__":
    sys.exit(main())
