"""What the system itself refuses to an attendee's processes.

An address space cannot be limited: Wasmtime reserves gigabytes of it and uses little. What a process may *write*
to can (`RLIMIT_DATA`), and a cell that asks for more gets a `MemoryError` and its kernel goes on. These limits
hold for each process; `labkit.hub.watch` adds up what an attendee's processes and files take together.
"""

from __future__ import annotations

import contextlib
import os
import resource

from labkit.hub.room import Limits

# The hub and whoever works at the machine itself go first.
_NICENESS = 5


def apply_limits(limits: Limits, *, own_account: bool) -> None:
    """Limit this process and all it will start.

    The number of processes is counted for each system account, so only with `own_account` is it an attendee's.
    """
    _lower(resource.RLIMIT_DATA, limits.memory)
    _lower(resource.RLIMIT_FSIZE, limits.disk)
    _lower(resource.RLIMIT_CORE, 0)
    if own_account:
        _lower(resource.RLIMIT_NPROC, limits.processes)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)


def _lower(which: int, wanted: int) -> None:
    _soft, hard = resource.getrlimit(which)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (most, most))
