"""What a call costs on average under a policy, computed from what was measured of its parts.

The parts are a call of a live instance (K), one in a fresh store (F), a call that traps (T), and the memory that a
new instance writes to (M): F - K is what it takes to make a new instance and to end it. With a share p of calls
that trap:

    rebuild-on-trap, pool   (1 - p) K + p (T + F - K + M)
    fresh-store             (1 - p) F + p (T + F - K) + M
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labkit.cost.results import Allocation, Reading, Results, Table
from labkit.cost.workloads import WORKLOADS, workload
from labkit.errors import ArgumentError, UnknownNameError

REBUILDING = ("rebuild-on-trap", "pool")
CLOSED_BY_TRAPS = ("keep", "fresh-instance")
"""Policies whose store is never replaced: after one trap a component in it is refused, a core module unsound."""


class Setting(msgspec.Struct, frozen=True):
    """What somebody asks about: `share` of the calls trap, a new instance writes to `touched` bytes."""

    guest: str = "rust-component"
    reading: Reading = "python"
    allocation: Allocation = "pooling"
    share: float = 0.01
    touched: float = 0.0


class CostModel:
    """Costs from the tables `policies`, `phases` and `touched` of a run, as far as it has them.

    Raises `ArgumentError` where they were measured on different machines.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        _check_machines(results)
        self._policies = _table(results, "policies")
        self._phases = _table(results, "phases")
        self._touched = _table(results, "touched")
        # Looked up here once: a picture asks for hundreds of costs.
        self._medians = {
            (row.subject.what, row.subject.guest, row.subject.reading, row.subject.allocation): row.times.median
            for row in self._policies or ()
            if row.times and not row.subject.keep_resident and row.subject.copy_on_write
        }
        self._traps = {
            (row.subject.guest, row.subject.reading): row.times.median
            for row in self._phases or ()
            if row.times and row.subject.what == "trap"
        }
        self._touching = {
            (row.subject.reading, row.subject.allocation, row.subject.at or 0.0): row.times.median
            for row in self._touched or ()
            if row.times and row.subject.copy_on_write and not row.subject.keep_resident
        }

    def noise(self, *costs: float) -> float:
        """Up to which share two costs of this order, in nanoseconds, may differ and be the same."""
        return self._policies.noise.floor_near(*costs) if self._policies else float("inf")

    def guests(self) -> tuple[str, ...]:
        """The guests of which enough was measured."""
        timed = {guest for _, guest, _, _ in self._medians}
        return tuple(one.name for one in WORKLOADS if one.name in timed)

    def can_trap(self, guest: str) -> bool:
        """Whether a trap of this guest was measured."""
        return (guest, "python") in self._traps

    def sizes(self, guest: str) -> tuple[float, ...]:
        """How many bytes a call of this guest can write to, as far as that was measured."""
        most = workload(guest).memory
        return tuple(sorted({size for _, _, size in self._touching if most is None or size <= most}))

    def cost(self, policy: str, setting: Setting) -> float | None:
        """Nanoseconds for a call on average; None where that was not measured, or nothing can be answered."""
        share = setting.share if self.can_trap(setting.guest) else 0.0
        if policy in CLOSED_BY_TRAPS and share:
            return None
        # With the compiler at work nobody asks what the runtime alone charges.
        reading: Reading = "python" if policy == "recompile" else setting.reading
        own = self._median(policy, setting, reading)
        live, fresh = (self._median(what, setting, reading) for what in ("keep", "fresh-store"))
        if own is None or live is None or fresh is None:
            return None
        trap = self._traps.get((setting.guest, reading)) if share else 0.0
        if trap is None:
            return None
        memory = self._memory(setting, reading)
        if memory is None:
            return None
        if policy in REBUILDING:
            return (1 - share) * own + share * (trap + fresh - live + memory)
        if policy == "keep":
            return own
        return (1 - share) * own + share * (own - live + trap) + memory

    def answers(self, policies: Sequence[str], setting: Setting, like: CostModel) -> bool:
        """Whether this run tells what the run of `like` tells of a setting; one that is under way may not yet."""
        if like.can_trap(setting.guest) and not self.can_trap(setting.guest):
            return False
        told = (policy for policy in policies if like.cost(policy, setting) is not None)
        return all(self.cost(policy, setting) is not None for policy in told)

    def _median(self, what: str, setting: Setting, reading: Reading) -> float | None:
        return self._medians.get((what, setting.guest, reading, setting.allocation))

    def _memory(self, setting: Setting, reading: Reading) -> float | None:
        """What a new instance pays for the memory it writes to, beyond one that writes to none."""
        if not setting.touched:
            return 0.0
        touching, base = (
            self._touching.get((reading, setting.allocation, size)) for size in (setting.touched, 0.0)
        )
        return max(0.0, touching - base) if touching is not None and base is not None else None


def _check_machines(results: Results) -> None:
    used = [table for table in results if table.id in ("policies", "phases", "touched")]
    for table in used[1:]:
        first, other = (results.machine_of(one.id) for one in (used[0], table))
        if not first.is_same(other):
            raise ArgumentError(
                f"The tables {used[0].id} and {table.id} were measured on different machines ({first.host} and "
                f"{other.host}), so nothing can be computed from both."
            )


def _table(results: Results, name: str) -> Table | None:
    try:
        return results.table(name)
    except UnknownNameError:
        return None
