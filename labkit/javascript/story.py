"""What is done with the account book, as data that two hosts understand."""

from __future__ import annotations

from typing import Literal

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import unknown

Hook = Literal["tell", "reinit", "tell-then-reinit"]


class StoryStep(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A `call` of `export` with `args`; `on-abort` sets the hook for an abort; `reinit` asks for a new instance.

    A hook may `tell` the host, which then tries to call the guest, schedule a `reinit`, or do one after the other.
    """

    do: Literal["call", "on-abort", "reinit"]
    export: str | None = None
    args: tuple[int, ...] = ()
    hook: Hook | None = None

    @property
    def text(self) -> str:
        """`transfer(60)`, `on abort: reinit`, `reinit`."""
        if self.do == "call":
            return f"{self.export}({', '.join(map(str, self.args))})"
        return "reinit" if self.hook is None else f"on abort: {self.hook.replace('-then-', ', then ')}"


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps that are taken one after the other in one module, under Wasmtime and in JavaScript."""

    id: str
    title: str
    steps: tuple[StoryStep, ...]


@decodable
class _File(msgspec.Struct, forbid_unknown_fields=True):
    story: list[Story]


def stories() -> dict[str, Story]:
    """The shipped stories by id."""
    found = resources.read_toml(resources.PACKAGE / "javascript" / "stories.toml", _File, "story")
    return {story.id: story for story in found.story}


def find_story(wanted: str) -> Story:
    """The story with this id; raises `UnknownNameError`."""
    known = stories()
    if wanted not in known:
        raise unknown("story", wanted, known)
    return known[wanted]
