"""What a lab measures of time: the cost explorer, the run that labkit ships, and labkit's own share.

What measures is imported when it is asked for: it wants components, and a sandboxed lab may run under a Wasmtime
release that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import msgspec

from labkit import guests
from labkit.cost import CostReport, Plan, Results, Session, measure_policies, narrowed, open_session
from labkit.cost.results import Table
from labkit.cost.shipped import shipped_results
from labkit.errors import ChildError
from labkit.host import Engine, Program
from labkit.notice import Notice
from labkit.reuse import POLICY_NAMES

if TYPE_CHECKING:
    from labkit.cost.pool import PoolReport
    from labkit.views import CostExplorer, CostPlot

EXPLORED = ("policies", "phases", "touched")
"""The tables that the explorer computes from."""


class Costs:
    """The part of a lab that is about costs; `labkit.Lab` is the whole."""

    _engine: Engine

    def build(self, name: str, source: str | None = None, *, debug: guests.Debug = "names") -> Program:
        """Compile a guest of the catalogue."""
        raise NotImplementedError

    def measured(self) -> Results:
        """The run that labkit ships: its tables, with the machine and the versions it was made with."""
        return shipped_results()

    def cost_plot(self, name: str, results: Results | None = None, **choices: Any) -> CostPlot:
        """A picture of a run, by default the one that labkit ships.

        `name` is policies, phases, python, traps, touched, reuse or workers; `choices` are those of its figure,
        such as `guest="component"`. Raises `UnknownNameError` for another name, or a table that the run does not
        have.
        """
        from labkit.views import cost_plot

        return cost_plot(results or self.measured(), name, **choices)

    def cost_explorer(self, results: Results | None = None) -> CostExplorer:
        """A widget: what a call costs under each policy, by guest, trap rate, memory and allocator.

        It shows `results`, the run that labkit ships by default, and can measure on this machine.
        """
        from labkit.views import CostExplorer

        def prepare(guest: str, seconds: float, on_results: Callable[[Results, float], None]) -> Session:
            wanted = tuple(_of_guest(plan, guest) for plan in narrowed(EXPLORED))
            return open_session(wanted, self.build, seconds=seconds, on_results=on_results)

        return CostExplorer(results or self.measured(), prepare)

    def costs(
        self,
        program: Program,
        export: str = "process-input",
        *args: Any,
        policies: Sequence[str] = POLICY_NAMES,
        seconds: float = 3.0,
    ) -> CostReport:
        """Time a call that returns under each policy, taking turns, for about `seconds` in all.

        Without `args`, `process-input` is called with 10.0 and any other export with none. Raises
        `UnknownNameError` for a policy or an export that is none, `ArgumentError` for a call that does not return.
        """
        with Notice("measuring") as notice:
            return measure_policies(
                self._engine,
                program,
                export,
                args or ((10.0,) if export == "process-input" else ()),
                policies=policies,
                seconds=seconds,
                on_progress=lambda part: notice(f"{part:.0%}"),
            )

    def pool_costs(self, program: Program, *, seconds: float = 3.0) -> PoolReport:
        """The tail of a call by the size of a pool; `program` is called as process-panic is.

        Calls come in bursts, of which some trap; it takes about `seconds` in all.
        """
        from labkit.cost.pool import measure_pool

        with Notice(f"timing pools of {program.name}") as notice:
            return measure_pool(
                program, seconds=seconds, on_progress=lambda part: notice(f"timing pools, {part:.0%}")
            )

    def recording_costs(self, *, seconds: float = 3.0) -> Table:
        """What a recorded call costs beside a bare one: a core module, a component, a component with WASI.

        Bare means through wasmtime-py alone. They take turns for about `seconds` in all. It is the table
        `recording` of `bench`. Raises `ChildError` where nothing came of it.
        """
        results = self.bench("recording", seconds=seconds)
        if not results.tables:
            raise ChildError(results.problem)
        return results.table("recording")

    def bench(
        self, *subjects: str, seconds: float = 60.0, everything: bool = False, executor: Executor | None = None
    ) -> Results:
        """Measure tables and guests, named as for `labkit bench`, all of them without any; for about `seconds`.

        The calls are made in a process of its own, or by the workers of an `executor` such as a
        `ProcessPoolExecutor` or Dask's `client.get_executor()`: then each table is measured wholly on one machine,
        which it names, and a machine measures one at a time. An interrupt keeps what is there. Raises
        `UnknownNameError`.
        """
        plans = narrowed(subjects, everything=everything)
        with Notice("measuring") as notice:

            def tell(results: Results, part: float) -> None:
                notice(f"measuring {results.tables[-1].id}, {part:.0%}")

            session = open_session(plans, self.build, seconds=seconds, executor=executor, on_results=tell)
            return session.run()


def _of_guest(plan: Plan, guest: str) -> Plan:
    """What of a plan the explorer shows for a guest; the memory is that of the large one for all of them."""
    subjects = tuple(one for one in plan.subjects if one.guest == guest or plan.id == "touched")
    return msgspec.structs.replace(plan, subjects=subjects)
