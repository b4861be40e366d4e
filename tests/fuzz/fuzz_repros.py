"""Fuzzes the reader of repros with atheris, for as long as you like: `python -m tests.fuzz.fuzz_repros [CORPUS]`.

atheris (which runs on Python up to 3.13) is no dependency of the lab: `pip install atheris` first. Options are
libFuzzer's, such as `-max_total_time=300`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["labkit.record", "zipfile"]):
    from tests.fuzz.repro_target import members, read_and_show, sealed, seed

_MEMBERS = members(seed())
_JSON = ("repro.json", "scenario.json", "trace.json")


def one_input(data: bytes) -> None:
    """The first byte says where the others go: into a member with right digests, or they are the file."""
    if not data:
        return
    way, rest = data[0] % (len(_JSON) + 1), data[1:]
    if way == len(_JSON):
        read_and_show(rest)
        return
    try:
        whole = sealed(_MEMBERS | {_JSON[way]: rest})
    except ValueError:
        # A manifest that is no JSON at all has no place for digests.
        return
    read_and_show(whole)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
