from __future__ import annotations

import time

import pytest

from labkit.guests import Toolchain, find_toolchains, perform, plan, survey


def test_none_hides_every_compiler_and_plans_nothing(no_toolchain: None) -> None:
    assert find_toolchains() == []
    assert plan() == []
    assert perform() == []


def test_the_best_toolchain_can_be_chosen_by_the_beginning_of_its_name(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", toolchain.name[:4])
    assert find_toolchains()[0] == toolchain
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "no such compiler")
    assert find_toolchains() == []


def test_the_id_names_the_compilers_version_and_no_folder(toolchain: Toolchain) -> None:
    assert toolchain.id.startswith(toolchain.version)
    assert "/" not in toolchain.id


def test_the_survey_names_every_way_and_what_it_takes(toolchain: Toolchain) -> None:
    ways = survey()
    assert len(ways) == 3
    assert any(way.found and way.version == toolchain.version for way in ways)
    for way in ways:
        assert way.advice.endswith(".")


def test_setting_up_a_second_time_does_nothing_and_is_quick(toolchain: Toolchain) -> None:
    perform(lambda line: None)
    began = time.perf_counter()
    assert perform(lambda line: None) == []
    assert time.perf_counter() - began < 1.0
