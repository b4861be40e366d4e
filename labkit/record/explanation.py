"""Why a step went as it did, from the history and the release, never from the words of a message."""

from __future__ import annotations

import re
from typing import Final

from labkit.demangle import demangle
from labkit.host.outcome import Outcome
from labkit.host.versions import Release
from labkit.record.commands import ISSUE_RUN_TWICE, stopped_by_guard
from labkit.record.explained import ISSUE_POISON, ISSUE_START, SPEC_LOCKDOWN, Explanation
from labkit.record.history import is_component, out_of_memory, poisoned_since
from labkit.record.refusal import explain_refusal
from labkit.record.trace import Step, Trace

BLOCKED = "cannot-block-sync-task"
"""The trap code of a guest that waits where only an async function may (since Wasmtime 45)."""

_MACHINERY: Final = re.compile(r"<*(std|core|alloc|__rustc|panic_abort|panic_unwind)::|_*rust_\w+$|abort$")
"""Functions that are not the guest's own: Rust's standard library, and what a panic goes through to the end."""


def explain(trace: Trace, n: int) -> Explanation:
    """The explanation of step `n`; raises `LabkitError` if the trace has no such step."""
    step = trace.step(n)
    outcome = step.outcome
    if outcome is None:
        return Explanation(f"Step {n} has not ended.")
    match outcome.kind:
        case "returned":
            return _returned(trace, step, outcome)
        case "guest-error":
            return _guest_error(step, outcome)
        case "trapped":
            return _trapped(trace, step, outcome)
        case "refused":
            return explain_refusal(trace, step, outcome)
        case "exited":
            return _exited(trace, step, outcome)
        case "host-error":
            return _host_error(trace, step, outcome)
        case "timed-out":
            return _timed_out(trace, step, outcome)
        case "aborted":
            return Explanation(
                f"Step {n} took the whole process down with {outcome.signal}: "
                f"{outcome.message or 'no last words'}.",
                advice="Run what can abort in a child process.",
            )


def _returned(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    if step.do == "call":
        said = f" {outcome.value!r}" if outcome.value is not None else ""
        poisoned = poisoned_since(trace).get(step.store)
        if poisoned is not None and poisoned < step.n:
            return Explanation(
                f"Step {step.n} returned{said} although step {poisoned} trapped in store {step.store}: "
                f"{step.program} is a core module, and Wasmtime lets a core instance be called after a trap.",
                because=("What the trap interrupted may stay half done in its memory.",),
                advice="Treat its state as undefined, and make a new store as you would for a component.",
            )
        return Explanation(f"Step {step.n} returned{said}: {step.program} answered as it should.")
    poisoned = poisoned_since(trace).get(step.store)
    if poisoned is None or poisoned > step.n or not is_component(trace, step):
        work = "compiled the program anew and made" if step.recompiled else "made"
        return Explanation(
            f"Step {step.n} {work} instance {step.instance} of {step.program} in store {step.store}."
        )
    return Explanation(
        f"Step {step.n} made instance {step.instance} in store {step.store}, which step {poisoned} had poisoned: "
        "instantiating succeeds and hides the mistake, the first call will be refused.",
        advice="Make a new store, and the instance in it.",
        sources=(ISSUE_POISON,),
    )


def _guest_error(step: Step, outcome: Outcome) -> Explanation:
    if (panic := outcome.caught_panic) is not None:
        return Explanation(
            f"Step {step.n} panicked at {panic.place} and answered with that: “{panic.message}” is an ordinary "
            "value.",
            because=(
                "The guest unwound its stack and caught the panic where the host had called in: destructors ran.",
                f"Instance {step.instance} goes on, and what the panic left half written in plain data stays so.",
            ),
        )
    said = f" {outcome.error!r}" if outcome.error is not None else ""
    return Explanation(
        f"Step {step.n} answered with the guest's own error{said}: an ordinary value, no trap.",
        because=(f"Instance {step.instance} and store {step.store} stay as usable as before.",),
    )


def _trapped(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    if out_of_memory(step):
        return _out_of_memory(trace, step, outcome)
    first = stopped_by_guard(trace, step)
    if first is not None:
        return _run_again(trace, step, outcome, first)
    where = f" in {_innermost(outcome)}" if outcome.frames else ""
    code = f"`{outcome.code}`" if outcome.code else f"“{outcome.message}”"
    because = []
    if outcome.code == BLOCKED:
        because.append(_why_blocked(step))
    if outcome.panic:
        because.append(f"The guest's last words: {outcome.panic}")
    if outcome.panic and outcome.code == "unreachable":
        because.append(_how_it_trapped(outcome.panic))
    because += _left_behind(step)
    because.append(_reach(trace, step))
    return Explanation(
        f"Step {step.n} trapped with {code}{where} of {step.program}{_while_starting(step)}.",
        because=tuple(because),
        advice=_instead_of_blocking(step) if outcome.code == BLOCKED else _after_trap(trace, step),
        sources=(ISSUE_START,) if outcome.code == BLOCKED else (ISSUE_POISON, SPEC_LOCKDOWN),
    )


def _out_of_memory(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    use = outcome.memory
    grown = "" if use is None or use.size is None else f", of which it had {_mib(use.size)}"
    allowed = "memory" if use is None else f"its {_mib(use.limit)}"
    return Explanation(
        f"Step {step.n} trapped because {step.program} ran out of {allowed}{grown} when it asked for more.",
        because=(
            "The backtrace goes through the allocator's error handler; the trap is a plain `unreachable`.",
            "Such an error is no panic: nothing is unwound, no destructor runs, no panic hook is called.",
            _reach(trace, step),
        ),
        advice=f"{_after_trap(trace, step)} Ask with `try_reserve` where a guest can do without.",
    )


def _mib(size: int) -> str:
    """`32 MiB`, `31.9 MiB`."""
    return f"{size / 2**20:.1f}".removesuffix(".0") + " MiB"


def _how_it_trapped(last_words: str) -> str:
    if last_words.startswith("raised at "):
        return (
            "An exception that no Python code catches reaches the Rust around the interpreter, which panics: "
            "`unreachable`. Raised as `Err(…)` it would be an answer."
        )
    return "A Rust panic compiled with panic=abort ends in the `unreachable` instruction."


def _while_starting(step: Step) -> str:
    return " while its start function ran, so there is no instance" if step.do == "instantiate" else ""


def _left_behind(step: Step) -> list[str]:
    """What an instance that never came to be leaves to those that gave it something."""
    givers = ", ".join(f"instance {number}" for number in step.given.values())
    if not givers:
        return []
    return [f"What it has done to {givers} until then stays done: instantiating is no transaction."]


def _why_blocked(step: Step) -> str:
    if step.do == "instantiate":
        return (
            "A start function runs within the instantiation, which is no task that could be suspended meanwhile."
        )
    return "A plain export is a synchronous task and may not wait before it returns, however the host calls it."


def _instead_of_blocking(step: Step) -> str:
    if step.do == "instantiate":
        return (
            "Let the start function note at most what is to be done; export the work as an async function and "
            "await it once there is an instance."
        )
    return "Export it as an async function, and await it in a new store."


def _run_again(trace: Trace, step: Step, outcome: Outcome, first: Step) -> Explanation:
    where = f"in {_innermost(outcome)}, " if outcome.frames else ""
    return Explanation(
        f"Step {step.n} trapped with `unreachable` because step {first.n} had run this command already: "
        "an instance of a command runs once.",
        because=(
            f"It stopped {where}before it had called or written anything.",
            "So does the start-up code of wasi-libc: the first run sets a flag, and where it is set, the next one "
            "reaches `unreachable` on purpose.",
            _reach(trace, step),
        ),
        advice="Compile once, and give every run a store and an instance of its own; a guest for many calls "
        "exports functions of its own instead of `run`.",
        sources=(ISSUE_RUN_TWICE, ISSUE_POISON),
    )


def _exited(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    return Explanation(
        f"Step {step.n} ended because {step.program} exited with status {outcome.status}.",
        because=("For the runtime an exit is a trap, whatever the status.", _reach(trace, step)),
        advice=_after_trap(trace, step),
    )


def _host_error(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    call = next((c.name for c in reversed(step.host_calls) if c.raised), None)
    source = f"host function {call}" if call else "the host"
    message = f": {outcome.message}" if outcome.message else ""
    starting = step.do == "instantiate"
    when, so = (" while its start function ran,", "; there is no instance") if starting else ("", "")
    return Explanation(
        f"Step {step.n} stopped{when} because {source} raised {outcome.raised}{message}{so}.",
        because=(
            "An exception in a host function unwinds the guest, which is a trap like any other.",
            *_left_behind(step),
            _reach(trace, step),
        ),
        advice="Catch the exception in the host function and hand the guest an error value. "
        + _after_trap(trace, step),
    )


def _timed_out(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    if outcome.code == "cancelled":
        return Explanation(
            f"Step {step.n} was cancelled: whoever awaited it stopped waiting.",
            because=("The runtime unwinds the guest's stack, in the middle of what it did.", _reach(trace, step)),
            advice=_after_trap(trace, step),
        )
    why = "somebody interrupted it" if outcome.message == "interrupted" else str(outcome.message)
    return Explanation(
        f"Step {step.n} was stopped by the host: {why}.",
        because=("The runtime stops a guest with the trap `interrupt`.", _reach(trace, step)),
        advice=_after_trap(trace, step),
    )


def _reach(trace: Trace, step: Step) -> str:
    """How far the failure of `step` reaches."""
    since = poisoned_since(trace).get(step.store)
    if since is not None and since < step.n:
        return f"Store {step.store} had been poisoned before, by step {since}."
    if Release(trace.runtime).poison_scope == "instance":
        return f"Instance {step.instance} is poisoned from here on; others in store {step.store} are not."
    if is_component(trace, step):
        return f"Store {step.store} is poisoned from here on: no component in it can be called any more."
    return (
        f"Store {step.store} is poisoned for components from here on; the core instance can still be called, "
        "with whatever the trap left in its memory."
    )


def _after_trap(trace: Trace, step: Step) -> str:
    dropped = any(store.id == step.store and store.closed_after == step.n for store in trace.stores)
    # Every store is closed at the end; only where something follows was it a choice.
    if dropped and trace.steps[-1].n > step.n:
        return f"The host dropped store {step.store} right after this step, which is the remedy."
    if Release(trace.runtime).poison_scope == "store":
        return f"Drop store {step.store} and go on in a new one."
    return f"Drop instance {step.instance} and make a new one."


def _innermost(outcome: Outcome) -> str:
    """The function that trapped, past the panic machinery that every Rust panic ends in."""
    names = [demangle(frame.func) for frame in outcome.frames if frame.func]
    own = [name for name in names if not _MACHINERY.match(name)]
    return f"`{(own or names or [f'function {outcome.frames[0].func_index}'])[0]}`"
