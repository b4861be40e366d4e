"""What a run of the cost lab found: tables of times, each with the noise of its own measuring.

Everything is in nanoseconds, everything smaller is cheaper, and nothing here measures or draws. The JSON form is
versioned (`format`):

    Results                 one run on one machine, or as much of it as there was time for
    ├── machine             where, and with which versions
    ├── programs            what was called, by digest
    └── tables              one question each; only rows of the same table may be compared
        ├── rows            a subject, and its times, or why there are none
        └── noise           how far two measurements of the same subject lay apart: the A/A check
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from labkit.cost.comparison import Comparison, Noise
from labkit.decodable import decodable
from labkit.errors import ArgumentError, FormatError, unknown
from labkit.record.trace import ProgramRecord

FORMAT = 1

Reading = Literal["floor", "native", "python"]
"""Who calls the runtime: a C program (`floor`), Python by the C functions of the bundled library (`native`), or
Python through wasmtime-py's public interface (`python`).

The first two say what the runtime charges, once without Python and once with about 2 µs of it; the last says what
is paid from Python.
"""

Allocation = Literal["on-demand", "pooling"]


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a row times.

    `what`: the operation in a word, such as a reuse policy (`fresh-store`), a phase (`lookup`) or a way of
    compiling (`single-pass`). `guest`: the subject's name for the program, empty where there is none. `at`: where
    it lies on the table's axis. `allocation`, `copy_on_write` and `keep_resident` (bytes) are knobs of its engine.
    """

    what: str
    guest: str = ""
    reading: Reading = "native"
    allocation: Allocation = "on-demand"
    copy_on_write: bool = True
    keep_resident: int = 0
    at: float | None = None

    @property
    def engine(self) -> str:
        """Its engine in words: `pooling, 8 MiB kept resident`, `on-demand, no copy-on-write`."""
        knobs: list[str] = [self.allocation]
        if not self.copy_on_write:
            knobs.append("no copy-on-write")
        if self.keep_resident:
            knobs.append(f"{size_words(self.keep_resident)} kept resident")
        return ", ".join(knobs)

    def describe(self) -> str:
        """Everything that tells it from the others: `fresh-store of empty, pooling, native`."""
        of = f" of {self.guest}" if self.guest else ""
        at = "" if self.at is None else f" at {self.at:.12g}"
        return f"{self.what}{of}{at}, {self.engine}, {self.reading}"


class Times(msgspec.Struct, frozen=True, omit_defaults=True):
    """Nanoseconds per unit of the table: the median of `samples` timings, the quartiles, and the interval in which
    the median lies with 99 % confidence (`low` to `high`), as far as the timings are independent of each other.
    `parts`: the medians of up to 20 parts of the timings, in the order in which they were made.
    """

    samples: int
    median: float
    q1: float
    q3: float
    low: float
    high: float
    parts: tuple[float, ...] = ()


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """A subject with its times, or with the sentence that says why there are none."""

    subject: Subject
    times: Times | None = None
    absent: str = ""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows that were timed in turn. `per`: what a time is for (`call`, `compilation`); `axis`: what `at` counts,
    None for a table without one. `complete` is false while it is being measured, and when it was stopped; then
    `problem` says what ended it, unless somebody stopped the whole run. `machine`: where it was measured, if that
    was for a worker of its own to choose.
    """

    id: str
    title: str
    rows: tuple[Row, ...]
    noise: Noise
    per: str = "call"
    axis: str | None = None
    complete: bool = True
    machine: Machine | None = None
    problem: str = ""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def select(
        self,
        *,
        what: str | None = None,
        guest: str | None = None,
        reading: Reading | None = None,
        allocation: Allocation | None = None,
        at: float | None = None,
    ) -> tuple[Row, ...]:
        """The rows that were timed and whose subject has what is named here, in their order."""
        wanted = {"what": what, "guest": guest, "reading": reading, "allocation": allocation, "at": at}
        named = {name: value for name, value in wanted.items() if value is not None}
        return tuple(
            row
            for row in self.rows
            if row.times and all(getattr(row.subject, name) == value for name, value in named.items())
        )

    def times(self, subject: Subject) -> Times:
        """The times of a subject; raises `ArgumentError`, with the reason, where there are none."""
        for row in self.rows:
            if row.subject == subject:
                if row.times is None:
                    raise ArgumentError(f"{subject.describe()} was not timed: {row.absent}")
                return row.times
        raise ArgumentError(f"The table {self.id} has no row for {subject.describe()}.")

    def compare(self, subject: Subject, base: Subject) -> Comparison:
        """How much `subject` costs beside `base`, if this run can tell; raises `ArgumentError` as `times` does."""
        ours, theirs = self.times(subject), self.times(base)
        apart = ours.low > theirs.high or ours.high < theirs.low
        return Comparison(ours.median / theirs.median, self.noise.floor_near(ours.median, theirs.median), apart)


class Machine(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it was measured. `compiler`: the C compiler behind the floor, or why there is none. `load`: how many
    processes wanted a processor when the run began, beside how many `cpus` there are. `host`: its name, where
    there are several machines to tell apart; a file from one machine alone keeps that to itself.
    """

    system: str
    architecture: str
    processor: str
    cpus: int
    python: str
    wasmtime: str
    labkit: str
    compiler: str
    load: float
    host: str = ""

    def is_same(self, other: Machine) -> bool:
        """Whether figures from both may be compared; how busy they were is for the noise to say."""
        return msgspec.structs.replace(self, load=0.0) == msgspec.structs.replace(other, load=0.0)

    def describe(self) -> str:
        """One line for the foot of a table or a plot."""
        busy = f", load {self.load:.1f}" if self.load > self.cpus / 2 else ""
        name = f"{self.host}: " if self.host else ""
        where = f"{name}{self.processor} ({self.architecture}, {self.cpus} CPUs{busy}), {self.system}"
        return f"{where}, Python {self.python}, wasmtime {self.wasmtime}, labkit {self.labkit}"


@decodable
class Results(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run. `began`: when, in UTC (ISO 8601); `seconds`: how long it took; `machine`: where it was measured, or
    from where, if its tables name machines of their own; `programs` by the subjects' names for them; `problem`:
    what ended it early, or which tables were lost, in a sentence.
    """

    format: int
    began: str
    seconds: float
    machine: Machine
    programs: dict[str, ProgramRecord]
    tables: tuple[Table, ...]
    problem: str = ""

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def table(self, id: str) -> Table:  # noqa: A002 - the word of the file format
        """The table with this id; raises `UnknownNameError`."""
        for table in self.tables:
            if table.id == id:
                return table
        raise unknown("table", id, [table.id for table in self.tables])

    def machine_of(self, id: str) -> Machine:  # noqa: A002 - the word of the file format
        """Where that table was measured; raises `UnknownNameError`."""
        return self.table(id).machine or self.machine

    def to_json(self) -> str:
        """The results as JSON, indented for people."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()


def read_results(text: str | bytes) -> Results:
    """Results from their JSON; raises `FormatError`, in one sentence, for anything else."""
    try:
        version = msgspec.json.decode(text, type=_Versioned).format
        if version != FORMAT:
            raise FormatError(f"These results have format {version}; this labkit reads format {FORMAT}.")
        return msgspec.json.decode(text, type=Results)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(f"These are no results of labkit bench: {error}.") from None
    except RecursionError:
        raise FormatError("These are no results of labkit bench: they are nested too deeply.") from None


def size_words(size: float) -> str:
    """Bytes as `0`, `4 KiB` or `8 MiB`."""
    for unit, many in (("MiB", 2**20), ("KiB", 2**10)):
        if size >= many:
            return f"{size / many:g} {unit}"
    return f"{size:g}"


@decodable
class _Versioned(msgspec.Struct):
    format: int
