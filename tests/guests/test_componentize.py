"""Guests in Python: built with Python inside, kept by what went in, and one sentence where that cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.errors import ArgumentError, BuildError, ToolchainError
from labkit.guests import build, build_source, componentize, componentizer, guest, sources


def test_a_python_guest_is_built_once_and_says_by_what() -> None:
    heard: list[str] = []
    made = build("command-python", say=heard.append)
    again = build("command-python")
    assert made.toolchain == componentizer()
    assert str(made.toolchain).startswith("componentize-py 0.")
    assert 15_000_000 < made.size < 25_000_000
    if made.how == "compiled":
        assert heard[0] == f"{made.toolchain} takes some ten seconds: Python itself goes in."
        assert made.seconds > 1
    assert (again.how, again.digest, again.source_digest) == ("cached", made.digest, made.source_digest)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(:", "command-python does not load: SyntaxError: invalid syntax (guest.py, line 1)"),
        ("import nowhere", "command-python does not load: ModuleNotFoundError: No module named 'nowhere'"),
        ("class Ran: ...", "command-python does not load: AttributeError: module 'guest' has no attribute 'Run'"),
    ],
)
def test_a_source_that_does_not_load_is_refused_in_pythons_words(source: str, sentence: str) -> None:
    with pytest.raises(BuildError) as raised:
        build("command-python", source=source)
    assert str(raised.value) == sentence
    assert "Stack backtrace" not in raised.value.log
    assert "componentize_py" not in raised.value.log


def test_without_componentize_py_one_sentence_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(componentize, "PACKAGE", "componentize-py-that-nobody-has")
    assert componentizer() is None
    with pytest.raises(ToolchainError) as raised:
        build("notes-python")
    assert str(raised.value) == (
        "Building notes-python needs componentize-py-that-nobody-has, an optional part of labkit; "
        "`pip install 'labkit[python-guests]'` brings it."
    )


def test_there_is_no_prebuilt_file_of_a_python_guest() -> None:
    with pytest.raises(
        ToolchainError, match=r"There is no prebuilt command-python: it is built where it is used\."
    ):
        build("command-python", use="prebuilt")
    with pytest.raises(ArgumentError, match="Python source is built in place of that of a shipped guest"):
        build_source("mine", "", "python", base=guest("command-python"))


def test_what_a_guest_is_made_from_can_be_read_in_every_language() -> None:
    assert sorted(sources("notes-python")) == ["src/guest.py", "wit/world.wit"]
    assert list(sources("notes-wat", "(component)").values()) == ["(component)"]
    assert "notes-python/Cargo.toml" not in sources("process-panic")
