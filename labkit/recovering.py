"""What a lab shows of recovery: what catching costs, a service that keeps its state, JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from labkit import beside, guests
from labkit.cost import RecoveryReport, measure_recovery
from labkit.host import Engine, Limits, Program
from labkit.notice import Notice
from labkit.reuse import mixed_requests, serve

if TYPE_CHECKING:
    from labkit.views import Service, SideBySide


class Recovering:
    """The part of a lab that is about recovery; `labkit.Lab` is the whole."""

    _engine: Engine
    _limits: Limits

    def build(self, name: str, source: str | None = None, *, debug: guests.Debug = "names") -> Program:
        """Compile a guest of the catalogue."""
        raise NotImplementedError

    def recovery_costs(self, aborting: Program, unwinding: Program, *, seconds: float = 4.0) -> RecoveryReport:
        """Time an account book that catches its panics beside one that traps and is made again.

        They take turns, with 0, 1 and 64 MiB of state, for about `seconds` in all.
        """
        with Notice("measuring") as notice:
            return measure_recovery(
                self._engine,
                aborting,
                unwinding,
                seconds=seconds,
                on_progress=lambda part: notice(f"{part:.0%}"),
            )

    def service(
        self,
        ways: Mapping[str, tuple[Program, str]],
        *,
        requests: int = 10_000,
        panics: float = 0.02,
        aborts: float = 0.002,
        seed: int = 1,
    ) -> Service:
        """Have an account book answer the same requests under each way: a program and a reuse policy, by label.

        `panics` and `aborts` are the shares of requests that make it panic and abort, chosen by `seed`.
        """
        from labkit.views import Service

        asked = mixed_requests(requests, panics=panics, aborts=aborts, seed=seed)
        served = []
        with Notice("serving") as notice:
            for label, (program, policy) in ways.items():
                served.append(
                    serve(
                        self._engine,
                        program,
                        policy,
                        asked,
                        label=label,
                        limits=self._limits,
                        on_progress=lambda part, label=label: notice(f"{label}: {part:.0%}"),  # type: ignore[misc]  # a default
                    )
                )
        return Service(served)

    def javascript(self, story: str) -> SideBySide:
        """The steps of a story in JavaScript, by wasm-bindgen in Node, beside the same steps under Wasmtime.

        Stories: `panic`, `abort`, `reinit`, `tell-first`, `text-first`, `no-panic`. Without a Node that can, or
        before `labkit setup --javascript`, the JavaScript side is the shipped recording, and says so. Raises
        `UnknownNameError`, or `ChildError` when Node does not come to an end.
        """
        return beside.side_by_side(story, self.build(beside.GUEST), self._engine)
