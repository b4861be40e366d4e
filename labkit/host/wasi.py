"""What a store gives to guests that ask for WASI: arguments, environment, standard input, a folder.

All of it belongs to one store. What a guest has read of its standard input is gone for the next instance in the
same store, and there again in a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import wasmtime
from msgspec import Meta

from labkit import bounds
from labkit.errors import ArgumentError

FOLDER = "/lab"
"""Where guests see their folder."""

# What the runtime's WASI for components consists of; wasi:http and others are packages of their own.
# https://docs.wasmtime.dev/api/wasmtime_wasi/p2/index.html
_PACKAGES = ("cli", "clocks", "filesystem", "io", "random", "sockets")
_PROVIDED = re.compile(rf"wasi:(?:{'|'.join(_PACKAGES)})/[^@]+@0\.2\.")

# What C strings, and file names on every system, can say.
_TEXT = r"^[^\x00]*$"
_VARIABLE = r"^[^\x00=]+$"
_FILE = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"
_IN_WORDS = {
    _TEXT: "without a null character",
    _VARIABLE: "without an equals sign or a null character",
    _FILE: "that is a plain file name of letters, digits and `._-`",
}

Argument = Annotated[str, Meta(max_length=bounds.TEXT, pattern=_TEXT)]
Variable = Annotated[str, Meta(min_length=1, max_length=bounds.NAME, pattern=_VARIABLE)]
FileName = Annotated[str, Meta(max_length=bounds.FILE_NAME, pattern=_FILE)]
Contents = Annotated[str, Meta(max_length=bounds.CONTENTS)]


class Wasi(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What guests find when they ask for it; whatever is left out is empty.

    `args` are the arguments, the program's own name first. `env`: environment variables. `stdin`: the text of
    standard input. `folder`: files with their texts, by name; each store has a folder of its own with them, which
    its guests see as `/lab` and may write to.
    """

    args: Annotated[tuple[Argument, ...], Meta(max_length=bounds.ARGUMENTS)] = ()
    env: Annotated[dict[Variable, Argument], Meta(max_length=bounds.ARGUMENTS)] = {}
    stdin: Contents = ""
    folder: Annotated[dict[FileName, Contents], Meta(max_length=bounds.ARGUMENTS)] = {}

    def furnish(self, config: wasmtime.WasiConfig, room: Path | None) -> None:
        """Give it to the guests of one store; `room`, where one is needed, lasts as long as the store."""
        if self.args:
            config.argv = list(self.args)
        if self.env:
            config.env = list(self.env.items())
        if room is None:
            return
        if self.stdin:
            stdin = room / "stdin"
            stdin.write_text(self.stdin, "utf-8")
            config.stdin_file = str(stdin)
        if self.folder:
            folder = room / "folder"
            folder.mkdir()
            for name, text in self.folder.items():
                (folder / name).write_text(text, "utf-8")
            config.preopen_dir(str(folder), FOLDER)

    @property
    def needs_room(self) -> bool:
        """Whether any of it has to lie on disk."""
        return bool(self.stdin or self.folder)


def is_provided(interface: str) -> bool:
    """Whether a component's import of this name, such as `wasi:cli/stdout@0.2.3`, is met by the runtime's WASI."""
    return _PROVIDED.match(interface) is not None


def checked(wasi: Wasi | Mapping[str, Any] | None) -> Wasi | None:
    """What a caller gave, as a `Wasi`; raises `ArgumentError`, which says what is wrong, for what is none."""
    if wasi is None:
        return None
    if not isinstance(wasi, Wasi | Mapping):
        kind = type(wasi).__name__
        article = "an" if kind[0] in "aeiou" else "a"
        raise ArgumentError(f"`wasi=` takes a `Wasi(args=[…])`; you gave {article} {kind}.")
    try:
        # Bytes stay bytes, and are refused: as JSON they would become some other text.
        found = msgspec.convert(msgspec.to_builtins(wasi, builtin_types=(bytes, bytearray)), Wasi)
        # Guests are given UTF-8, which half of a surrogate pair has none of.
        msgspec.json.encode(found)
        return found
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"Guests cannot be given {error.object!r:.80}: not all of it is Unicode text."
        ) from None
    except (msgspec.ValidationError, TypeError) as error:
        raise ArgumentError(f"This is not what guests can be given by WASI: {_said(str(error))}.") from None


def _said(error: str) -> str:
    found = re.fullmatch(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$\.?(?P<place>[^`]*)`)?", error, re.DOTALL)
    assert found is not None
    what = found["what"]
    for pattern, words in _IN_WORDS.items():
        what = what.replace(f"matching regex {pattern!r}", words)
    place = f"{'a name in ' if found['key'] else ''}{found['place']}: " if found["place"] else ""
    return f"{place}{what[:1].lower()}{what[1:]}"
