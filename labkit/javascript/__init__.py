"""The JavaScript side: the account book through wasm-bindgen in Node, beside the same steps under Wasmtime.

A room of its own: its host is no Wasmtime release, as all of `runtimes` are, and what it sees is no trace.

find_story, stories         what is done, as data
play_in_node                done in JavaScript, now
recorded, write_recording   done in JavaScript, once, elsewhere
play_in_wasmtime            done under Wasmtime, now
"""

from labkit.javascript.account import Account, Event, Thrown, Told, Versions
from labkit.javascript.play import play_in_node
from labkit.javascript.recorded import recorded, write_recording
from labkit.javascript.story import Story, StoryStep, find_story, stories
from labkit.javascript.wasmtime_side import WasmtimeAccount, play_in_wasmtime

__all__ = [
    "Account",
    "Event",
    "Story",
    "StoryStep",
    "Thrown",
    "Told",
    "Versions",
    "WasmtimeAccount",
    "find_story",
    "play_in_node",
    "play_in_wasmtime",
    "recorded",
    "stories",
    "write_recording",
]
