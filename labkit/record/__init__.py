"""The record: traces, scenarios and explanations. Everything that is shown is read from here."""

from labkit.record.expectation import UnmetError, expect
from labkit.record.explained import Explanation
from labkit.record.explanation import explain
from labkit.record.history import poisoned_since, telling
from labkit.record.knobs import Knobs
from labkit.record.mix import Mix, scenario_of_mix
from labkit.record.reading import read_scenario
from labkit.record.recorder import MAX_STEPS, Recorder
from labkit.record.repro import Manifest, Platform, Repro, load_repro, make_repro, read_repro
from labkit.record.scenario import (
    Answer,
    HostBehaviour,
    Scenario,
    ScenarioStep,
    find_scenario,
    scenario_of,
    scenarios,
)
from labkit.record.trace import HostCall, ProgramRecord, Step, StoreRecord, Trace, read_trace

__all__ = [
    "MAX_STEPS",
    "Answer",
    "Explanation",
    "HostBehaviour",
    "HostCall",
    "Knobs",
    "Manifest",
    "Mix",
    "Platform",
    "ProgramRecord",
    "Recorder",
    "Repro",
    "Scenario",
    "ScenarioStep",
    "Step",
    "StoreRecord",
    "Trace",
    "UnmetError",
    "expect",
    "explain",
    "find_scenario",
    "load_repro",
    "make_repro",
    "poisoned_since",
    "read_repro",
    "read_scenario",
    "read_trace",
    "scenario_of",
    "scenario_of_mix",
    "scenarios",
    "telling",
]
