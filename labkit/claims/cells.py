"""Which cell of a notebook shows a claim: its tag `claim:<id without family>` says so."""

from __future__ import annotations

from collections.abc import Mapping

from labkit import resources
from labkit.claims.ledger import Claim

_TAG = "claim:"


def showing_cells() -> dict[str, str]:
    """For each claim that is shown, by its id, where: `notebook.ipynb#cell-id=…`.

    JupyterLab and an exported page go to that very cell. Of several cells the first counts. Raises `FormatError`
    for a notebook that cannot be read.
    """
    found: dict[str, str] = {}
    for path in sorted(resources.notebooks_dir().glob("*.ipynb")):
        for cell in resources.read_cells(path):
            for tag in cell.tags:
                if tag.startswith(_TAG):
                    found.setdefault(f"{path.stem}/{tag.removeprefix(_TAG)}", f"{path.name}#cell-id={cell.id}")
    return found


def overview(claims: Mapping[str, Claim]) -> str:
    """The claims as Markdown, each a link to the cell that shows it, folded by notebook.

    Raises `KeyError` for a claim that no cell shows.
    """
    cells = showing_cells()
    folds = []
    for family in dict.fromkeys(claim.family for claim in claims.values()):
        lines = [f"- [{one.claim}]({cells[one.id]})" for one in claims.values() if one.family == family]
        summary = f"<summary>{family}: {len(lines)} claim{'s' * (len(lines) > 1)}</summary>"
        folds.append("\n".join(["<details>", summary, "", *lines, "", "</details>"]))
    return "\n\n".join(folds)
