"""Where everything on a timeline goes: pure geometry in points, decided before anything is drawn.

Labels are measured. Where they do not fit they are shortened for the whole lane, then staggered above and
below the marks, then left out; two labels never overlap, and the same trace always gets the same layout.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from labkit.record.trace import Step, Trace
from labkit.views.canvas import SMALL, WIDTH, fit, text_width
from labkit.views.reach import lockouts
from labkit.views.words import clean, clip, error_text, short_value

LEFT: Final = 70.0
RIGHT: Final = WIDTH - 12.0
_WIDEST_PITCH: Final = 88.0
_GAP: Final = 5.0
_ROOMY: Final = 5
"""Up to this many lanes there is a second row of labels below the marks."""

Row = Literal["above", "middle", "below"]
Tone = Literal["ink", "muted", "poisoned"]


@dataclass(frozen=True)
class Label:
    """A line of text centred on `x`; `row` is its place in the lane, `n` the step it belongs to."""

    x: float
    row: Row
    text: str
    tone: Tone
    n: int | None = None

    @property
    def span(self) -> tuple[float, float]:
        """From where to where it reaches, in points."""
        half = text_width(self.text, SMALL) / 2
        return self.x - half, self.x + half


@dataclass
class Lane:
    """A store on the picture; `left` to `right` is its life, tinted from `tint` on if it was poisoned."""

    store: int
    steps: tuple[Step, ...]
    left: float
    right: float
    poisoned: int | None
    tint: float
    closed: bool
    labels: list[Label] = field(default_factory=list)

    def add(self, x: float, text: str, tone: Tone, rows: tuple[Row, ...], n: int | None = None) -> bool:
        """Put a label near `x` in the first of `rows` where it overlaps no other; says whether it did."""
        half = text_width(text, SMALL) / 2
        if not text or 2 * half > RIGHT - LEFT:
            return False
        # Inside the store's own life where it fits, so that no label runs across the end of a lane.
        inside = self.left < x < self.right and 2 * half + 5 <= self.right - self.left
        low, high = (self.left + 2, self.right - 3) if inside else (LEFT, RIGHT)
        x = min(max(x, low + half), high - half)
        for row in rows:
            taken = [label.span for label in self.labels if label.row == row]
            if all(x + half + _GAP <= left or right + _GAP <= x - half for left, right in taken):
                self.labels.append(Label(x, row, text, tone, n))
                return True
        return False


@dataclass(frozen=True)
class Layout:
    """The lanes of a timeline from top to bottom, the steps shown, and `hidden`: those that are not."""

    lanes: tuple[Lane, ...]
    steps: tuple[Step, ...]
    selected: int | None
    xs: dict[int, float]
    pitch: float
    roomy: bool
    hidden: str


def lay_out(trace: Trace, last: int, selected: int | None) -> Layout:
    """The layout of the last `last` steps, or of as many that end with `selected` if it came earlier."""
    steps, hidden = window(trace, last, selected)
    pitch = min(_WIDEST_PITCH, (RIGHT - LEFT) / max(len(steps), 1))
    xs = {step.n: LEFT + pitch * (i + 0.5) for i, step in enumerate(steps)}
    numbers = [step.n for step in steps]
    poison = lockouts(trace)
    end = trace.steps[-1].n if trace.steps else 0
    # Closing after the last step is the end of the run, not part of its story.
    closed = {
        record.id: record.closed_after
        for record in trace.stores
        if record.closed_after is not None and record.closed_after < end
    }
    first_seen: dict[int, int] = {}
    for step in trace:
        first_seen.setdefault(step.store, step.n)
    lanes = []
    for store in sorted({step.store for step in steps}):
        own = tuple(step for step in steps if step.store == store)
        born = xs.get(first_seen[store])
        left = LEFT if born is None else born - pitch / 2
        right = RIGHT
        if store in closed:
            right = max(left, LEFT + pitch * bisect_right(numbers, closed[store]))
        since = poison.get(store)
        if since is not None and numbers and since > numbers[-1]:
            since = None
        tint = right if since is None else min(max(left, xs.get(since, LEFT)), right)
        lanes.append(Lane(store, own, left, right, since, tint, store in closed and right < RIGHT))
    layout = Layout(tuple(lanes), steps, selected, xs, pitch, len(lanes) <= _ROOMY, hidden)
    for lane in lanes:
        _place_note(lane, layout, late=False)
        _place_calls(lane, layout, _main_export(trace))
        _place_note(lane, layout, late=True)
    _place_names(trace, layout)
    return layout


def window(trace: Trace, last: int, selected: int | None) -> tuple[tuple[Step, ...], str]:
    """The last `last` steps, or as many that end with `selected` if it came earlier; and which are missing."""
    if last < 1:
        raise ValueError(f"a timeline shows at least one step, not {last}")
    end = len(trace.steps)
    start = max(0, end - last)
    found = None if selected is None else trace.position(selected)
    at = end - 1 if found is None else found
    if at < start:
        start, end = max(0, at + 1 - last), max(at + 1, last)
    parts = []
    if start or trace.dropped:
        parts.append((1, trace.steps[start].n - 1))
    if end < len(trace.steps):
        parts.append((trace.steps[end].n, trace.steps[-1].n))
    spans = [f"{a}–{b}" if a < b else f"{a}" for a, b in parts]
    several = len(spans) > 1 or any(a < b for a, b in parts)
    hidden = f"{'steps' if several else 'step'} {' and '.join(spans)} not shown" if spans else ""
    return trace.steps[start:end], hidden


def _main_export(trace: Trace) -> str | None:
    """The export called most (the earliest of equals): its name need not stand at every call."""
    counts = Counter(step.export for step in trace if step.do == "call")
    return max(counts, key=lambda name: counts[name]) if counts else None


def call_labels(step: Step, main: str | None) -> tuple[str, ...]:
    """What can stand at a call, from long to short: `10.0 → 20.0`, `10.0`, and a few signs of it."""
    if len(step.args) == 1:
        args = short_value(step.args[0], 18)
    else:
        args = clip(", ".join(short_value(arg, 14) for arg in step.args[:8]), 24)
    if step.export != main or not args:
        args = f"{clip(clean(step.export or '?'), 20)}({args})"
    who = f"{clip(clean(step.caller), 10)}: " if step.caller and len(step.caller) <= 10 else ""
    outcome = step.outcome
    came = ""
    if outcome and outcome.kind == "returned" and outcome.value is not None:
        came = f" → {short_value(outcome.value, 18)}"
    elif outcome and outcome.kind == "guest-error":
        came = f" → {clip(error_text(outcome.error), 24)}"
    return (f"{who}{args}{came}", f"{args}{came}", args, clip(args, 6))


def _place_note(lane: Lane, layout: Layout, *, late: bool) -> None:
    """What became of the store: early where it has room of its own, late where it must not push calls away."""
    if lane.poisoned is not None:
        word, end = ("by", ", closed") if lane.closed else ("since", "")
        text = f"poisoned {word} step {lane.poisoned}{end}"
        if any(step.n == lane.poisoned and _kind(step) == "aborted" for step in lane.steps):
            text = f"gone with the process in step {lane.poisoned}"
    elif lane.closed:
        text = "closed"
    else:
        return
    tone: Tone = "muted" if lane.poisoned is None else "poisoned"
    width = text_width(text, SMALL)
    free = max([lane.right if lane.closed else lane.left, *(layout.xs[step.n] + 10 for step in lane.steps)])
    beside = free + width + 8 <= RIGHT
    row: Row = "below" if layout.roomy else "middle" if beside else "above"
    if lane.closed and beside:
        row = "middle"
    if late == (row == "above"):
        right = free + 8 + width if lane.closed and beside else lane.right - 6
        lane.add(right - width / 2, text, tone, (row,))


def _rows(layout: Layout) -> tuple[Row, ...]:
    return ("above", "below") if layout.roomy else ("above",)


def _place_calls(lane: Lane, layout: Layout, main: str | None) -> None:
    calls = [step for step in lane.steps if step.do == "call"]
    notes = list(lane.labels)
    texts = {step.n: call_labels(step, main) for step in calls}
    for level in range(len(call_labels(calls[0], main)) if calls else 0):
        lane.labels = list(notes)
        if all(lane.add(layout.xs[n], own[level], "ink", _rows(layout), n) for n, own in texts.items()):
            return
    lane.labels = list(notes)
    before: Step | None = None
    for step in calls:
        if step.n == layout.selected or before is None or _kind(step) != _kind(before):
            own = texts[step.n]
            lane.add(layout.xs[step.n], own[-1], "ink", _rows(layout), step.n)
        before = step


def _kind(step: Step) -> str | None:
    return step.outcome.kind if step.outcome else None


def _place_names(trace: Trace, layout: Layout) -> None:
    """Program names at all instantiations if they all fit, otherwise only where the program changes.

    With a single program the legend names it, so then either all places have it or none.
    """
    made = [step for step in trace if step.do == "instantiate"]
    before = {step.n: earlier.program for earlier, step in pairwise(made)}
    kept = [list(lane.labels) for lane in layout.lanes]
    for everywhere in (True, False):
        fitted = True
        for lane, labels in zip(layout.lanes, kept, strict=True):
            lane.labels = list(labels)
            for step in (step for step in lane.steps if step.do == "instantiate"):
                name = clean(step.program)
                if everywhere:
                    fitted &= lane.add(layout.xs[step.n], clip(name, 28), "muted", _rows(layout), step.n)
                elif len(set(before.values())) > 1 and before.get(step.n) != step.program:
                    short = fit(name, SMALL, max(layout.pitch * 1.5, 48))
                    lane.add(layout.xs[step.n], short, "muted", _rows(layout), step.n)
        if fitted:
            return
