"""What the authors of a program say of its functions, and where their WIT is that of another program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labkit import Lab
from labkit.errors import FormatError
from labkit.explore import Docs, check_health, profile_of
from labkit.explore.documentation import wit_beside
from labkit.host import Program
from labkit.inspect.binary import leb
from labkit.views import Explorer
from labkit.views.health import health_page
from labkit.views.profile import profile_html, profile_text

COUNTER = """(component
  (core module $m (func (export "count") (result i32) i32.const 3) (func (export "reset")))
  (core instance $i (instantiate $m))
  (func $count (result u32) (canon lift (core func $i "count")))
  (instance $counter (export "count" (func $count)))
  (export "my:shop/counter@1.2.3" (instance $counter))
  (func (export "reset") (canon lift (core func $i "reset"))))"""
WIT = """package my:shop@1.2.0;
interface counter { /// How many <b>there</b> are: `3`.
  count: func() -> u32; }
world shop { export counter; /// Begins again.
  export reset: func(); }"""
PROGRAM = Program.from_wat("counter", COUNTER)
TEXTS = {"my:shop/counter@1.2.3#count": "How many <b>there</b> are: `3`.", "reset": "Begins again."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wit").mkdir()
    (tmp_path / "wit" / "shop.wit").write_text(WIT)
    (tmp_path / "counter.wasm").write_bytes(PROGRAM.wasm)
    return tmp_path


def test_wit_beside_a_program_is_found(folder: Path, nursery) -> None:
    place = folder / "wit"
    docs = profile_of(PROGRAM, nursery=nursery, beside=folder / "counter.wasm").docs
    assert docs == Docs(TEXTS, str(place))
    (folder / "counter.wit").write_text(WIT)
    assert wit_beside(folder / "counter.wasm") == folder / "counter.wit"
    assert profile_of(PROGRAM, nursery=nursery).docs == Docs()


def test_wit_of_another_program_is_said_if_it_was_named(folder: Path, nursery) -> None:
    other = folder / "other.wit"
    other.write_text(
        "package a:b; world w { export reset: func(); export open: func(); export wasi:cli/run@0.2.0; }"
    )
    docs = profile_of(PROGRAM, nursery=nursery, wit=other).docs
    assert docs.texts == {}
    assert docs.notes == (
        "The world a:b/w exports open, which the component does not.",
        "The component exports my:shop/counter#count, which the world a:b/w does not name.",
    )
    other.rename(folder / "counter.wit")
    assert profile_of(PROGRAM, nursery=nursery, beside=folder / "counter.wasm").docs == Docs()


def test_wit_that_is_none_is_one_sentence(folder: Path, nursery) -> None:
    bad = folder / "counter.wit"
    bad.write_text("world {")
    said = "counter.wit is no WIT: line 1: a name should follow, not {."
    assert profile_of(PROGRAM, nursery=nursery, beside=folder / "counter.wasm").docs == Docs(notes=(said,))
    with pytest.raises(FormatError) as raised:
        profile_of(PROGRAM, nursery=nursery, wit=bad)
    assert str(raised.value) == said
    (folder / "empty").mkdir()
    with pytest.raises(FormatError, match=r"empty has no \.wit file in it\.$"):
        profile_of(PROGRAM, nursery=nursery, wit=folder / "empty")


def test_what_a_component_carries_comes_before_what_lies_beside_it(folder: Path, nursery) -> None:
    said = {"interfaces": {"counter": {"funcs": {"count": "It says so itself."}}}}
    content = leb(12) + b"package-docs\1" + json.dumps(said).encode()
    program = Program.from_bytes("counter", PROGRAM.wasm + b"\0" + leb(len(content)) + content)
    docs = profile_of(program, nursery=nursery, beside=folder / "counter.wasm").docs
    assert docs == Docs({"my:shop/counter@1.2.3#count": "It says so itself."}, "its section package-docs")


def test_every_guest_of_the_lab_says_what_its_exports_do(nursery) -> None:
    with Lab() as lab:
        program = lab.build("process-panic")
        docs = profile_of(program, nursery=nursery).docs
    assert docs.texts["process-input"] == "Doubles `input`; panics above 100.0."
    assert docs.notes == ()


def test_they_stand_beside_the_functions(folder: Path, nursery) -> None:
    profile = profile_of(PROGRAM, nursery=nursery, wit=folder / "wit")
    shown = "How many &lt;b&gt;there&lt;/b&gt; are: <code>3</code>."
    assert shown in profile_html(profile)
    assert "\n    How many <b>there</b> are: `3`." in profile_text(profile)
    assert shown in health_page(check_health(PROGRAM, profile, nursery=nursery))


def test_the_form_of_an_export_begins_with_them(folder: Path) -> None:
    with Lab() as lab:
        bench: Explorer = lab.explore(folder / "counter.wasm")
        bench.export.value = "reset"
        assert "Begins again." in bench.signature.value
        bench.export.value = "my:shop/counter@1.2.3#count"
        assert "How many" in bench.signature.value
