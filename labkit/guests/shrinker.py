"""wasm-tools, whose `shrink` makes a core module smaller: the one on PATH, or one that is compiled for labkit.

It is no part of the plain set-up: `labkit reduce` leaves out steps and simplifies values without it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from labkit.errors import ToolchainError
from labkit.guests.buildstd import cargo_home, tools_dir
from labkit.guests.install import Action
from labkit.guests.installs import RustInstall, installs
from labkit.guests.process import Say, ask, stream

WASM_TOOLS: Final = "1.263.0"

_TIMEOUT: Final = 900.0


def find_shrinker() -> Path | None:
    """The wasm-tools to use here, which has to know `shrink`; `None` if there is none.

    With `LABKIT_TOOLCHAIN=none` there is none: the room wants what is shipped.
    """
    if _is_unwanted():
        return None
    on_path = shutil.which("wasm-tools")
    candidates = [Path(on_path) if on_path else None, _compiled()]
    return next((tool for tool in candidates if tool is not None and _shrinks(tool)), None)


def plan_shrinker() -> list[Action]:
    """What is lacking for it, as a list for a plan; empty when it is there."""
    if _is_unwanted() or find_shrinker() is not None:
        return []
    sentence = f"Compiling wasm-tools {WASM_TOOLS} with its `shrink` alone (about a minute, needs a network)."
    return [Action("shrinker", sentence, _command("cargo"))]


def perform_shrinker(say: Say = print) -> list[Action]:
    """Carry that plan out; raises `ToolchainError` in one sentence where it cannot be."""
    actions = plan_shrinker()
    for action in actions:
        say(action.sentence)
        _compile(say)
    return actions


def _compile(say: Say) -> None:
    install = _rust()
    if install is None:
        raise ToolchainError(
            f"Compiling wasm-tools {WASM_TOOLS} needs Rust with cargo; install it, or put wasm-tools on PATH."
        )
    env = dict(os.environ) | {
        "CARGO_HOME": str(cargo_home()),
        "CARGO_TERM_COLOR": "never",
        # Unoptimised it is compiled in a third of the time, and what it tries out takes longer than it does.
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "RUSTC": str(install.rustc),
        "RUSTFLAGS": "",
    }
    status = stream(_command(str(install.cargo)), env=env, say=say, timeout=_TIMEOUT)
    if status != 0:
        raise ToolchainError(f"Compiling wasm-tools failed with status {status}; is there a network?")
    if not _shrinks(_compiled()):
        raise ToolchainError(f"wasm-tools {WASM_TOOLS} was compiled and does not run on this machine.")


def _command(cargo: str) -> tuple[str, ...]:
    return (
        *(cargo, "install", "wasm-tools", "--locked", "--debug", "--version", WASM_TOOLS),
        *("--no-default-features", "--features", "shrink", "--root", str(tools_dir())),
    )


def _rust() -> RustInstall | None:
    return next((install for install in installs() if install.version() is not None), None)


def _compiled() -> Path:
    return tools_dir() / "bin" / "wasm-tools"


def _shrinks(tool: Path) -> bool:
    return ask([str(tool), "shrink", "--help"]) is not None


def _is_unwanted() -> bool:
    return os.environ.get("LABKIT_TOOLCHAIN", "").lower() == "none"
