"""The claims ledger: what is said about these failures, who says so, and in which releases a run bears it out."""

from labkit.claims.cells import overview, showing_cells
from labkit.claims.condition import Condition, Evidence
from labkit.claims.ledger import SAYS, Claim, Run, claims, find_claims
from labkit.claims.releases import Releases, compressed, short_names
from labkit.claims.trial import Checked, Finding, Report, check
from labkit.claims.tried import releases_here, releases_within_reach

__all__ = [
    "SAYS",
    "Checked",
    "Claim",
    "Condition",
    "Evidence",
    "Finding",
    "Releases",
    "Report",
    "Run",
    "check",
    "claims",
    "compressed",
    "find_claims",
    "overview",
    "releases_here",
    "releases_within_reach",
    "short_names",
    "showing_cells",
]
