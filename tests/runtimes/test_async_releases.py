"""Asynchronous calls under other releases: the same story, and one sentence for what a release lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.runtimes import add_runtime
from tests.host.async_wat import component, core

ROOT = Path(__file__).parents[2]

CORE_STORY = [
    ["instantiate", "returned", None],
    ["run", "returned", 60],
    ["crash", "trapped", "unreachable"],
    ["ask", "host-error", "OSError"],
    ["ask", "host-error", "OSError"],
    ["spin", "timed-out", "interrupt"],
    ["deep", "trapped", "stack-overflow"],
    ["afterwards", "returned", 1],
    ["synchronous", "refused", ["async-required", 1, None]],
    ["synchronous instance", "refused", ["async-required", 1, None]],
    ["after cancelling ask", "returned", 1],
    ["after cancelling spin", "returned", 1],
]
COMPONENT_STORY = [
    ["instantiate", "returned", None],
    ["run", "returned", 60],
    ["crash", "trapped", "unreachable"],
    ["ask", "host-error", "OSError"],
    ["ask", "host-error", "OSError"],
    ["spin", "timed-out", "interrupt"],
    ["deep", "trapped", "stack-overflow"],
    ["afterwards", "refused", "cannot-enter-component"],
    ["synchronous", "refused", ["async-required", 1, None]],
    ["synchronous instance", "refused", ["async-required", 1, None]],
    ["after cancelling ask", "refused", "cannot-enter-component"],
    ["after cancelling spin", "refused", "cannot-enter-component"],
]


def told(version, what, program):
    """What the child says under this release."""
    runtime = add_runtime(version)
    path = [*filter(None, [runtime.path]), ROOT]
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", str(Path(__file__).with_name("async_child.py")), what],
        input=program.wasm,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.parametrize(
    "version", ["14.0.0", "20.0.0", "36.0.0", "41.0.0", "42.0.0", "45.0.0", "49.0.0", "50.0.1"]
)
def test_a_core_module_is_called_asynchronously(version):
    assert told(version, "story", core) == CORE_STORY


@pytest.mark.parametrize("version", ["45.0.0", "49.0.0", "50.0.1"])
def test_a_component_is_called_asynchronously(version):
    assert told(version, "story", component) == COMPONENT_STORY


def test_up_to_41_a_plain_engine_is_refused_in_one_sentence():
    assert told("41.0.0", "lack", core) == [
        [
            "LabkitError",
            "Wasmtime 41.0.0 makes asynchronous calls only on an engine made for them: "
            "Engine(EngineSettings(async_support=True)).",
        ],
        ["linked", "refused", ["async-required", None, None]],
    ]


def test_up_to_44_a_component_is_refused_in_one_sentence():
    assert told("44.0.0", "lack", component) == [
        [
            "ProgramError",
            "guest is a component, and Wasmtime 44.0.0 calls core modules only asynchronously; "
            "components came with 45.0.0.",
        ],
        [
            "ProgramError",
            "guest is a component, and Wasmtime 44.0.0 links asynchronous host functions into core modules "
            "only; provide slow by a plain function, without async.",
        ],
    ]


def test_settings_that_a_release_lacks_are_refused_in_one_sentence():
    unsafe = (
        "Wasmtime 14.0.0 aborts the whole process when synchronous and asynchronous are mixed, so that runs in a "
        "child process only: labkit run ID --wasmtime 14.0.0, or lab.run(…, runtime='14.0.0')."
    )
    no_fuel = "Guests yield by fuel only where it is counted; set fuel=True as well."
    assert told("14.0.0", "settings", core) == [
        ["UnsafeError", unsafe],
        ["LabkitError", no_fuel],
        ["LabkitError", "Guests of Wasmtime 14.0.0 cannot yield by fuel; use 20.0.0 or later."],
        ["LabkitError", "Wasmtime 14.0.0 has no async functions of components; use 45.0.0 or later."],
    ]
    assert told("50.0.1", "settings", core) == [["made"], ["LabkitError", no_fuel], ["made"], ["made"]]
