"""The compiler that tests build guests with."""

from __future__ import annotations

import os

import pytest

from labkit.guests import Toolchain, find_toolchains


def compiler() -> Toolchain:
    """A real compiler. A room may lack one, the project's own checks may not."""
    found = find_toolchains()
    if found:
        return found[0]
    if os.environ.get("CI") == "true":
        pytest.fail("no toolchain for wasm32-wasip2: run `labkit setup`")
    pytest.skip("no toolchain for wasm32-wasip2: run `labkit setup`")
