"""Results as pyperf reads them, so that `pyperf compare_to` can set two runs beside each other.

pyperf compares what it finds as values of a benchmark. Here each is the median of a part of a row's timings, in
the order in which they were made: a moment in which the machine was busy is one value of many.
Source: the JSON format that pyperf's documentation calls version 1.0.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labkit.cost.results import Machine, Results, Row, Table, Times


def pyperf_suite(results: Results) -> bytes:
    """Every row that was timed as a benchmark of a pyperf suite, in JSON."""
    benchmarks = [
        _benchmark(table, row, row.times, results.began) for table in results for row in table if row.times
    ]
    metadata = _where(results.machine) | {"unit": "second"}
    return msgspec.json.encode({"version": "1.0", "metadata": metadata, "benchmarks": benchmarks})


def _where(machine: Machine) -> dict[str, str | int]:
    return {
        "cpu_model_name": machine.processor,
        "cpu_count": machine.cpus,
        "platform": f"{machine.system} {machine.architecture}",
        "python_version": machine.python,
        "wasmtime_version": machine.wasmtime,
        "labkit_version": machine.labkit,
        **({"hostname": machine.host} if machine.host else {}),
    }


def _benchmark(table: Table, row: Row, times: Times, began: str) -> dict[str, Any]:
    values = [median / 1e9 for median in times.parts]
    # pyperf writes and reads a moment without its zone.
    date = began.partition("+")[0].replace("T", " ")
    run = {"values": values, "metadata": {"date": date, "loops": 1}}
    name = f"{table.id}: {row.subject.describe()}"
    described = {"name": name, "description": f"{table.title}, per {table.per}"}
    where = _where(table.machine) if table.machine is not None else {}
    return {"metadata": where | described, "runs": [run]}
