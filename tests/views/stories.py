"""Traces as data: a small engine's worth of bookkeeping, so that a story reads as a list of calls."""

from labkit.host.outcome import Cause, Frame, Outcome
from labkit.record.trace import ProgramRecord, Step, StoreRecord, Trace

PANIC = "panicked at src/lib.rs:12:9: input too large: 101"
TRAP_TEXT = (
    "error while executing at wasm backtrace:\n    0: 0x1a2b - process_panic.wasm!process-input\n\n"
    "Caused by:\n    wasm trap: wasm `unreachable` instruction executed"
)
PROGRAM = ProgramRecord(
    name="process-panic",
    kind="component",
    digest="ab12" * 16,
    size=23_456,
    how="compiled",
    toolchain="rustc 1.90.0",
)


def returned(value=None):
    return Outcome(kind="returned", value=value)


def trapped(panic=PANIC):
    frames = (Frame(func_index=3, func="process-input", module="process_panic.wasm", func_offset=18),)
    return Outcome(
        kind="trapped", code="unreachable", message=TRAP_TEXT, panic=panic, frames=frames, stderr=f"{panic}\n"
    )


def refused(step, scope="store"):
    message = "wasm trap: cannot enter component instance"
    return Outcome(kind="refused", message=message, cause=Cause(kind="poisoned", step=step, scope=scope))


class Story:
    """Collects steps; stores and instances are numbered as a trace numbers them."""

    def __init__(self, runtime="50.0.1", program="process-panic"):
        self.runtime, self.program, self.steps, self.closed, self.instances = runtime, program, [], {}, {}

    def new(self, store, program=None, outcome=None, **more):
        self.instances[store] = sum(step.do == "instantiate" for step in self.steps) + 1
        return self._add("instantiate", store, program or self.program, outcome or returned(), **more)

    def call(self, store, outcome, *args, export="process-input", **more):
        return self._add("call", store, self.program, outcome, export=export, args=args, **more)

    def close(self, store):
        self.closed[store] = len(self.steps)
        return self

    def trace(self, **more):
        ids = sorted({step.store for step in self.steps})
        stores = tuple(StoreRecord(i, self.closed.get(i)) for i in ids)
        return Trace(
            format=1, runtime=self.runtime, programs=(PROGRAM,), stores=stores, steps=tuple(self.steps), **more
        )

    def _add(self, do, store, program, outcome, **more):
        n = len(self.steps) + 1
        us = more.pop("us", 20.0)
        instance = more.pop("instance", self.instances.get(store))
        self.steps.append(Step(n, do, store, program, instance, outcome=outcome, us=us, **more))
        return self


def three():
    return Story().new(1).call(1, trapped(), 101.0).call(1, refused(2), 10.0).trace()


def seven():
    story = Story().new(1).call(1, trapped(), 101.0).call(1, refused(2), 10.0).new(1).call(1, refused(2), 10.0)
    return story.new(2).call(2, returned(20.0), 10.0).trace()


def guest_errors():
    error = {"input-too-large": 101.0}
    story = Story(program="process-result").new(1).call(1, returned(20.0), 10.0)
    story.call(1, Outcome(kind="guest-error", error=error), 101.0)
    return story.call(1, returned(20.0), 10.0).trace()


def fresh_store(inputs=(10.0, 101.0, 10.0, 10.0, 101.0, 10.0, 7.5, 1.0)):
    story = Story()
    for store, value in enumerate(inputs, start=1):
        story.new(store, runner=1)
        story.call(store, trapped() if value > 100 else returned(2 * value), value, runner=1).close(store)
    return story.trace(policy="fresh-store")


def rebuild():
    story = Story().new(1).call(1, returned(20.0), 10.0).call(1, trapped(), 101.0).close(1)
    story.new(2).call(2, returned(20.0), 10.0).call(2, returned(20.0), 10.0)
    return story.call(2, returned(2), export="calls").trace(policy="rebuild-on-trap")


def sixty():
    story = Story().new(1)
    for i in range(58):
        story.call(1, trapped() if i == 40 else refused(42) if i > 40 else returned(2.5 * i), 1.25 * i)
    return story.new(2).trace()


def many_lanes():
    story = Story()
    for store in range(1, 11):
        story.new(store)
        story.call(store, trapped() if store % 3 == 0 else returned(20.0), 101.0 if store % 3 == 0 else 10.0)
    return story.trace()


def hostile():
    nasty = "<script>alert(1)</script>&\"'$x^2$\x00\x1b[31m\u202e" + "A" * 200
    story = Story(program=nasty).new(1)
    story.call(1, Outcome(kind="guest-error", error=nasty), nasty, caller=nasty)
    story.call(
        1, Outcome(kind="host-error", raised=nasty, message=nasty, panic=nasty, stdout=nasty), nasty, export=nasty
    )
    return story.trace()


def every_kind():
    story = Story().new(1).call(1, returned(20.0), 10.0)
    story.call(1, Outcome(kind="guest-error", error="input-too-large"), 101.0).call(1, trapped(), 101.0)
    story.call(1, refused(4), 10.0)
    story.new(2).call(2, Outcome(kind="exited", status=3), 1.0)
    story.new(3).call(3, Outcome(kind="host-error", raised="ValueError", message="no such row"), 1.0)
    story.new(4).call(4, Outcome(kind="timed-out", code="interrupt", message="wasm trap: interrupt"), 1.0)
    story.new(5).call(5, Outcome(kind="aborted", signal="SIGABRT", message="double free"), 1.0)
    return story.trace()


def run(policy, inputs, export="process-input"):
    """A small model of the runtime and three of its policies: enough bookkeeping to drive a widget."""
    story, store, state, poisoned = Story(), 0, 0, None
    for value in (*inputs, None):
        if not store or policy == "fresh-store" or (policy == "rebuild-on-trap" and poisoned):
            if store:
                story.close(store)
            store, state, poisoned = store + 1, 0, None
            story.new(store, runner=1, us=60.0)
        if value is None:
            story.call(store, refused(poisoned) if poisoned else returned(state), export="calls", runner=1)
        elif poisoned:
            story.call(store, refused(poisoned), value, export=export, runner=1, us=12.0)
        elif value > 100:
            poisoned = len(story.steps) + 1
            story.call(store, trapped(), value, export=export, runner=1, us=70.0)
        else:
            state += 1
            story.call(store, returned(2 * value), value, export=export, runner=1, us=18.0)
    return story.trace(policy=policy)
