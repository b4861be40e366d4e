"""A process that decodes the DWARF of the core module on its standard input, within limits.

A few bytes of DWARF can ask for any number of entries, and what decodes them believes it.
"""

from __future__ import annotations

import resource
import sys

import msgspec

from labkit.inspect.binary import MalformedError
from labkit.inspect.dwarf import Decoded, read_lines
from labkit.inspect.module import read_module


def main() -> None:
    """`BYTES SECONDS` limit memory and processor time; the answer is MessagePack: what was found, or why not."""
    memory, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        answer = Decoded(lines=read_lines(read_module(sys.stdin.buffer.read())))
    except MalformedError as error:
        answer = Decoded(problem=str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()
