"""A host that serves several guests on one event loop, and never stops it."""

from __future__ import annotations

import inspect
import threading
import time
from typing import Any, Final

from labkit.lab import Lab
from labkit.reuse.heartbeat import beating
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.finding import Finding

NUMBERS: Final = (3, 1, 4, 1, 5, 9)
FETCHING: Final = 0.1
"""Seconds that `fetch` blocks its thread."""

_RUNS: Final = 3
"""A busy machine stops for a moment now and then; a host that stops its loop does so every time."""


class _Fetch:
    """A blocking source of numbers, which knows how long it was asked for."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, number: int) -> int:
        started = time.perf_counter()
        time.sleep(FETCHING)
        with self._lock:
            self.took.append((time.perf_counter() - started) * 1000)
        return number + 1


def unhurried_host(serve: Any) -> list[Finding]:
    """Whether `await serve(lab, guest, numbers, fetch)` answers all at the same time and leaves the loop free."""
    if not callable(serve):
        return [Finding(False, "Give the check your function: `check(serve)`, without calling it.")]
    findings: list[Finding] = []
    for _ in range(_RUNS):
        findings = _try(serve)
        if all(finding.passed for finding in findings):
            break
    return findings


def _try(serve: Any) -> list[Finding]:
    fetch, took = _Fetch(), 0.0
    gaps: list[float] = []
    answers: list[Any] = []
    lab = Lab(seconds=5)
    guest = lab.build("host-fetch")

    async def host() -> None:
        nonlocal took
        async with beating(gaps.append):
            started = time.perf_counter()
            result = serve(lab, guest, list(NUMBERS), fetch)
            answers.append(await result if inspect.isawaitable(result) else result)
            took = (time.perf_counter() - started) * 1000

    try:
        if not run_apart(host):
            # Something of it is still inside, so that the lab cannot be closed.
            return [Finding(False, "It did not come to an end. Does something on the loop wait for that loop?")]
    except Exception as error:
        # Whatever a trainee's function raises is a finding about it, not a failure of the check.
        lab.close()
        return [Finding(False, f"Your function raised {type(error).__name__}: {error}.")]
    wrong = _answers(answers[0]) or _asked(lab)
    lab.close()
    if wrong is not None:
        return [wrong]
    return [
        Finding(True, f"{list(NUMBERS)} gave {_wanted()}."),
        _free(max(gaps), max(fetch.took)),
        _together(took, sum(fetch.took)),
    ]


def _wanted() -> list[int]:
    return [2 * (number + 1) for number in NUMBERS]


def _answers(found: Any) -> Finding | None:
    if not isinstance(found, list | tuple):
        return Finding(False, f"It should return a list of answers; it returned {found!r}.")
    if list(found) != _wanted():
        return Finding(False, f"{list(NUMBERS)} should give {_wanted()}; yours were {list(found)!r}.")
    return None


def _asked(lab: Lab) -> Finding | None:
    if any(step.do == "call" and step.export == "ask" for step in lab.trace):
        return None
    return Finding(False, "No guest was asked: use the `lab` and the `guest` you are given.")


def _free(gap: float, fetching: float) -> Finding:
    if gap < fetching / 2:
        return Finding(True, f"The loop went on all the time: {gap:.0f} ms between two beats at most.")
    return Finding(
        False,
        f"The loop stood still for {gap:.0f} ms while guests were asked, and one fetch takes {fetching:.0f} ms: "
        "somebody fetches on the loop's own thread.",
    )


def _together(took: float, fetching: float) -> Finding:
    if took < fetching * 0.6:
        return Finding(True, f"All were asked at the same time: {fetching:.0f} ms of fetching took {took:.0f} ms.")
    return Finding(
        False,
        f"{fetching:.0f} ms of fetching took {took:.0f} ms: the guests were asked one after another. Is each "
        "awaited before the next begins, or do they share a store, in which calls take turns?",
    )
