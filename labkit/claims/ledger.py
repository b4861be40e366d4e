"""The ledger: what people say about these failures, as data, one file per family beside this module."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from labkit import resources
from labkit.claims.condition import Condition
from labkit.claims.releases import Releases
from labkit.decodable import decodable
from labkit.errors import FormatError, unknown
from labkit.numbered import numbered
from labkit.reuse.policy import policy_info

Says = Literal["advice", "lab", "upstream"]
SAYS: Final[dict[Says, str]] = {
    "advice": "popular advice",
    "lab": "this lab",
    "upstream": "Wasmtime's issues",
}

_ID: Final = re.compile(r"[0-9]{2}(-[a-z0-9]+)+/[a-z0-9]+(-[a-z0-9]+)*")


class Run(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One scenario that a claim is tested by, under a policy where it takes one.

    `drop_on_error` is the knob of that name: replace the instance for a guest's own error, too.
    """

    scenario: str
    policy: str | None = None
    drop_on_error: bool = False


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something that is said, who says so, and how it is put to the test.

    It holds in a release in which every condition of `when` is met by the `runs`, and `holds` says which releases
    those are (see `Releases`). `verdict` is one sentence for a beginner. A claim with `waits_for` is not run yet:
    it names the scenario that has to be written first.
    """

    id: str
    claim: str
    says: Says
    verdict: str = ""
    holds: str = ""
    runs: dict[str, Run] = {}
    when: tuple[Condition, ...] = ()
    source: str | None = None
    waits_for: str | None = None

    @property
    def family(self) -> str:
        """The id of the notebook that it belongs to."""
        return self.id.partition("/")[0]

    @property
    def waiting(self) -> bool:
        """Whether its scenario is still to be written."""
        return self.waits_for is not None

    @property
    def releases(self) -> Releases:
        """Where the ledger says it holds."""
        return Releases(self.holds)

    @property
    def timed(self) -> bool:
        """Whether it compares times."""
        return any(condition.times for condition in self.when)


@decodable
class _File(msgspec.Struct, forbid_unknown_fields=True):
    claim: list[Claim]


def claims(folder: Path | None = None) -> dict[str, Claim]:
    """The claims by id, in the order of their files (default: the shipped ones).

    Raises `FormatError`, in one sentence, for a ledger that does not parse or contradicts itself.
    """
    found: dict[str, Claim] = {}
    for path in sorted((folder or Path(__file__).with_name("ledger")).glob("*.toml")):
        for claim in resources.read_toml(path, _File, "claims").claim:
            wrong = _wrong(claim, path.stem, found)
            if wrong:
                raise FormatError(f"{path.name} is no claims file: {claim.id} {wrong}.")
            found[claim.id] = claim
    return found


def find_claims(names: Sequence[str], ledger: dict[str, Claim] | None = None) -> list[Claim]:
    """The claims with these ids, or of these families, in the ledger's order; all of them for no names.

    A family may be named by its number. Raises `UnknownNameError` with the nearest ids.
    """
    known = claims() if ledger is None else ledger
    families = {claim.family for claim in known.values()}
    wanted = {numbered(name, families) for name in names}
    for name in sorted(wanted - known.keys() - families):
        raise unknown("claim or family", name, [*known, *families])
    return [claim for claim in known.values() if not names or claim.id in wanted or claim.family in wanted]


def _wrong(claim: Claim, family: str, found: dict[str, Claim]) -> str | None:
    """The rest of a sentence about what is wrong with a claim; None if nothing is."""
    if not _ID.fullmatch(claim.id) or claim.family != family:
        return f"must have an id like {family}/in-lower-case"
    if claim.id in found:
        return "stands there twice"
    if claim.says == "upstream" and claim.source is None:
        return "is said upstream and needs its source"
    if claim.source is not None and not claim.source.startswith("https://"):
        return "needs a source that starts with https://"
    if not claim.runs:
        return None if claim.waiting and not claim.when else "needs runs, or the scenario that it waits for"
    return _wrong_test(claim)


def _wrong_test(claim: Claim) -> str | None:
    if not claim.when or not claim.verdict:
        return "has runs, and so needs conditions and a verdict"
    named = {run for condition in claim.when for run in (condition.run, condition.compared) if run}
    if not named <= claim.runs.keys():
        return f"has no run named {' or '.join(sorted(named - claim.runs.keys()))}"
    try:
        Releases(claim.holds)
        for run in claim.runs.values():
            if run.policy is not None:
                policy_info(run.policy)
    except (FormatError, LookupError) as error:
        return f"says something wrong: {str(error).rstrip('.')}"
    return None
