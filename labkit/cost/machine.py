"""Where something is measured, and with which versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

from labkit.cost.compiler import c_compiler
from labkit.cost.results import Machine
from labkit.errors import ToolchainError
from labkit.host import versions


def this_machine() -> Machine:
    """The machine that this runs on, as busy as it is now."""
    try:
        compiler = c_compiler().version
    except ToolchainError as error:
        compiler = str(error)
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        architecture=platform.machine(),
        processor=_processor(),
        cpus=os.cpu_count() or 1,
        python=platform.python_version(),
        wasmtime=versions.current().version,
        labkit=importlib.metadata.version("labkit"),
        compiler=compiler,
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
    )


def _processor() -> str:
    """Its model's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or "unknown processor"
