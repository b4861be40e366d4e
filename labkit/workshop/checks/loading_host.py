"""A host that makes an instance, awaits its `init`, and gives up in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.finding import Finding

VALUE, SECONDS, PATIENCE = 30, 0.5, 5.0

Fetch = Callable[[int], Awaitable[int]]


async def _answers(_key: int) -> int:
    await asyncio.sleep(0.01)
    return VALUE


async def _never_answers(_key: int) -> int:
    await asyncio.Event().wait()
    return VALUE


async def _fails(_key: int) -> int:
    raise OSError("not there yet")


def loading_host(load: Any) -> list[Finding]:
    """Whether `load(lab, guest, fetch, seconds)` loads, and gives up on a host that never answers or fails."""
    if not callable(load):
        return [Finding(False, "Give the check your function: `check(load)`, without calling it.")]
    findings: list[Finding] = []
    lab = Lab()
    guest = lab.build("init-later")

    async def try_all() -> None:
        for fetch, wanted, when in (
            (_answers, VALUE, "With a host that answers"),
            (_never_answers, None, "With a host that never answers"),
            (_fails, None, "With a host that fails"),
        ):
            findings.append(await _tried(load, lab, guest, fetch, wanted, when))
            if not findings[-1].passed:
                return

    if not run_apart(try_all):
        # Something of it is still inside, so that the lab cannot be closed.
        return [Finding(False, "It did not come to an end. Does something on the loop wait for that loop?")]
    lab.close()
    return findings if all(finding.passed for finding in findings) else findings[-1:]


async def _tried(load: Any, lab: Lab, guest: Any, fetch: Fetch, wanted: int | None, when: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            got = await load(lab, guest, fetch, SECONDS)
    except TimeoutError:
        return Finding(False, f"{when} your function still waits after {PATIENCE:g} s; {SECONDS:g} s are enough.")
    except LabkitError as error:
        return Finding(False, f"{when}: {error}")
    except Exception as error:
        # Whatever a trainee's function raises is a finding about it, not a failure of the check.
        return Finding(False, f"{when} your function raised {type(error).__name__}: {error}.")
    refused = next((s for s in lab.trace if s.outcome and s.outcome.kind == "refused"), None)
    if refused is not None:
        return Finding(False, f"{when} step {refused.n} {refused.outcome}.")
    return Finding(got == wanted, f"{when} it returned {got!r}" + ("." if got == wanted else f", not {wanted!r}."))
