"""A recorded WebAssembly failure, again. Needs Python 3.11 or newer and the package `wasmtime`; nothing else.

    pip install wasmtime
    python THIS-FILE

Each step prints what came of it. Exit status 0 if all of them went as they were recorded, 1 if one did not.
"""

from __future__ import annotations

import base64
import importlib.metadata
import itertools
import math
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import component

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class HostFunctionError(Exception):
    """What a recorded host function raises."""


class Host:
    """Stores, instances and host functions, as the recording has them."""

    def __init__(self, story: dict[str, Any]) -> None:
        self.story = story
        config = wasmtime.Config()
        config.epoch_interruption = True
        config.consume_fuel = story["fuel"] is not None
        if story["exceptions"]:
            config.wasm_exceptions = True
        self.engine = wasmtime.Engine(config)
        self.codes: dict[str, Any] = {}
        self.stores: dict[int, wasmtime.Store] = {}
        self.instances: dict[int, tuple[str, Any]] = {}
        self.answers = {
            path: iter(answers) if isinstance(answers, list) else itertools.repeat(answers)
            for path, answers in story["imports"].items()
        }
        self.raised: str | None = None
        self.late = False

    def do(self, step: dict[str, Any]) -> tuple[str, Any]:
        """Take a step: the kind of its outcome, and the value or the message."""
        self.raised, self.late = None, False
        store = self.store(step)
        store.set_epoch_deadline(1)
        timer = threading.Timer(self.story["seconds"] or 3600, self.stop)
        timer.start()
        try:
            if step["do"] == "instantiate":
                self.instances[step["instance"]] = (step["program"], self.instantiate(store, step))
                return "returned", None
            return self.call(store, step)
        except Exception as error:
            return self.failure(error)
        finally:
            timer.cancel()

    def stop(self) -> None:
        """Interrupt the guest that runs for too long."""
        self.late = True
        self.engine.increment_epoch()

    def failure(self, error: Exception) -> tuple[str, Any]:
        """What an exception says of the guest."""
        text = str(error).split("Stack backtrace:")[0].strip()
        causes = [line.strip() for line in text.rpartition("Caused by:")[2].splitlines() if line.strip()]
        numbered = [line for line in causes if re.match(r"\d+: ", line)]
        cause = (numbered[-1:] or causes or [type(error).__name__])[0]
        exited = re.search(r"exit status (\d+)", text, re.IGNORECASE)
        if self.raised is not None:
            return "host-error", self.raised
        if self.late:
            return "timed-out", "stopped after its time"
        if exited:
            return "exited", int(exited[1])
        if "cannot enter component instance" in text:
            return "refused", "cannot enter component instance"
        return "trapped", re.sub(r"^\d+: ", "", cause)

    def store(self, step: dict[str, Any]) -> wasmtime.Store:
        """The store of a step, opened when it is first used."""
        number = step["store"]
        if number not in self.stores:
            store = self.stores[number] = wasmtime.Store(self.engine)
            if self.story["memory"] is not None:
                store.set_limits(memory_size=self.story["memory"])
            if self.story["fuel"] is not None:
                store.set_fuel(self.story["fuel"])
            store.set_wasi(self.wasi(step["wasi"] or {}))
        return self.stores[number]

    def wasi(self, given: dict[str, Any]) -> wasmtime.WasiConfig:
        """What guests find that ask for WASI; what they write is printed."""
        config = wasmtime.WasiConfig()
        config.inherit_stdout()
        config.inherit_stderr()
        if given.get("args"):
            config.argv = given["args"]
        if given.get("env"):
            config.env = list(given["env"].items())
        room = Path(tempfile.mkdtemp(prefix="repro-"))
        if given.get("stdin"):
            (room / "stdin").write_text(given["stdin"], "utf-8")
            config.stdin_file = str(room / "stdin")
        if given.get("folder"):
            (room / "folder").mkdir()
            for name, text in given["folder"].items():
                (room / "folder" / name).write_text(text, "utf-8")
            config.preopen_dir(str(room / "folder"), "/lab")
        return config

    def code(self, name: str) -> Any:
        """A program, compiled once."""
        if name not in self.codes:
            program = self.story["programs"][name]
            wasm = base64.b64decode(program["wasm"])
            make = component.Component if program["kind"] == "component" else wasmtime.Module
            self.codes[name] = make(self.engine, wasm)
        return self.codes[name]

    def instantiate(self, store: wasmtime.Store, step: dict[str, Any]) -> Any:
        """A new instance of a program."""
        code = self.code(step["program"])
        if isinstance(code, component.Component):
            return self.link_component(code).instantiate(store, code)
        linker = wasmtime.Linker(self.engine)
        linker.define_wasi()
        for item in code.imports:
            path = f"{item.module}#{item.name}"
            if item.module in step["given"]:
                giver = self.instances[step["given"][item.module]][1]
                linker.define(store, item.module, item.name, giver.exports(store)[item.name])
            elif path in self.answers:
                linker.define_func(item.module, item.name, item.type, self.function(path, item.type.results))
        return linker.instantiate(store, code)

    def link_component(self, code: component.Component) -> component.Linker:
        """A linker with WASI and the recorded host functions."""
        linker = component.Linker(self.engine)
        imports = code.type.imports(self.engine)
        if any(name.startswith("wasi:") for name in imports):
            linker.add_wasip2()
        types = dict(functions(imports, self.engine))
        interfaces: dict[str, list[str]] = {}
        for path in self.answers:
            if path in types:
                interface, _, name = path.rpartition("#")
                interfaces.setdefault(interface, []).append(name)
        with linker.root() as root:
            for name in interfaces.pop("", []):
                root.add_func(name, self.component_function(name, types[name].result))
            for interface, names in interfaces.items():
                with root.add_instance(interface) as instance:
                    for name in names:
                        path = f"{interface}#{name}"
                        instance.add_func(name, self.component_function(path, types[path].result))
        return linker

    def component_function(self, path: str, result: Any) -> Any:
        """A host function for a component."""

        def answer(_context: Any, *_args: Any) -> Any:
            value = self.answer(path)
            return None if result is None else lower(result, value)

        return answer

    def function(self, path: str, results: list[Any]) -> Any:
        """A host function for a core module."""
        floats = [str(result).startswith("f") for result in results]

        def answer(*_args: Any) -> Any:
            value = self.answer(path)
            return core(value) if len(floats) == 1 else value

        return answer

    def answer(self, path: str) -> Any:
        """What the recorded host function says this time."""
        found = next(self.answers[path], {"raises": "asked more often than was recorded", "exception": None})
        if found.get("raises") is not None:
            self.raised = f"{found.get('exception') or 'error'}: {found['raises']}"
            raise HostFunctionError(found["raises"])
        return found.get("returns")

    def call(self, store: wasmtime.Store, step: dict[str, Any]) -> tuple[str, Any]:
        """Call an export."""
        program, instance = self.instances[step["instance"]]
        code = self.code(program)
        if not isinstance(code, component.Component):
            return "returned", instance.exports(store)[step["export"]](store, *map(core, step["args"]))
        types = dict(functions(code.type.exports(self.engine), self.engine))
        path = exported(step["export"], types)
        interface, _, name = path.rpartition("#")
        outer = code.get_export_index(interface) if interface else None
        function = instance.get_func(store, code.get_export_index(name, outer))
        kinds = [ty for _, ty in types[path].params]
        raw = function(store, *map(lower, kinds, step["args"]))
        if int(importlib.metadata.version("wasmtime").split(".")[0]) < 42:
            function.post_return(store)
        return answered(types[path].result, raw)

    def close(self, number: int) -> None:
        """Let go of a store and all that is in it."""
        self.stores.pop(number).close()


def functions(items: Any, engine: wasmtime.Engine, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The functions among a component's exports or imports, by path."""
    for name, item in items.items():
        ty = getattr(item, "ty", item)
        if isinstance(ty, component.FuncType):
            yield prefix + name, ty
        elif isinstance(ty, component.ComponentInstanceType):
            yield from functions(ty.exports(engine), engine, f"{name}#")


def exported(asked: str, known: dict[str, Any]) -> str:
    """The export that is meant by a name without a version."""
    interface = asked.partition("#")[0].partition("@")[0]
    meant = [path for path in known if path.partition("#")[0].partition("@")[0] == interface]
    return asked if asked in known else meant[0]


def core(value: Any) -> Any:
    """A number for a core module."""
    return _FLOATS[value] if isinstance(value, str) else value


def lower(ty: Any, value: Any) -> Any:
    """Plain data as wasmtime-py takes it for a type of the component model."""
    match ty:
        case component.F32() | component.F64():
            return float(core(value))
        case component.RecordType():
            record = component.Record()
            for name, inner in ty.fields:
                setattr(record, name, lower(inner, value[name]))
            return record
        case component.ListType() if isinstance(value, dict):
            return bytes.fromhex(value["bytes"])
        case component.ListType():
            return [lower(ty.element, item) for item in value]
        case component.TupleType():
            return tuple(map(lower, ty.elements, value))
        case component.OptionType():
            return None if value is None else lower(ty.payload, value)
        case component.FlagsType():
            return set(value)
    return value


def answered(ty: Any, value: Any) -> tuple[str, Any]:
    """Whether a function returned, or answered with the guest's own error."""
    if not isinstance(ty, component.ResultType):
        return "returned", value
    if isinstance(value, component.Variant):
        failed, value = value.tag == "err", value.payload
    else:
        classes: set[type] = set()
        if ty.ok is not None:
            ty.ok.add_classes(classes)
        failed = type(value) not in (classes or {type(None)})
    return ("guest-error", value) if failed else ("returned", value)


def main(story: dict[str, Any]) -> int:
    """Play the story and compare."""
    release = importlib.metadata.version("wasmtime")
    print(f"{story['title']}: recorded under Wasmtime {story['runtime']}, played under {release}")
    host = Host(story)
    differs = 0
    for step in story["steps"]:
        if step["do"] == "close":
            host.close(step["store"])
            continue
        call = f"{step['export']}({', '.join(map(repr, step['args']))})"
        shown = f"step {step['n']}: " + (call if step["export"] else f"instantiate {step['program']}")
        if not step["tried"]:
            print(f"{shown}: refused before the runtime is asked")
            continue
        sys.stdout.flush()
        kind, said = host.do(step)
        print(f"{shown}: {kind}" + ("" if said is None else f": {said}"))
        recorded = step["kind"]
        same = kind == recorded
        if kind == "returned":
            same = same and plain(said) == plain(step["value"])
        if kind == "trapped" and release == story["runtime"]:
            same = same and said == step["message"]
        if not same:
            differs += 1
            print(f"  differs: recorded was {recorded}: {step['message'] or step['value']}")
    print("the same" if not differs else f"different in {differs} steps")
    return 1 if differs else 0


def plain(value: Any) -> Any:
    """What of a value can be compared: numbers and texts; of anything else only that it is there."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value if value is None or isinstance(value, bool | int | float | str) else "something"
