"""Every example in a `guest.toml` is run, and does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime
from wasmtime import component as wc

from labkit.guests import Example, Guest, build, catalogue, guest
from tests.guests.running import Running, built

EXAMPLES = [
    pytest.param(shown, example, id=f"{shown.name}-{example.call}{list(example.args)}")
    for shown in catalogue().values()
    for example in shown.examples
    if not shown.is_module
]


def started(shown: Guest, folder: Path) -> Running:
    return Running(built(shown), folder / "stderr", [imported.name for imported in shown.imports])


@pytest.mark.parametrize(("shown", "example"), EXAMPLES)
def test_example(shown: Guest, example: Example, tmp_path: Path) -> None:
    instance = started(shown, tmp_path)
    if example.outcome == "trapped":
        with pytest.raises(wasmtime.WasmtimeError) as raised:
            instance.call(example.call, *example.args)
        assert "unreachable" in str(raised.value)
        assert example.shows in instance.stderr() + str(raised.value)
        return
    answer = instance.call(example.call, *example.args)
    if isinstance(answer, wc.Record):
        assert example.shows in vars(answer).values()
    else:
        assert str(answer) == example.shows


def test_a_panic_names_its_line_and_no_folder_of_this_machine(tmp_path: Path) -> None:
    instance = started(guest("process-panic"), tmp_path)
    with pytest.raises(wasmtime.WasmtimeError):
        instance.call("process-input", 101.0)
    source = guest("process-panic").source.splitlines()
    line = 1 + next(n for n, text in enumerate(source) if "panic!(" in text)
    assert f"panicked at process-panic/src/lib.rs:{line}:9:\ninput too large: 101\n" in instance.stderr()


@pytest.mark.parametrize("name", ["process-panic", "process-result", "process-unwrap", "process-lock"])
def test_an_instance_counts_the_calls_it_has_answered(name: str, tmp_path: Path) -> None:
    instance = started(guest(name), tmp_path)
    assert instance.call("calls") == 0
    instance.call("process-input", 1.0)
    instance.call("process-input", 2.0)
    assert instance.call("calls") == 2


def test_a_refused_input_is_not_counted_as_answered(tmp_path: Path) -> None:
    instance = started(guest("process-result"), tmp_path)
    instance.call("process-input", 101.0)
    instance.call("process-input", 100.0)
    assert instance.call("calls") == 1


def test_a_trap_leaves_the_hosts_lock_held(tmp_path: Path) -> None:
    instance = started(guest("process-lock"), tmp_path)
    instance.call("process-input", 10.0)
    answered = [("acquire", "buffer"), ("log", "processing 10"), ("release", "buffer")]
    assert instance.calls_to_host == answered
    with pytest.raises(wasmtime.WasmtimeError):
        instance.call("process-input", 101.0)
    assert instance.calls_to_host[3:] == [("acquire", "buffer"), ("log", "processing 101")]


def test_the_core_counter_goes_on_after_a_crash() -> None:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    module = wasmtime.Module(engine, build("counter-core").wasm)
    exports = wasmtime.Instance(store, module, []).exports(store)
    count, crash, memory = exports["count"], exports["crash"], exports["memory"]
    assert isinstance(count, wasmtime.Func)
    assert isinstance(crash, wasmtime.Func)
    assert isinstance(memory, wasmtime.Memory)
    assert count(store) == 1
    with pytest.raises(wasmtime.Trap) as raised:
        crash(store)
    assert [frame.func_name for frame in raised.value.frames] == ["boom", "crash"]
    assert count(store) == 2
    assert memory.size(store) == 1
