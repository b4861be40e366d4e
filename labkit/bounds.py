"""What a scenario file may ask for. Files come from strangers, and what they say must not decide what it costs.

A scenario somebody needs stays far below each of these; what goes beyond is refused, in one sentence, before
anything is run. Time and memory that are asked for within them are spent in a child with limits of its own.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

FILE = 2**20
"""Bytes of a file: thousands of steps fit, and whatever is in it can be read at once."""

STEPS = 10_000
"""Steps of a scenario: as many as a trace keeps."""

NUMBER = 10_000
"""The highest number of a store or an instance: no store holds more instances."""

ARGUMENTS = 1000
"""Arguments of a call: no WebAssembly function has more parameters."""

IMPORTS = 1000
"""Host functions; a guest of WASI imports a few dozen."""

ANSWERS = 10_000
"""Answers of a host function, call by call: as many as a scenario has steps."""

DEPTH = 32
"""How deep lists and objects may be nested in a value: deeper than the types of any interface, shallower than
what exhausts a parser."""

INTEGER = 2**64
"""Integers lie below it in size: no WebAssembly type holds more than 64 bits."""

NAME = 1000
"""Characters of a name or a path."""

TEXT = 10_000
"""Characters of a text for people."""

FILE_NAME = 100
"""Characters of the name of a file that a guest finds: less than every file system takes."""

CONTENTS = 100_000
"""Characters of a file or a standard input that a guest is given: a scenario is no place for data."""

SECONDS = 3600
"""Wall time of one call: whoever watches has given up by then."""

MEMORY = 2**32
"""Bytes of one linear memory: all that 32 bits can address."""

EVIDENCE = 2**28
"""Bytes of a trace, a symbol file or a core dump, unpacked: whatever needs more wants tools made for it."""

REPRO = 2**26
"""Bytes of a repro, packed and unpacked: a component that brings a whole interpreter fits."""

REPRO_FILES = 500
"""Files in a repro."""

REPRO_DIRECTORY = 2**17
"""Bytes of a repro's list of its files."""

RATIO = 100
"""How many times as large as the repro itself its files may be together, where they are large at all."""

SOURCE = 2**20
"""Bytes of a source file in a repro."""

PAUSE = 10
"""Seconds that a host function waits, or that a call may take before it is cancelled: as long as a call may take
anyway, unless it asks for more."""

FUEL = 2**63 - 1
"""Units of fuel: the largest number that every reader of JSON schemas understands."""

Name = Annotated[str, Meta(min_length=1, max_length=NAME)]
Text = Annotated[str, Meta(max_length=TEXT)]
Number = Annotated[int, Meta(ge=1, le=NUMBER)]
Pause = Annotated[float, Meta(gt=0, le=PAUSE)]
