"""Values, arguments and outcomes in words: short for a picture, whole for a table.

Traces come from strangers: whatever they hold is made printable here, before anything draws it.
"""

from __future__ import annotations

import reprlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.host.outcome import Cause, Outcome
from labkit.record.trace import Step


def clean(text: str) -> str:
    """`text` on one line, with whatever cannot be seen (controls, bidi marks, lone halves) as `�`."""
    return "".join(_visible(sign) for sign in text)


def clean_lines(text: str) -> str:
    """`text` with its lines and tabs kept, and whatever else cannot be seen as `�`."""
    return "".join(sign if sign in "\n\t" else _visible(sign) for sign in text.replace("\r\n", "\n"))


def _visible(sign: str) -> str:
    if sign in "\n\t\r\u2028\u2029":
        return " "
    # Control, format (right-to-left overrides among them), surrogate, private, unassigned.
    return "�" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") else sign


def clip(text: str, limit: int) -> str:
    """`text` within `limit` signs; an ellipsis takes the last place where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def value_text(value: Any) -> str:
    """A value whole, on one line."""
    return clean(repr(value))


def short_value(value: Any, limit: int = 24) -> str:
    """A value in at most `limit` signs; cheap however large the value is."""
    if isinstance(value, str):
        return clip(clean(repr(value[: limit + 1])), limit)
    brief = reprlib.Repr()
    brief.fillvalue = "…"
    return clip(clean(brief.repr(value)), limit)


def error_text(error: Any) -> str:
    """A guest's own error: a case by its bare name, `input-too-large` or `input-too-large(101.0)`.

    A panic that the guest caught is its message and its place.
    """
    if isinstance(error, str):
        return clean(error)
    if (panic := Outcome("guest-error", error=error).caught_panic) is not None:
        return clean(str(panic))
    if isinstance(error, Mapping) and len(error) == 1:
        ((case, payload),) = error.items()
        return f"{clean(str(case))}({'' if payload is None else value_text(payload)})"
    return value_text(error)


def args_text(args: Sequence[Any]) -> str:
    """Arguments whole, separated by commas."""
    return ", ".join(value_text(arg) for arg in args)


def what(step: Step) -> str:
    """What a step did, in the words of the host: `process-input(10.0)`, `instantiate process-panic`."""
    if step.do == "instantiate":
        again = ", compiled again" if step.recompiled else ""
        return f"instantiate {clean(step.program)}{again}"
    return f"{clean(step.export or '?')}({args_text(step.args)})"


def cause_text(cause: Cause | None) -> str:
    """Why a guest was not entered, as a clause: `step 2 poisoned this store`."""
    match cause.kind if cause else "unknown":
        case "poisoned":
            where = (cause.scope if cause else None) or "store"
            by = f"step {cause.step}" if cause and cause.step else "an earlier step"
            return f"{by} poisoned this {where}"
        case "re-entrance":
            during = f"step {cause.step} was" if cause and cause.step else "another call was"
            return f"{during} still inside this guest"
        case "post-return":
            owing = f"step {cause.step}" if cause and cause.step else "an earlier step"
            return f"{owing} still owed its post-return"
        case "closed":
            return "the store was closed"
        case "limit":
            return "the store has no room for it"
        case "no-instance":
            return f"step {cause.step} made no instance" if cause and cause.step else "there is no instance"
        case "async-required":
            since = f" since step {cause.step}" if cause and cause.step else ""
            return f"the store wants asynchronous calls{since}"
        case "linked-twice":
            return "what it imports was linked twice"
        case "terminated":
            by = f"step {cause.step}" if cause and cause.step else "an earlier step"
            return f"{by} ended it, and its guard lets nobody in"
    return "the trace does not show why"


def why(outcome: Outcome | None) -> str:
    """What is behind an outcome, as a clause; empty where the outcome says it all."""
    if outcome is None:
        return "not run yet"
    match outcome.kind:
        case "returned" | "guest-error":
            return ""
        case "refused":
            return cause_text(outcome.cause)
        case "trapped":
            code = outcome.code or first_line(outcome.message) or "trap"
            return clean(f"{code}: {outcome.panic}" if outcome.panic else code)
        case "timed-out":
            return clean(outcome.code or first_line(outcome.message) or "")
        case "exited":
            return "the guest asked to exit"
        case "host-error":
            said = f": {first_line(outcome.message)}" if outcome.message else ""
            return clean(f"{outcome.raised or 'an exception'} in a host function{said}")
        case "aborted":
            return "the process died; nothing inside it can be trusted"


def first_line(text: str | None) -> str:
    """The first line of a longer text, empty for none."""
    return (text or "").strip().partition("\n")[0]


def answer(outcome: Outcome | None) -> str:
    """What came back, without the kind: a value, an error, a status, a signal; empty for none."""
    if outcome is None:
        return ""
    match outcome.kind:
        case "returned":
            return "" if outcome.value is None else value_text(outcome.value)
        case "guest-error":
            return "" if outcome.error is None else error_text(outcome.error)
        case "exited":
            return f"status {outcome.status}"
        case "aborted":
            return clean(outcome.signal or "")
    return ""


def number_text(value: float) -> str:
    """A number as somebody typed it: 10 for 10.0, and every digit where digits matter."""
    short = f"{value:g}"
    return short if float(short) == value or value != value else repr(value)


def counted(number: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
