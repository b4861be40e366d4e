"""Rust's names for functions as people write them: `_ZN13process_early6set_up17h6fb581b654341cfcE` is
`process_early::set_up`.

A compiler makes names unique by mangling them, in one of two ways: the legacy one borrows from C++, the newer one
(v0, RFC 2603) has a grammar of its own. Hashes that only keep crates apart are left out.
"""

from __future__ import annotations

from functools import lru_cache

from labkit.demangle import legacy, v0


@lru_cache(maxsize=4096)
def demangle(name: str) -> str:
    """A mangled Rust name in words; any other name, and one that is too long to be read, as it is."""
    return legacy.demangled(name) or v0.demangled(name) or name
