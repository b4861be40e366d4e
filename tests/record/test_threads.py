"""Traces are read by several threads at once, as a matrix does, from the very first one on."""

from __future__ import annotations

import subprocess
import sys

# Each process can be the first only once, and without help about every third of them crashed.
PROCESSES = 12

SCRIPT = """
import sys, threading
from labkit.record.trace import read_trace

sys.setswitchinterval(1e-6)
step = '{"n": 1, "do": "call", "store": 1, "program": "p", "outcome": {"kind": "returned", "value": 1}}'
text = '{"format": 1, "runtime": "50.0.1", "steps": [%s]}' % step
start = threading.Barrier(8)


def read():
    start.wait()
    assert read_trace(text).step(1).outcome.value == 1


threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_read_a_trace_at_the_same_time_leave_the_process_alive():
    statuses = [subprocess.run([sys.executable, "-c", SCRIPT], check=False).returncode for _ in range(PROCESSES)]
    assert statuses == [0] * PROCESSES
