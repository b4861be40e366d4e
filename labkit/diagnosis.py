"""What this machine has for the lab, as data; `labkit doctor` prints it and notebook 00 shows it."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from labkit import resources
from labkit.errors import LabkitError

State = Literal["ok", "optional", "problem"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "firefox")
_FIRST_NOTEBOOK = "01-poisoned-component.ipynb"
_FIRST_SCENARIO = "01-poisoned-component"


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: what was found, and what to do if it is not `ok`.

    A `problem` keeps somebody from working through the first notebook; something `optional` does not.
    """

    name: str
    state: State
    found: str
    advice: str = ""


class Cache(msgspec.Struct, frozen=True):
    """A folder that labkit keeps for itself, and how many bytes lie in it."""

    name: str
    folder: str
    size: int


class Diagnosis(msgspec.Struct, frozen=True):
    """Everything that was looked at; `ok` if the first notebook can be worked through."""

    ok: bool
    checks: tuple[Check, ...]
    caches: tuple[Cache, ...]

    def _repr_html_(self) -> str:
        from labkit.views import markup

        signs = {"ok": "✔", "optional": "○", "problem": "✘"}
        rows = [
            [markup.text(f"{signs[c.state]} {c.name}"), markup.text(c.found), markup.prose(_still_useful(c))]
            for c in self.checks
        ]
        verdict = (
            "Everything the notebooks need is here."
            if self.ok
            else "The notebooks cannot be worked through yet: see the lines marked ✘."
        )
        table = markup.table("What is here, and what a missing piece would take", ["", "found", "advice"], rows)
        return markup.boxed(table, markup.paragraph(f"<strong>{verdict}</strong>"))


def _still_useful(check: Check) -> str:
    """Advice is for what is missing; where all is well it would be in the way."""
    return "" if check.state == "ok" else check.advice


def diagnose() -> Diagnosis:
    """Look at this machine; takes about a second and changes nothing."""
    checks = (
        _python(),
        _wasmtime(),
        _jupyterlab(),
        _folder("notebooks", resources.notebooks_dir(), _FIRST_NOTEBOOK),
        _folder("guests", resources.guests_dir(), "Cargo.toml"),
        *_toolchains(),
        _javascript(),
        _shrinker(),
        _unwinding(),
        _python_guests(),
        _guarded("prebuilt guests", _prebuilt),
        _guarded("a first trap", _first_trap),
        _browser(),
    )
    caches = (
        Cache("builds", str(resources.cache_dir()), _size(resources.cache_dir())),
        Cache("progress", str(resources.state_dir()), _size(resources.state_dir())),
    )
    return Diagnosis(all(check.state != "problem" for check in checks), checks, caches)


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        return Check("Python", "ok", found)
    return Check("Python", "problem", found, "Use Python 3.11 to 3.14.")


def _wasmtime() -> Check:
    wanted = _pinned("wasmtime")
    try:
        found = importlib.metadata.version("wasmtime")
    except importlib.metadata.PackageNotFoundError:
        return Check("wasmtime", "problem", "missing", "Install it: pip install labkit brings it.")
    if wanted in (None, found):
        return Check("wasmtime", "ok", found)
    advice = f"The lab's texts hold for {wanted}; `pip install wasmtime=={wanted}` brings it back."
    return Check("wasmtime", "problem", found, advice)


def _pinned(package: str) -> str | None:
    """The exact release that labkit asks for, where it asks for one."""
    try:
        requirements = importlib.metadata.requires("labkit") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((line.partition("==")[2] for line in requirements if line.startswith(f"{package}==")), None)


def _jupyterlab() -> Check:
    try:
        return Check("JupyterLab", "ok", importlib.metadata.version("jupyterlab"))
    except importlib.metadata.PackageNotFoundError:
        return Check("JupyterLab", "problem", "missing", "Install it: pip install jupyterlab")


def _folder(name: str, folder: Path, needs: str) -> Check:
    if (folder / needs).is_file():
        return Check(f"{name} folder", "ok", str(folder))
    advice = f"{needs} is not in it: take a whole clone, or install labkit anew."
    return Check(f"{name} folder", "problem", str(folder), advice)


def _toolchains() -> list[Check]:
    from labkit.guests import survey

    ways = survey()
    otherwise = "Not needed, one compiler is enough. " if any(way.found for way in ways) else ""
    return [
        Check(way.name, "ok", way.version or "found", way.advice)
        if way.found
        else Check(way.name, "optional", way.version or "not here", otherwise + way.advice)
        for way in ways
    ]


def _javascript() -> Check:
    from labkit.guests import find_javascript

    found = find_javascript()
    if found is not None:
        return Check("JavaScript side", "ok", f"wasm-bindgen {found.bindings.wasm_bindgen}, {found.node}")
    advice = "Notebook 05 shows a recorded run; `labkit setup --javascript` makes it a live one."
    return Check("JavaScript side", "optional", "not here", advice)


def _shrinker() -> Check:
    from labkit.guests import find_shrinker

    found = find_shrinker()
    if found is not None:
        return Check("wasm-tools", "ok", str(found))
    advice = (
        "`labkit reduce` leaves modules as large as they are; `labkit setup --shrink` gets what makes them small."
    )
    return Check("wasm-tools", "optional", "not here", advice)


def _unwinding() -> Check:
    from labkit import guests

    unwinding = next(guest for guest in guests.catalogue().values() if guest.panic == "unwind")
    toolchain = guests.first_toolchain(unwinding)
    name = "Rust that unwinds"
    if toolchain is not None:
        return Check(name, "ok", toolchain.version)
    advice = (
        "Notebook 05 then has its unwinding guests prebuilt, and one exercise has to wait: it needs rustup, its "
        "target wasm32-wasip2 and the source of the standard library, which `labkit setup` adds."
    )
    return Check(name, "optional", "not here", advice)


def _python_guests() -> Check:
    from labkit import guests

    name, tool = "Python guests", guests.componentizer()
    if tool is not None:
        return Check(name, "ok", tool)
    return Check(
        name, "optional", "not here", f"`{guests.INSTALL}` brings them; without, their runs are recorded ones."
    )


def _prebuilt() -> Check:
    from labkit import guests

    names = [guest.name for guest in guests.catalogue().values() if guest.language == "rust"]
    for name in names:
        guests.build(name, use="prebuilt")
    return Check("prebuilt guests", "ok", f"{len(names)} guests, each with the digest it should have")


def _first_trap() -> Check:
    from labkit import guests, record
    from labkit.host import Program
    from labkit.reuse import play

    def load(name: str) -> Program:
        return Program.from_bytes(name, guests.build(name, use="prebuilt").wasm)

    scenario = record.find_scenario(_FIRST_SCENARIO)
    kinds = [step.outcome.kind for step in play(scenario, load) if step.do == "call" and step.outcome]
    if kinds == list(scenario.expect):
        return Check("a first trap", "ok", f"{', '.join(kinds)}, as it should be")
    advice = f"This wasmtime behaves differently: {', '.join(scenario.expect)} were expected."
    return Check("a first trap", "problem", ", ".join(kinds), advice)


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except LabkitError as error:
        return Check(name, "problem", "does not work", str(error))


def _browser() -> Check:
    found = [name for name in BROWSERS if shutil.which(name)]
    if found:
        return Check("browser", "ok", ", ".join(found))
    return Check(
        "browser",
        "optional",
        "none on PATH",
        "Open the address that `labkit lab` prints in a browser; only the browser tests need Chromium here.",
    )


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            # A build that runs right now takes its temporary files away.
            continue
    return total
