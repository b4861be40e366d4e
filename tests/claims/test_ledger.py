"""The ledger as data: complete, consistent, in step with scenarios, notebooks and tests."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from labkit import resources, scenarios
from labkit.claims import Releases, claims, compressed, find_claims
from labkit.errors import FormatError, UnknownNameError
from tests.lab import test_claims_poisoned_component, test_claims_run_twice, test_claims_sync_and_async

LEDGER = claims()


def test_every_failure_mode_has_its_claims() -> None:
    families = {claim.family for claim in LEDGER.values()}
    assert {f"0{n}" for n in range(1, 6)} <= {family[:2] for family in families}
    assert len([claim for claim in LEDGER.values() if not claim.waiting]) >= 30
    assert len({claim.claim for claim in LEDGER.values()}) == len(LEDGER)


def test_a_claim_is_run_as_soon_as_its_scenarios_exist() -> None:
    known = scenarios()
    run = [claim for claim in LEDGER.values() if not claim.waiting]
    assert {r.scenario for claim in run for r in claim.runs.values()} <= known.keys()
    assert [claim.id for claim in LEDGER.values() if claim.waits_for in known] == []


def test_every_claim_of_these_families_is_run() -> None:
    families = ["01-poisoned-component", "02-run-twice", "03-sync-and-async", "04-start-function", "05-recovery"]
    assert [claim.id for claim in find_claims([*families, "09-versions"]) if claim.waiting] == []


@pytest.mark.parametrize(
    ("family", "by_hand"),
    [
        ("01-poisoned-component", test_claims_poisoned_component),
        ("02-run-twice", test_claims_run_twice),
        ("03-sync-and-async", test_claims_sync_and_async),
    ],
)
def test_tests_and_ledger_name_the_same_claims(family: str, by_hand: ModuleType) -> None:
    run = {claim.id for claim in find_claims([family]) if not claim.waiting}
    tests = {
        re.sub("_", "-", name.removeprefix("test_").partition("__")[0])
        for name, _ in inspect.getmembers(by_hand, inspect.isfunction)
        if name.startswith("test_")
    }
    assert {f"{family}/{name}" for name in tests} == run


@pytest.mark.parametrize("path", sorted(resources.notebooks_dir().glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_has_a_cell_for_each_claim_of_its_family_that_is_run(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    tags = {tag for cell in cells for tag in cell.metadata.get("tags", []) if tag.startswith("claim:")}
    shown = {f"{path.stem}/{tag.removeprefix('claim:')}" for tag in tags}
    assert shown == {claim.id for claim in LEDGER.values() if claim.family == path.stem and not claim.waiting}


def test_the_start_page_links_each_claim_to_the_one_cell_that_shows_it() -> None:
    cells = {
        f"{path.name}#cell-id={cell.id}": cell.tags
        for path in resources.notebooks_dir().glob("*.ipynb")
        for cell in resources.read_cells(path)
    }
    start = resources.read_cells(resources.notebooks_dir() / "00-start-here.ipynb")
    (section,) = [cell.text for cell in start if cell.id == "claims-and-cells"]
    links = re.findall(r"^- \[(.+)\]\((\S+)\)$", section, re.MULTILINE)
    assert [text for text, _ in links] == [claim.claim for claim in LEDGER.values()]
    for (_, target), claim in zip(links, LEDGER.values(), strict=True):
        family, _, name = claim.id.partition("/")
        assert target.startswith(f"{family}.ipynb#")
        assert f"claim:{name}" in cells[target]


def test_no_claim_is_left_that_nobody_has_run() -> None:
    assert [claim.id for claim in LEDGER.values() if claim.waiting] == []


def test_claims_are_found_by_id_and_by_family() -> None:
    assert [claim.id for claim in find_claims(["09-versions", "05-recovery/pool-recovers"])] == [
        "05-recovery/pool-recovers",
        "09-versions/store-closes-after-a-trap",
        "09-versions/host-may-call-back",
        "09-versions/one-text-two-causes",
        "09-versions/post-return-is-owed",
    ]
    assert find_claims(["9"]) == find_claims(["09"]) == find_claims(["09-versions"])
    with pytest.raises(
        UnknownNameError, match=r"^There is no claim or family named '09-version'; did you mean 09-v"
    ):
        find_claims(["09-version"])


SOME = ("20.0.0", "39.0.0", "41.0.2", "42.0.0", "44.0.0", "45.0.0", "48.0.0", "49.0.0", "50.0.1")


@pytest.mark.parametrize(
    ("text", "inside", "sentence"),
    [
        ("39-41", SOME[1:3], "up to 41"),
        ("-41", SOME[:3], "up to 41"),
        ("42-", SOME[3:], "since 42"),
        ("from 42", SOME[3:], "since 42"),
        ("42-44, 49-", SOME[3:5] + SOME[7:], "from 42 to 44 and since 49"),
        ("45", SOME[5:6], "in 45"),
        ("all", SOME, "everywhere"),
        ("none", (), "nowhere"),
    ],
)
def test_releases_in_short(text: str, inside: tuple[str, ...], sentence: str) -> None:
    releases = Releases(text)
    assert tuple(version for version in SOME if version in releases) == inside
    assert releases.sentence == sentence


@pytest.mark.parametrize("text", ["", "-", "new", "41-39", "39.0.0", "39 to 41"])
def test_what_names_no_releases(text: str) -> None:
    with pytest.raises(FormatError, match=r"names no releases"):
        Releases(text)


def test_neighbours_become_ranges() -> None:
    assert compressed({"39.0.0": True, "41.0.0": True, "42.0.0": False, "42.0.1": True, "50.0.1": True}) == [
        (True, "39–41"),
        (False, "42.0.0"),
        (True, "42.0.1–50"),
    ]


RUN = 'runs = { a = { scenario = "01-poisoned-component" } }\n'
GOOD = 'verdict = "v"\nholds = "all"\nwhen = [{ step = 1, kind = "returned" }]\n'


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("claim = ", "Invalid value"),
        ('says = "somebody"', "Invalid enum value 'somebody' - at `$.claim[0].says`"),
        ('says = "lab"', "09-x/c needs runs, or the scenario that it waits for"),
        ('says = "upstream"\n' + RUN + GOOD, "09-x/c is said upstream and needs its source"),
        ('says = "lab"\nsource = "javascript:1"\n' + RUN + GOOD, "needs a source that starts with https://"),
        ('says = "lab"\n' + RUN, "09-x/c has runs, and so needs conditions and a verdict"),
        ('says = "lab"\n' + RUN + GOOD.replace("all", "soon"), "says something wrong: 'soon' names no releases"),
        ('says = "lab"\n' + RUN + GOOD.replace("step = 1", 'run = "b", step = 1'), "09-x/c has no run named b"),
        (
            'says = "lab"\n' + RUN.replace('" } }', '", policy = "kep" } }') + GOOD,
            "reuse policy named 'kep'; did you",
        ),
        ('says = "lab"\n' + RUN + GOOD.replace(', kind = "returned"', ""), "a step needs something to ask of it"),
        (
            'says = "lab"\n' + RUN + GOOD.replace("step = 1", "stores = 1"),
            "what a step must have come to needs a step",
        ),
        (
            'says = "lab"\n' + RUN + GOOD.replace("step = 1", 'step = 1, caller = "a"'),
            "a condition looks at one thing",
        ),
        ('says = "lab"\n' + RUN + GOOD.replace("kind", "knid"), "unknown field `knid`"),
        ('says = "lab"\n' + RUN + GOOD.replace("returned", "dead"), "Invalid enum value 'dead'"),
        (
            'says = "lab"\nwaits_for = "x"\n[[claim]]\nid = "09-x/c"\nclaim = "d"\nsays = "lab"\nwaits_for = "y"',
            "twice",
        ),
    ],
)
def test_a_damaged_ledger_is_one_sentence(tmp_path: Path, lines: str, why: str) -> None:
    (tmp_path / "09-x.toml").write_text(f'[[claim]]\nid = "09-x/c"\nclaim = "c"\n{lines}\n')
    with pytest.raises(FormatError, match=r"^09-x\.toml is no claims file: [^\n]+\.$") as caught:
        claims(tmp_path)
    assert why in str(caught.value)


def test_an_id_of_another_family(tmp_path: Path) -> None:
    (tmp_path / "09-x.toml").write_text('[[claim]]\nid = "08-y/C"\nclaim = "c"\nsays = "lab"\nwaits_for = "x"\n')
    with pytest.raises(
        FormatError, match=r"09-x\.toml is no claims file: 08-y/C must have an id like 09-x/in-lower"
    ):
        claims(tmp_path)
