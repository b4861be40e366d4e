"""What a release lacks to run something at all, known before anything is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from labkit.errors import LabkitError, ProgramError
from labkit.host.versions import (
    FIRST_WITH_ASYNC_COMPONENTS,
    FIRST_WITH_COMPONENTS,
    FIRST_WITH_EXCEPTIONS,
    FIRST_WITH_WINCH,
    Release,
)

if TYPE_CHECKING:
    from labkit.host.engine import EngineSettings


class Lack(NamedTuple):
    """`sentence` is for who asked for it under that release; `since` says, whichever it was, who has it."""

    sentence: str
    since: str
    about_program: bool = False

    def error(self) -> LabkitError:
        """What to raise: a `ProgramError` where another program would do."""
        return ProgramError(self.sentence) if self.about_program else LabkitError(self.sentence)


def of_components(name: str, release: Release) -> Lack | None:
    """Why `release` cannot run the component `name`."""
    if release.runs_components:
        return None
    return Lack(
        f"{name} is a component, and Wasmtime {release.version} runs core modules only from Python; "
        f"components came with {FIRST_WITH_COMPONENTS}.0.0.",
        f"wasmtime-py runs components since {FIRST_WITH_COMPONENTS}.0.0",
        about_program=True,
    )


def of_awaited_components(name: str, release: Release) -> Lack | None:
    """Why calls of the component `name` cannot be awaited under `release`."""
    if release.calls_components_async:
        return None
    return Lack(
        f"{name} is a component, and Wasmtime {release.version} calls core modules only asynchronously; "
        f"components came with {FIRST_WITH_ASYNC_COMPONENTS}.0.0.",
        f"components are called asynchronously since {FIRST_WITH_ASYNC_COMPONENTS}.0.0",
        about_program=True,
    )


def of_settings(settings: EngineSettings, release: Release) -> Lack | None:
    """Why `release` cannot make an engine with these settings."""
    if settings.component_async and not release.calls_components_async:
        return Lack(
            f"Wasmtime {release.version} has no async functions of components; "
            f"use {FIRST_WITH_ASYNC_COMPONENTS}.0.0 or later.",
            f"components have async functions since {FIRST_WITH_ASYNC_COMPONENTS}.0.0",
        )
    if settings.wasi != "sync" and not release.links_async_wasi:
        return Lack(
            f"Wasmtime {release.version} has no asynchronous WASI for components; "
            f"use {FIRST_WITH_ASYNC_COMPONENTS}.0.0 or later.",
            f"components have an asynchronous WASI since {FIRST_WITH_ASYNC_COMPONENTS}.0.0",
        )
    if settings.exceptions and not release.can_catch:
        return Lack(
            f"Wasmtime {release.version} cannot be told to allow WebAssembly's exceptions; "
            f"use {FIRST_WITH_EXCEPTIONS}.0.0 or later.",
            f"WebAssembly's exceptions can be allowed since {FIRST_WITH_EXCEPTIONS}.0.0",
        )
    if settings.winch and not release.has_winch:
        return Lack(
            f"Wasmtime {release.version} comes without Winch, the compiler that this asks for; use "
            f"{FIRST_WITH_WINCH}.0.0 or later.",
            f"Winch, which compiles this, comes with wasmtime-py since {FIRST_WITH_WINCH}.0.0",
        )
    if settings.fuel_yield is not None and not release.yields_at_fuel:
        return Lack(
            f"Guests of Wasmtime {release.version} cannot yield by fuel; use 20.0.0 or later.",
            "guests yield by fuel since 20.0.0",
        )
    return None
