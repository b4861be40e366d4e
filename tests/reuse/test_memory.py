"""Traps in a row must not pile up: stores are closed when they are replaced, not when the collector comes."""

import gc
import resource
from pathlib import Path

from labkit.host import Engine, Program
from labkit.record import Recorder
from labkit.reuse import Runner
from tests.host.wat import COUNTER

CALLS = 100_000
MIB = 1024 * 1024


def resident() -> int:
    """Bytes of resident memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_hundred_thousand_trapped_calls_keep_memory_flat():
    counter = Program.from_wat("counter", COUNTER)
    with Engine() as engine:
        recorder = Recorder(engine.release.version, max_steps=1000)
        with Runner(engine, recorder, counter, policy="rebuild-on-trap") as runner:
            gc.collect()
            gc.disable()
            try:
                for _ in range(CALLS // 10):
                    runner.call("crash")
                settled = resident()
                for _ in range(CALLS - CALLS // 10):
                    runner.call("crash")
                grown = resident() - settled
            finally:
                gc.enable()
    assert runner.counts.stores == CALLS
    assert grown < 8 * MIB, f"resident memory grew by {grown / MIB:.1f} MiB over {CALLS - CALLS // 10} traps"
