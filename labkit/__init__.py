"""labkit: break WebAssembly on purpose, see why the next calls fail, prove the fix, hand the proof on.

    lab = Lab()
    guest = lab.build("process-panic")
    instance = lab.store().instantiate(guest)
    instance.call("process-input", 101.0)   # trapped
    instance.call("process-input", 10.0)    # refused, and lab.explain() says why
"""

from labkit.cost import CostReport, PolicyCost
from labkit.errors import LabkitError
from labkit.host import Frame, Instance, Limits, Outcome, Program, Store
from labkit.lab import Lab
from labkit.magics import load_ipython_extension
from labkit.record import Explanation, Scenario, Step, Trace, expect, explain, read_trace, scenario, scenarios
from labkit.reuse import POLICIES, Knobs, Runner

__all__ = [
    "POLICIES",
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
    "Program",
    "Runner",
    "Scenario",
    "Step",
    "Store",
    "Trace",
    "expect",
    "explain",
    "load_ipython_extension",
    "read_trace",
    "scenario",
    "scenarios",
]
