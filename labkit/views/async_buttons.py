"""The five switches of a mix as rows of toggle buttons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import ipywidgets
import msgspec

from labkit.record.mix import WAIT, WORKS, Mix
from labkit.views import markup

# A row's name stands before its buttons, and two short rows share a line where there is room.
_RULES: Final = """
.KEY .lk-switches{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:6px 16px;
max-width:780px;overflow:visible}
.KEY .lk-switches>:last-child{grid-column:1/-1}
.KEY .widget-toggle-buttons{display:flex;flex-flow:row nowrap;align-items:center;width:auto;height:auto;
margin:0;overflow:visible}
.KEY .widget-toggle-buttons>.widget-label{width:98px;flex:none;text-align:left;height:auto;margin:0;
color:var(--lk-muted)}
.KEY .widget-toggle-buttons>div{display:flex;flex-flow:row wrap;gap:4px}
.KEY .widget-toggle-button{margin:0;box-shadow:none!important}
.KEY .widget-toggle-button.mod-active{outline:2px solid var(--lk-ink);outline-offset:-2px}
"""

_Choices = tuple[tuple[str, str, str], ...]

_ROWS: Final[Mapping[str, tuple[str, _Choices]]] = MappingProxyType(
    {
        "engine": (
            "engine",
            (
                ("plain", "plain", "An engine as it comes, without async support"),
                (
                    "async",
                    "made for async",
                    "An engine with async support switched on; since 42 that is no switch",
                ),
            ),
        ),
        "link": (
            "linker",
            (
                ("plain", "a plain function", "The host function is linked as one that is called and returns"),
                ("coroutine", "a coroutine", "The host function is linked as one that is awaited"),
            ),
        ),
        "instantiate": (
            "instantiate",
            (
                ("sync", "synchronously", "store.instantiate(guest)"),
                ("awaited", "awaited", "await store.instantiate_async(guest)"),
            ),
        ),
        "call": (
            "call",
            (
                ("sync", "synchronously", "instance.call('run')"),
                ("awaited", "awaited", "await instance.call_async('run')"),
            ),
        ),
    }
)
_WORK: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "returns": ("returns at once", "It does nothing that takes time"),
        "blocks": (f"blocks {WAIT} s", f"time.sleep({WAIT}): nothing else on its thread runs meanwhile"),
        "sleeps": (f"sleeps {WAIT} s", f"await asyncio.sleep({WAIT}): others run meanwhile"),
        "thread": ("blocks in a thread", f"await asyncio.to_thread(time.sleep, {WAIT})"),
        "asyncio.run": (
            "asyncio.run inside",
            f"asyncio.run(asyncio.sleep({WAIT})) in a function that is no coroutine",
        ),
    }
)

Changed = Callable[[Mix, Mix], None]
"""Told of the mix before a click and of the one after it."""


class MixButtons(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A row per switch; `mix` is how they stand, `rows` are they by field. `show` sets them and tells nobody."""

    def __init__(self, mix: Mix, on_change: Changed) -> None:
        super().__init__()
        self.mix = mix
        self._on_change = on_change
        # JupyterLab may deliver clicks on several threads; one that comes while the rows are set must not be lost.
        self._lock = threading.RLock()
        self._setting = False
        self.rows: dict[str, Any] = {}
        for field, (name, choices) in _ROWS.items():
            self.rows[field] = _row(name)
            _offer(self.rows[field], choices)
        self.rows["work"] = _row("host function")
        for field, row in self.rows.items():
            row.observe(lambda change, field=field: self._clicked(field, change["new"]), names="value")
        key = f"lk-mix-{self.model_id}"
        self.add_class("labkit")
        self.add_class(key)
        lines = ipywidgets.Box(list(self.rows.values()))
        lines.add_class("lk-switches")
        rules = f"<style>{_RULES.replace('KEY', key)}</style>".replace("\n", "")
        self.children = (ipywidgets.HTML(markup.style_sheet() + rules), lines)
        self.show(mix)

    def show(self, mix: Mix) -> None:
        """Set the switches."""
        with self._lock:
            self.mix = mix
            self._set(*self.rows)

    def _set(self, *fields: str) -> None:
        self._setting = True
        try:
            _offer(self.rows["work"], tuple((work, *_WORK[work]) for work in WORKS[self.mix.link]))
            for field in fields:
                self.rows[field].value = getattr(self.mix, field)
        finally:
            self._setting = False

    def _clicked(self, field: str, value: Any) -> None:
        with self._lock:
            if self._setting:
                return
            before = self.mix
            linked = field == "link"
            after = before.linked(value) if linked else msgspec.structs.replace(before, **{field: value})
            self.mix = after
            # No more than these: the next click may be setting another row just now.
            self._set(field, *(["work"] if linked else []))
        self._on_change(before, after)


def words_of(mix: Mix) -> list[tuple[str, str]]:
    """Each switch and how it stands, as its row says it."""
    said = [
        (name, next(label for value, label, _tooltip in choices if value == getattr(mix, field)))
        for field, (name, choices) in _ROWS.items()
    ]
    return [*said, ("host function", _WORK[mix.work][0])]


def _row(name: str) -> Any:
    row = ipywidgets.ToggleButtons(description=name)
    row.style.button_width = "auto"
    return row


def _offer(row: Any, choices: _Choices) -> None:
    options = tuple((label, value) for value, label, _tooltip in choices)
    # Setting the same again would take the focus off a button.
    if tuple(row.options) != options:
        row.tooltips = [tooltip for _value, _label, tooltip in choices]
        row.options = options
