"""`python -m labkit.guests` writes the prebuilt files anew; with `verify` it compares them instead."""

from __future__ import annotations

import sys

from labkit.errors import LabkitError
from labkit.guests.prebuilt import rebuild_prebuilt, verify_prebuilt


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Exit code 0: done, or all files hold; 1: a file does not hold; 2: it could not be done."""
    if arguments not in ([], ["verify"]):
        _say("usage: python -m labkit.guests [verify]")
        return 2
    try:
        if not arguments:
            rebuild_prebuilt(_say)
            return 0
        checks = verify_prebuilt(_say)
    except LabkitError as error:
        _say(str(error))
        return 2
    for check in checks:
        _say(f"{check.name} {check.sentence}")
    return 0 if all(check.ok for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
