"""What a lab does with code that may take its process with it: it runs it in another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.host import Limits
from labkit.notice import Notice
from labkit.runtimes import ChildLimits, Nursery, SandboxResult, add_runtime
from labkit.runtimes.sandbox import run_sandbox
from labkit.runtimes.sandbox_block import SandboxBlock
from labkit.runtimes.sandbox_body import Body
from labkit.runtimes.sandbox_messages import LabSettings


class Sandboxing:
    """The part of a lab that is about sandboxes; `labkit.Lab` is the whole."""

    _limits: Limits
    _nursery: Nursery

    @property
    def runtime(self) -> str:
        """The Wasmtime release in use."""
        raise NotImplementedError

    def sandbox(
        self,
        source: str | Body,
        *,
        wasmtime: str | None = None,
        limits: ChildLimits | None = None,
        names: Mapping[str, Any] | None = None,
        echo: bool = True,
    ) -> SandboxResult:
        """Run Python code that may crash in a process of its own, and tell what became of it.

        Those of `names` that it uses go along if they are plain data; `lab` in there is a lab with the limits of
        this one. `wasmtime` is a release, fetched if it is not here; with `echo` what the code prints is printed.
        Raises `RuntimeMissingError` for what is no version, or cannot be fetched.
        """
        with Notice("preparing") as notice:
            release = add_runtime(wasmtime or self.runtime, notice)
        names = names or {}
        return run_sandbox(
            Body(source) if isinstance(source, str) else source,
            release,
            names=names,
            labs={"lab"} - names.keys() | {name for name, value in names.items() if isinstance(value, Sandboxing)},
            settings=LabSettings(self._limits.seconds, self._limits.memory, self._limits.fuel),
            limits=limits,
            echo=echo,
            nursery=self._nursery,
        )

    def sandboxed(self, wasmtime: str | None = None, limits: ChildLimits | None = None) -> SandboxBlock:
        """`with lab.sandboxed() as box:` in a notebook cell: the block runs as `sandbox` runs its code.

        It takes `%load_ext labkit`. `box` is the `SandboxResult`.
        """

        def run(body: Body, names: Mapping[str, Any]) -> SandboxResult:
            return self.sandbox(body, wasmtime=wasmtime, limits=limits, names=names)

        def show(result: SandboxResult) -> None:
            from IPython.display import display

            from labkit.views.sandbox import shown

            if (value := shown(result)) is not None:
                display(value)  # type: ignore[no-untyped-call]  # IPython has types for part of it

        return SandboxBlock(run, show)
