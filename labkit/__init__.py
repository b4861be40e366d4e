"""labkit: break WebAssembly on purpose, see why the next calls fail, prove the fix, hand the proof on.

    lab = Lab()
    guest = lab.build("process-panic")
    instance = lab.store().instantiate(guest)
    instance.call("process-input", 101.0)   # trapped
    instance.call("process-input", 10.0)    # refused, and lab.explain() says why

Names are loaded when they are first used, so that a command that needs no plots does not wait for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.cost import CostReport, PolicyCost
    from labkit.errors import LabkitError
    from labkit.host import Frame, Instance, Limits, Outcome, Program, Store, Wasi
    from labkit.inspect import Symbols, read_core_dump, read_symbols, strip, symbolize
    from labkit.lab import Lab
    from labkit.record import (
        Explanation,
        Repro,
        Scenario,
        Step,
        Trace,
        expect,
        explain,
        find_scenario,
        load_repro,
        read_scenario,
        read_trace,
        scenario_of,
        scenarios,
    )
    from labkit.repros import Replay
    from labkit.reuse import POLICIES, Knobs, Runner
    from labkit.runtimes import ChildLimits, Runtime, SandboxResult
    from labkit.views import Predict
    from labkit.workshop import exercise, exercises, overview, share_progress

_ROOMS = {
    "labkit.cost": ("CostReport", "PolicyCost"),
    "labkit.errors": ("LabkitError",),
    "labkit.host": ("Frame", "Instance", "Limits", "Outcome", "Program", "Store", "Wasi"),
    "labkit.inspect": ("Symbols", "read_core_dump", "read_symbols", "strip", "symbolize"),
    "labkit.lab": ("Lab",),
    "labkit.record": (
        "Explanation",
        "Repro",
        "Scenario",
        "Step",
        "Trace",
        "expect",
        "explain",
        "find_scenario",
        "load_repro",
        "read_scenario",
        "read_trace",
        "scenario_of",
        "scenarios",
    ),
    "labkit.repros": ("Replay",),
    "labkit.reuse": ("POLICIES", "Knobs", "Runner"),
    "labkit.runtimes": ("ChildLimits", "Runtime", "SandboxResult"),
    "labkit.views": ("Predict",),
    "labkit.workshop": ("exercise", "exercises", "overview", "share_progress"),
}

__all__ = [
    "POLICIES",
    "ChildLimits",
    "CostReport",
    "Explanation",
    "Frame",
    "Instance",
    "Knobs",
    "Lab",
    "LabkitError",
    "Limits",
    "Outcome",
    "PolicyCost",
    "Predict",
    "Program",
    "Replay",
    "Repro",
    "Runner",
    "Runtime",
    "SandboxResult",
    "Scenario",
    "Step",
    "Store",
    "Symbols",
    "Trace",
    "Wasi",
    "exercise",
    "exercises",
    "expect",
    "explain",
    "find_scenario",
    "load_ipython_extension",
    "load_repro",
    "overview",
    "read_core_dump",
    "read_scenario",
    "read_symbols",
    "read_trace",
    "scenario_of",
    "scenarios",
    "share_progress",
    "strip",
    "symbolize",
]


def load_ipython_extension(ipython: Any) -> None:
    """What IPython calls for `%load_ext labkit`.

    Outcomes are shown as badges from then on, `%%guest NAME` compiles a cell of Rust or WAT, `%%sandbox` runs a
    cell in a process of its own, and so does a block under `with lab.sandboxed() as box:`.
    """
    from labkit.magics import load

    load(ipython)


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module 'labkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
