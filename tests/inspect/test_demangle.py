"""Rust's mangled names in words, as the runtime's own demangler has them."""

from __future__ import annotations

import re

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import Lab
from labkit.demangle import demangle
from labkit.host import Frame, Outcome
from labkit.inspect.symbols import modules_of
from labkit.views import outcome_html
from tests.inspect.conftest import Program

PLAIN = {
    "_ZN13process_early6set_up17h6fb581b654341cfcE": "process_early::set_up",
    "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE": "core::fmt::Write::write_fmt",
    "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3barE":
        "<Test + 'static as foo::Bar<Test>>::bar",
    "_ZN3foo3barE.llvm.9D1C9369": "foo::bar",
    "_RNvNtCsbmNqQUJIY6D_4core9panicking9panic_fmt": "core::panicking::panic_fmt",
    "_RNCNvCs1234_7mycrate3foo0B3_": "mycrate::foo::{closure#0}",
    "_RINvCsd_7mycrate3fooAhj4_EB2_": "mycrate::foo::<[u8; 4]>",
    "_RNvXCsd_7mycrateNtB2_3FooNtB2_3Bar3baz": "<mycrate::Foo as mycrate::Bar>::baz",
    "_RIC0FG_RL0_eEuE": "::<for<'a> fn(&'a str)>",
    "_RNvC7mycrateu8gdel_5qa": "mycrate::gödel",
    "process-input": "process-input",
    "_ZN3std2io5WriteEv": "_ZN3std2io5WriteEv",
    "_RNv": "_RNv",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize(("mangled", "plain"), PLAIN.items(), ids=[plain or "empty" for plain in PLAIN.values()])
def test_a_name_in_words(mangled: str, plain: str) -> None:
    assert demangle(mangled) == plain


def told_by_wasmtime(names: list[str]) -> list[str]:
    """Each name as it stands in the text of a trap, without the hashes that only keep crates apart."""
    functions = "".join(f'(func $"{name}" (export "{i}") unreachable)' for i, name in enumerate(names))
    store = wasmtime.Store()
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, f"(module {functions})"), [])
    said = []
    for export in instance.exports(store).values():
        with pytest.raises(wasmtime.Trap) as raised:
            export(store)
        name = str(raised.value).splitlines()[1].partition("!")[2]
        name = re.sub(r"(?<=\w)\[[0-9a-f]+\]", "", name)
        said.append(re.sub(r"(?<![\w'])(\d+)[iu](?:\d+|size)\b", r"\1", re.sub(r"::h[0-9a-f]{16}$", "", name)))
    return said


def test_every_name_of_a_real_program_is_what_the_runtime_makes_of_it(component: Program) -> None:
    module = modules_of(component)[0]
    names = {name for name in module.names.values() if name.startswith(("_R", "_ZN"))}
    names |= {name.decode() for name in re.findall(rb"_(?:R|ZN)[\w$.]{5,500}(?=\0)", module.debug[".debug_str"])}
    assert len(names) > 300
    listed = sorted(names)
    assert [demangle(name) for name in listed] == told_by_wasmtime(listed)


@settings(deadline=None)
@given(st.text(alphabet="_RNvZE0123456789CsIMXYBLKTFGDpunhj$.abzu", max_size=60).map(lambda rest: f"_R{rest}"))
def test_garbage_stays_garbage_or_becomes_a_text(name: str) -> None:
    assert isinstance(demangle(name), str)


def test_references_that_multiply_come_to_an_end() -> None:
    # Each part refers twice to the one before: two to the power of forty names, if anybody wrote them out.
    bomb = (
        "_RINvC1a1f"
        + "TuuE"
        + "".join(f"TB{_base62(9 + 4 + 9 * i)}B{_base62(9 + 4 + 9 * i)}E" for i in range(40))
        + "E"
    )
    assert demangle(bomb) == bomb


def _base62(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"{digits[number // 62]}{digits[number % 62]}_"


def test_frames_and_explanations_say_names_as_people_write_them() -> None:
    frame = Frame(2, "_ZN13process_early6set_up17h6fb581b654341cfcE", "process_early.wasm", 289, 16)
    shown = outcome_html(Outcome("trapped", code="unreachable", frames=(frame,)))
    assert "0: process_early::set_up in process_early.wasm (+0x10, offset 0x121 of the file)" in shown
    with Lab() as lab:
        wat = '(module (func $"_ZN13process_early6set_up17h6fb581b654341cfcE" (export "f") unreachable))'
        lab.store().instantiate(lab.program(wat, "early")).call("f")
        assert lab.explain().sentence == "Step 2 trapped with `unreachable` in `process_early::set_up` of early."
