"""A cache of one's own that begins with what another holds: releases, compiled guests, the compiler's parts.

Whoever may only read a cache can neither lock nor add to it. So each attendee with a system account of their own
has a cache of their own, in which large files are links to the shared one and small ones are copies.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

# What lies in the cache besides is results, which everybody makes for themselves.
_SHARED: Final = ("runtimes", "builds", "cargo", "tools", "node", "javascript", "machine-code", "floor")
# Complete as they are, and never added to from within: linked, and not looked into.
_WHOLE: Final = ("runtimes", "cargo", "node", "javascript")
_LINKED_FROM: Final = 16 * 1024


def link_cache(shared: Path, own: Path) -> None:
    """Bring into `own` what `shared` has and it has not; nothing is changed in either that is there."""
    for part in _SHARED:
        source = shared / part
        if source.is_dir() and not (own / part).exists():
            # Under another name until it is whole: an interrupted copy is begun anew.
            unfinished = own / f".{part}"
            shutil.rmtree(unfinished, ignore_errors=True)
            _take(source, unfinished, whole_folders=part in _WHOLE)
            unfinished.rename(own / part)


def _take(source: Path, target: Path, *, whole_folders: bool) -> None:
    target.mkdir(parents=True)
    for entry in os.scandir(source):
        to = target / entry.name
        if not os.access(entry.path, os.R_OK):
            # Archives carry files that are their owner's alone; of those none is needed.
            continue
        if entry.is_dir(follow_symlinks=False):
            if whole_folders:
                to.symlink_to(entry.path)
            else:
                _take(Path(entry.path), to, whole_folders=False)
        # Locks and the compiler's notes on its own use of the cache are each cache's own.
        elif entry.is_file() and not entry.name.endswith("lock") and not entry.name.startswith("."):
            if entry.stat().st_size >= _LINKED_FROM:
                to.symlink_to(entry.path)
            else:
                shutil.copy2(entry.path, to)
