"""`python -m labkit.javascript` plays every story in Node and writes the shipped recording anew."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from labkit.errors import LabkitError
from labkit.guests import JavaScript, find_javascript
from labkit.guests.cache import write_atomically
from labkit.javascript.account import Account
from labkit.javascript.play import play_in_node
from labkit.javascript.recorded import record, recording_path
from labkit.javascript.story import Story, stories


def main() -> int:
    """Exit code 0: written; 2: it could not be done, and one sentence says why."""
    found = find_javascript()
    try:
        if found is None:
            raise LabkitError("There is no Node here, or nothing for it: run `labkit setup --javascript`.")
        accounts = {story.id: _play(story, found) for story in stories().values()}
    except LabkitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = msgspec.json.format(msgspec.json.encode(record(accounts)), indent=2) + b"\n"
    write_atomically(recording_path(), text)
    return 0


def _play(story: Story, found: JavaScript) -> Account:
    made = found.bindings
    return play_in_node(story, found.node, Path(made.module), wasm_bindgen=made.wasm_bindgen, rustc=made.rustc)


if __name__ == "__main__":
    sys.exit(main())
