"""Which releases claims are tried under when nobody names them."""

from __future__ import annotations

from labkit.errors import LabkitError
from labkit.runtimes.fetch import Say, add_runtime, installed_runtimes
from labkit.runtimes.release import releases_with_components


def releases_here() -> tuple[str, ...]:
    """What is on this machine, oldest first: nothing is fetched."""
    return tuple(installed_runtimes())


def releases_within_reach(say: Say = lambda _text: None) -> tuple[tuple[str, ...], str | None]:
    """What is on this machine and one release per major version; those that are missing are fetched.

    When one cannot be fetched, no other is asked for, so that an offline room does not wait for each of them in
    turn: the second value then is the sentence that says what was left out and why.
    """
    here = set(installed_runtimes())
    missing = [version for version in releases_with_components() if version not in here]
    for at, version in enumerate(missing):
        try:
            add_runtime(version, say)
        except LabkitError as error:
            return releases_here(), f"Left out: {', '.join(missing[at:])}. {error}"
    return releases_here(), None
