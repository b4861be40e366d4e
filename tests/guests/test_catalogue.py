from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime

from labkit.errors import FormatError, UnknownNameError
from labkit.guests import Guest, catalogue, guest
from tests.guests.running import built, compiled

GUESTS = sorted(catalogue().values(), key=lambda guest: guest.name)


def test_an_unknown_guest_suggests_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match=r"'process-panik'; did you mean process-panic"):
        guest("process-panik")


@pytest.mark.parametrize("shown", GUESTS, ids=lambda guest: guest.name)
def test_described_exports_and_imports_are_those_of_the_program(shown: Guest) -> None:
    wasm = built(shown)
    if shown.is_module:
        module = wasmtime.Module(wasmtime.Engine(), wasm)
        exports = {e.name for e in module.exports}
        imports = {i.name for i in module.imports if not i.module.startswith("wasi_")}
    else:
        engine, component = compiled(wasm)
        kind = component.type
        exports = set(kind.exports(engine))
        imports = {name for name in kind.imports(engine) if not name.startswith("wasi:")}
    # A standard interface is described without its version, which the C library decides; componentize-py exports
    # the functions a second time, in the way in which its runtime calls them.
    ours = {name.partition("@")[0] for name in exports} - ({"exports"} if shown.language == "python" else set())
    assert ours == {export.name for export in shown.exports}
    assert imports == {imported.name for imported in shown.imports}


@pytest.mark.parametrize(
    "shown", [g for g in GUESTS if g.language == "rust" and not g.is_module], ids=lambda g: g.name
)
def test_described_signatures_are_those_of_the_world(shown: Guest) -> None:
    if shown.has_main:
        assert [export.name for export in shown.exports] == ["wasi:cli/run"]
        return
    world = (shown.path / "wit" / "world.wit").read_text()
    for export in shown.exports:
        if export.name.startswith("wasi:"):
            assert f"export {export.name}@" in world
            continue
        assert f"export {export.name}: {export.signature};" in world
    for imported in shown.imports:
        assert f"import {imported.name}: {imported.signature};" in world


def test_both_guests_of_a_pair_exist() -> None:
    for shown in GUESTS:
        if shown.pair:
            assert guest(shown.pair.broken) != guest(shown.pair.fixed)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "Invalid value"),
        ("title = 'x'", "missing required field"),
        ("title = 'x'\nshows = 'y'\ntarget = 'arm'\nexports = []", "Invalid enum value 'arm'"),
        ("title = 'x'\nshows = 'y'\ntarget = 'core'\nexports = []\nissues = 1", "unknown field `issues`"),
    ],
)
def test_a_broken_description_is_one_clear_sentence(own_guests: Path, text: str, sentence: str) -> None:
    (own_guests / "counter-core" / "guest.toml").write_text(text)
    with pytest.raises(FormatError) as raised:
        catalogue()
    said = str(raised.value)
    assert said.startswith("guests/counter-core/guest.toml does not describe a guest: ")
    assert sentence in said
    assert "\n" not in said
