"""What an explanation is made of, and the sources that several refer to."""

from __future__ import annotations

import msgspec

ISSUE_POISON = "https://github.com/bytecodealliance/wasmtime/issues/11086"
ISSUE_ASYNC = "https://github.com/bytecodealliance/wasmtime/issues/9515"
ISSUE_START = "https://github.com/bytecodealliance/wasmtime/issues/12391"
SPEC_LOCKDOWN = (
    "https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md#component-invariants"
)


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a step went as it did, read from the trace and the release and never from a message.

    `sentence` says what happened and why, `because` the evidence, `advice` what to do, `sources` where that can be
    read.
    """

    sentence: str
    because: tuple[str, ...] = ()
    advice: str = ""
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.sentence, *(f"  • {line}" for line in self.because)]
        return "\n".join(parts + ([f"  → {self.advice}"] if self.advice else []))
