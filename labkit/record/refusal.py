"""Why a guest was not entered: the cause that the host read from the store's history, in words."""

from __future__ import annotations

from typing import Final

from labkit.host.outcome import Outcome
from labkit.host.versions import Release
from labkit.record.commands import exited, stopped_by_guard
from labkit.record.explained import ISSUE_ASYNC, ISSUE_POISON, SPEC_LOCKDOWN, Explanation
from labkit.record.history import instantiation_of, is_component
from labkit.record.trace import Step, Trace

_AFTER_TRAP: Final = "After a trap a guest's state is undefined, so the runtime does not let it be entered again."
_AFTER_EXIT: Final = (
    "An exit stops a guest in the middle, whatever its status: for the runtime that is a trap, and it does not "
    "let the guest be entered again."
)


def explain_refusal(trace: Trace, step: Step, outcome: Outcome) -> Explanation:
    """Why `step`, whose `outcome` is `refused`, was not let in."""
    cause = outcome.cause
    kind = cause.kind if cause else "unknown"
    blamed = cause.step if cause else None
    if kind == "poisoned" and blamed is not None:
        return _refused_by_poison(trace, step, trace.step(blamed) if blamed > trace.dropped else None, blamed)
    if kind == "re-entrance" and blamed is not None and blamed > trace.dropped and trace.step(blamed).awaited:
        return Explanation(
            f"Step {step.n} was refused because step {blamed} was still inside store {step.store}: that one is "
            "awaited, and while a guest waits for the host nobody else enters its store.",
            advice="Return to the guest first, await that step, and make the second call afterwards.",
        )
    if kind == "re-entrance":
        return Explanation(
            f"Step {step.n} was refused because step {blamed} was still inside store {step.store}: a host "
            "function called back into the component that had called it, which "
            f"Wasmtime {_major(trace)} does not allow.",
            advice="Return to the guest first and make the second call afterwards.",
        )
    if kind == "post-return":
        return Explanation(
            f"Step {step.n} was refused because `post_return` had not been called after step {blamed}; "
            "Wasmtime 39 to 41 want it after every call, later releases do it themselves.",
            advice="Call `post_return` after reading the result.",
        )
    if kind == "closed":
        return Explanation(
            f"Step {step.n} was refused because store {step.store} had been closed, and its instances with it.",
            advice="Open another store.",
        )
    if kind == "limit":
        return Explanation(
            f"Step {step.n} was refused because store {step.store} has no room for another {step.program}: "
            f"{outcome.message}.",
            advice="Raise the limit, or open another store.",
        )
    if kind == "async-required":
        return _refused_for_async(step, blamed)
    if kind == "linked-twice":
        return Explanation(
            f"Step {step.n} was refused because what {step.program} imports was linked twice: the synchronous "
            "WASI and the asynchronous one define the same names.",
            because=("It is the linker that says so, before any guest is entered: nothing is poisoned.",),
            advice="Link the synchronous one, and make calls that wait through it in a thread.",
            sources=(ISSUE_ASYNC,),
        )
    if kind == "terminated":
        return _refused_by_guard(trace, step, blamed)
    if kind == "no-instance":
        return Explanation(
            f"Step {step.n} was refused because step {blamed} failed to instantiate {step.program}: "
            "there is nothing to call.",
            advice=f"See step {blamed} for the reason.",
        )
    return Explanation(
        f"Step {step.n} was refused with “{outcome.message}”, and nothing in this trace accounts for it.",
        advice="Look at what happened in this store before the recording began.",
    )


def _refused_by_guard(trace: Trace, step: Step, blamed: int | None) -> Explanation:
    culprit = trace.step(blamed) if blamed is not None and blamed > trace.dropped else None
    what = f" ({_what_poisoned(culprit)})" if culprit else ""
    by_itself = "would refuse the call too" if is_component(trace, step) else "would let the call in"
    return Explanation(
        f"Step {step.n} was refused because step {blamed}{what} ended instance {step.instance}, and its guard "
        "lets nobody in any more.",
        because=(f"Nothing was entered. Wasmtime {_major(trace)} by itself {by_itself}.",),
        advice="`schedule_reinit()` has the next call begin in a new store, without the state of this one.",
    )


def _refused_for_async(step: Step, blamed: int | None) -> Explanation:
    if blamed is None:
        why = "its guests yield to the host, the export is an async function, or the engine is made for async"
        advice = "Stop guests by a deadline instead of yielding, or call them asynchronously."
    else:
        when = "this very step" if blamed == step.n else f"step {blamed}"
        why = f"{when} linked an asynchronous host function into it"
        advice = "Link a synchronous host function in a new store, or instantiate and call asynchronously."
    return Explanation(
        f"Step {step.n} was refused because store {step.store} wants asynchronous calls: {why}.",
        because=(
            "Since Wasmtime 42 that rule belongs to the store: it holds for every guest, whatever it imports.",
            "No guest was entered, so nothing is poisoned. Up to Wasmtime 41 the same mistake aborts the process.",
        ),
        advice=advice,
        sources=(ISSUE_ASYNC,),
    )


def _refused_by_poison(trace: Trace, step: Step, culprit: Step | None, blamed: int) -> Explanation:
    what = _what_poisoned(culprit) if culprit else "a trap"
    store = step.store
    if Release(trace.runtime).poison_scope == "store":
        scope = "since Wasmtime 42 that holds for every component in the store"
        advice = "Drop the store, make a new one, and the instance in it."
    else:
        scope = f"up to Wasmtime 41 that holds for this instance only, not for the others in store {store}"
        advice = "Make a new instance; on Wasmtime 42 and later it takes a new store."
    because = []
    end = "exit" if exited(culprit) else "trap"
    run = stopped_by_guard(trace, culprit) if culprit else None
    if run is not None:
        because.append(f"Step {blamed} ran a command that step {run.n} had run already: that was the mistake.")
    made = instantiation_of(trace, step)
    if made is not None and made.n > blamed:
        because.append(
            f"Instance {step.instance} was made in step {made.n}, after the {end}: a new instance does not help "
            "in the same store."
        )
    elif culprit is not None and culprit.instance != step.instance:
        did = "exited" if end == "exit" else "trapped"
        because.append(f"Instance {step.instance} itself never {did}; it shares the store with one that did.")
    because.append(_AFTER_EXIT if end == "exit" else _AFTER_TRAP)
    owner = f"store {store}" if Release(trace.runtime).poison_scope == "store" else f"instance {step.instance}"
    return Explanation(
        f"Step {step.n} was refused because step {blamed} ({what}) poisoned {owner}; {scope}.",
        because=tuple(because),
        advice=advice,
        sources=(ISSUE_POISON, SPEC_LOCKDOWN),
    )


def _what_poisoned(culprit: Step) -> str:
    outcome = culprit.outcome
    assert outcome is not None
    match outcome.kind:
        case "exited":
            what = f"exit status {outcome.status}"
        case "host-error":
            what = f"{outcome.raised} in a host function"
        case "timed-out":
            what = "stopped by the host"
        case _:
            what = f"`{outcome.code or outcome.message}`"
    return f"{what} in {culprit.program}"


def _major(trace: Trace) -> int:
    return Release(trace.runtime).major
