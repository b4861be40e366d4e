"""The pages that are written from the code are as the code is."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest

from tests.project.pages import groups, reference
from tests.project.pages.commands import every_command
from tests.project.pages.imports import architecture, caption
from tests.project.pages.pages import PAGES
from tests.project.pages.picture import WAY

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_is(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), f"{name} is out of date; `make docs` writes it anew."


def test_a_public_name_has_to_be_in_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = tuple(group for group in groups.GROUPS if group.title != "Workshop")
    monkeypatch.setattr(reference, "GROUPS", fewer)
    with pytest.raises(reference.IncompleteError, match=r"^exercise is in no group; exercises is in no group"):
        reference.reference()


def test_what_is_gone_from_the_package_has_to_go_from_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    more = groups.Group("Gone", "What was here once.", ("Lab.vanished",))
    monkeypatch.setattr(reference, "GROUPS", (*groups.GROUPS, more))
    with pytest.raises(
        reference.IncompleteError, match=r"^There is no Lab\.vanished any more \(see tests/project"
    ):
        reference.reference()


def test_the_picture_has_every_room_and_no_arrow_up() -> None:
    found = architecture()
    rows = {block: number for number, row in enumerate(found.rows) for block in row}
    assert {module for block in rows for module in block.modules} == {
        f"labkit.{path.stem}"
        for path in (ROOT / "labkit").iterdir()
        if path.stem != "__main__" and ((path / "__init__.py").is_file() or path.suffix == ".py")
    } - {"labkit.__init__"}
    assert [arrow for arrow in found.arrows if rows[arrow[0]] >= rows[arrow[1]]] == []
    assert all(caption(module) for block in rows for module in block.modules)


def test_the_way_the_data_goes_is_one_of_rooms_that_hold_it() -> None:
    holds = {
        "labkit.guests": "Guest",
        "labkit.programs": "build_program",
        "labkit.host": "Outcome",
        "labkit.record": "Trace",
        "labkit.views": "TimelineView",
    }
    assert [room for room, _name, _what in WAY] == list(holds)
    assert [hasattr(import_module(room), name) for room, name in holds.items()] == [True] * len(holds)


@pytest.mark.parametrize(("name", "command"), every_command().items())
def test_a_command_says_what_it_does_and_gives_an_example_that_it_takes(name: str, command: click.Command) -> None:
    assert command.help
    assert all(one.help for one in command.params if isinstance(one, click.Option) and one.name != "output")
    said = re.fullmatch(r"Example: labkit (.+)", command.epilog or "")
    assert said, f'labkit {name} has no example: epilog="Example: labkit {name} …"'
    words = shlex.split(said[1])
    assert words[: len(name.split())] == name.split()
    if not isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        _values, left, _order = command.make_parser(context).parse_args(words[len(name.split()) :])
        assert left == []
