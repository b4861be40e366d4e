"""What pictures of costs say, in a sentence each, computed from the data and never beyond the noise of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from labkit.cost.comparison import Comparison, percent
from labkit.cost.pool import PoolReport
from labkit.cost.results import Reading, Results, Row, Subject, Table, size_words
from labkit.cost.workloads import WORKLOADS, workload
from labkit.errors import LabkitError
from labkit.views.costs import duration, times

PHASES: Final = {
    "store": "make the store",
    "instantiate": "instantiate",
    "lookup": "find the export",
    "first-call": "call",
    "drop": "drop it all",
}
"""The phases of a call in a fresh store, in order, in words."""

CANNOT_TELL: Final = "no difference this run can tell"


def ns(time: float) -> str:
    """Nanoseconds in two figures and a unit."""
    return duration(time / 1000)


def compared(table: Table, subject: Subject, base: Subject) -> Comparison | None:
    """A comparison, if both were timed."""
    try:
        return table.compare(subject, base)
    except LabkitError:
        return None


def as_often(found: Comparison | None, base: str) -> str:
    """`14× a live call`, or that this run cannot tell them apart."""
    if found is None:
        return f"{base} was not timed"
    if found.verdict == "no-difference":
        return f"{CANNOT_TELL} from {base}"
    return f"{times(found.ratio)}× {base}" if found.ratio >= 1 else f"{times(1 / found.ratio)}× less than {base}"


def noise_note(results: Results, table: str) -> str:
    """Where and when it was measured, and how far the same thing timed twice differed."""
    one = results.table(table)
    why = one.problem or "The run was stopped."
    part = "" if one.complete else f" This table is not complete. {why}"
    return f"{one.noise.describe()}{part} {results.machine_of(table).describe()}; {results.began[:10]}."


def guests_of(table: Table) -> list[str]:
    """The guests that were timed, in the order of the workloads."""
    timed = {row.subject.guest for row in table if row.times}
    return [one.name for one in WORKLOADS if one.name in timed]


def title_of(guest: str) -> str:
    """A guest in a few words, as the beginning of a sentence."""
    title = workload(guest).title
    return title[0].upper() + title[1:]


def policies_reading(results: Results, guest: str) -> str:
    """What a fresh store costs beside a live call, and recompiling beside a fresh store."""
    table = results.table("policies")
    fresh, live = (Subject(what, guest, "native", "pooling") for what in ("fresh-store", "keep"))
    try:
        first = ns(table.times(fresh).median)
    except LabkitError:
        return f"{title_of(guest)}: nothing has been timed yet."
    said = f"{guest}: a fresh store costs {first}, {as_often(compared(table, fresh, live), 'a live call')}"
    recompile, paid = (Subject(what, guest, "python") for what in ("recompile", "fresh-store"))
    found = compared(table, recompile, paid)
    return said + (f"; recompiling in every call costs {as_often(found, 'a fresh store')}" if found else "") + "."


def floor_reading(results: Results, guest: str) -> str:
    """How far the native path is from a C program, if there was a compiler."""
    table = results.table("policies")
    ours, floor = Subject("keep", guest, "native"), Subject("keep", guest, "floor")
    found = compared(table, ours, floor)
    if found is None:
        row = next((row for row in table if row.subject == floor), None)
        return f"No C program beside it: {row.absent}" if row and row.absent else ""
    native, in_c = ns(table.times(ours).median), ns(table.times(floor).median)
    return f"A live call takes {in_c} in a C program and {native} by the same C functions from Python."


def phases_reading(results: Results) -> str:
    """What takes most of a fresh call, natively and from Python."""
    table = results.table("phases")
    parts = {reading: _largest(table, reading) for reading in ("native", "python")}
    if not all(parts.values()):
        return "Nothing has been timed yet."
    native, python = parts["native"], parts["python"]
    assert native is not None
    assert python is not None
    said = f"{native[2]}, a call in a fresh store: the longest part is “{PHASES[native[0]]}” natively"
    if python[0] == native[0]:
        return f"{said} ({percent(native[1])}) and from Python ({percent(python[1])})."
    return f"{said} ({percent(native[1])}), and “{PHASES[python[0]]}” from Python ({percent(python[1])})."


def _largest(table: Table, reading: Reading) -> tuple[str, float, str] | None:
    """Of the last guest with all phases: the longest phase, its share, and the guest."""
    for guest in reversed(guests_of(table)):
        took = {}
        for what in PHASES:
            rows = table.select(what=what, guest=guest, reading=reading)
            if rows and rows[0].times:
                took[what] = rows[0].times.median
        if len(took) == len(PHASES):
            worst = max(took, key=lambda what: took[what])
            return worst, took[worst] / sum(took.values()), guest
    return None


def python_reading(results: Results) -> str:
    """How much of a fresh call is Python's, for the guest with the most and the one with the least."""
    table = results.table("instantiation")
    shares = {}
    for guest in guests_of(table):
        native = table.select(guest=guest, reading="native", allocation="pooling")
        python = table.select(guest=guest, reading="python", allocation="pooling")
        if native and python and native[0].times and python[0].times:
            shares[guest] = 1 - native[0].times.median / python[0].times.median
    if not shares:
        return "Nothing has been timed yet."
    most, least = (pick(shares, key=lambda guest: shares[guest]) for pick in (max, min))
    said = f"Of a fresh call of {most} through wasmtime-py, {_share(shares[most])} is the way through Python"
    return f"{said}; of one of {least}, {_share(shares[least])}." if most != least else f"{said}."


def _share(part: float) -> str:
    return percent(max(part, 0.0))


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Start and slope of the straight line nearest to the points."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    return mean_y - slope * mean_x, slope


def crossover(rebuild: Sequence[tuple[float, float]], fresh: Sequence[tuple[float, float]]) -> float | None:
    """The share of calls that trap at which two ways cost the same; None if they do at no share from 0 to 1.

    Both are straight lines in the share, because a mean is: so many calls of one price, the rest of another.
    """
    (start, slope), (other_start, other_slope) = _line(rebuild), _line(fresh)
    if slope == other_slope:
        return None
    share = (other_start - start) / (slope - other_slope)
    return share if 0 < share < 1 else None


def extended(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The line through the points, from the last of them on to where every call traps."""
    start, slope = _line(points)
    last = points[-1][0]
    return (points[-1], (1.0, start + slope)) if last < 1 else ()


def traps_reading(results: Results, guest: str, reading: Reading) -> str:
    """From which share of traps on a fresh store for every call is cheaper than rebuilding."""
    table = results.table("traps")
    rebuild, fresh = (series(table.select(what=what, guest=guest, reading=reading)) for what in
                      ("rebuild-on-trap", "fresh-store"))  # fmt: skip
    if len(rebuild) < 2 or len(fresh) < 2:
        return "Nothing has been timed yet."
    (_, ours), (_, theirs) = rebuild[0], fresh[0]
    share, noise = crossover(rebuild, fresh), table.noise.floor_near(ours, theirs)
    said = f"{guest}: while nothing traps, rebuild-on-trap costs {ns(ours)} a call and a fresh store {ns(theirs)}"
    if abs(theirs / ours - 1) <= noise:
        return f"{said}: {CANNOT_TELL}."
    if share is None:
        return f"{said}; rebuilding stays cheaper however many calls trap."
    return f"{said}; they meet where {percent(share)} of the calls trap."


def touched_reading(results: Results) -> str:
    """What copy-on-write saves while little is touched, and what touching everything costs."""
    table = results.table("touched")
    rows = {(row.subject.copy_on_write, row.subject.at): row for row in table if _plain(row)}
    sizes = sorted({row.subject.at or 0.0 for row in table if row.times})
    if not sizes or (True, sizes[0]) not in rows or (False, sizes[0]) not in rows:
        return "Nothing has been timed yet."
    base, without = rows[True, sizes[0]].subject, rows[False, sizes[0]].subject
    said = f"Untouched, 8 MiB of data cost {ns(table.times(base).median)} with copy-on-write"
    found = compared(table, without, base)
    said += f" and {as_often(found, 'that')} without" if found else ""
    last = rows.get((True, sizes[-1]))
    if last is None or last.times is None:
        return f"{said}."
    pages = (sizes[-1] - sizes[0]) / 4096
    each = (last.times.median - table.times(base).median) / pages
    return f"{said}; every page of 4 KiB that is written to costs {ns(each)}."


def _plain(row: Row) -> bool:
    of = row.subject
    return bool(row.times) and of.reading == "native" and of.allocation == "on-demand" and not of.keep_resident


def reuse_reading(results: Results, guest: str) -> str:
    """After how many calls an instance has paid for itself, within a tenth of what the most use costs."""
    points = series(results.table("reuse").select(guest=guest, reading="native"))
    if len(points) < 2:
        return "Nothing has been timed yet."
    (_, once), (most, last) = points[0], points[-1]
    enough = next(count for count, took in points if took <= last * 1.25)
    said = f"{guest}: an instance used once costs {ns(once)} a call, one used {most:g} times {ns(last)}"
    return f"{said}; from {enough:g} on it is within a quarter of that." if enough < most else f"{said}."


def workers_reading(results: Results, guest: str) -> str:
    """What a second worker brings as a thread and as a process."""
    table = results.table("workers")
    parts = []
    for what in ("threads", "processes"):
        one, two = (Subject(what, guest, "native", "pooling", at=float(n)) for n in (1, 2))
        found = compared(table, two, one)
        if found is None:
            return "Nothing has been timed yet."
        if found.verdict == "no-difference":
            parts.append(f"with two {what} {CANNOT_TELL}")
        else:
            fewer, more = f"{times(found.ratio)}× fewer calls", f"{times(1 / found.ratio)}× as many calls"
            parts.append(f"with two {what} {more if found.ratio < 1 else fewer}")
    return f"{guest}, beside one worker: {'; '.join(parts)}."


def series(rows: Iterable[Row]) -> tuple[tuple[float, float], ...]:
    """The rows of one subject along the table's axis: (at, median in nanoseconds)."""
    return tuple((row.subject.at or 0.0, row.times.median) for row in rows if row.times)


def touched_label(size: float) -> str:
    """A number of bytes on an axis."""
    return "none" if not size else size_words(size)


def pool_reading(report: PoolReport) -> str:
    """From which size on the tail is gone, and what was in it."""
    if not report.costs:
        return "Nothing has been timed yet."
    first = report.costs[0]
    said = f"With one instance half of the calls take at most {ns(first.p50)}, and one in twenty {ns(first.p95)}"
    said += " or more"
    # The least that any pool has, with room for what is the machine's and not the pool's.
    enough = 1.5 * min(cost.p95 for cost in report.costs)
    calm = next(
        (n for n, cost in enumerate(report.costs) if all(later.p95 <= enough for later in report.costs[n:])), 0
    )
    if calm == 0:
        return f"{said}; a larger pool makes {CANNOT_TELL}."
    worst = max(cost.p95 for cost in report.costs[calm:])
    return f"{said}; from {report.costs[calm].size} instances on that is {ns(worst)} at most."
