"""The process in which things are measured: a guest that runs for ever, or a crash of the native path, ends it and
not the notebook.

The job comes as JSON on standard input; the last argument is the descriptor that the messages go to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from labkit.cost.crew import Crew
from labkit.cost.machine import this_machine
from labkit.cost.messages import Job, Message, line
from labkit.cost.results import Table
from labkit.cost.run import measure_table
from labkit.cost.stage import Stage
from labkit.errors import LabkitError
from labkit.runtimes.launch import die_with_parent


def main() -> None:
    """Measure what the job names, table by table."""
    die_with_parent()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    with os.fdopen(int(sys.argv[-1]), "wb", buffering=0) as up:

        def say(message: Message) -> None:
            up.write(line(message))

        say(Message(machine=this_machine()))
        try:
            _measure(job, say)
        except LabkitError as error:
            say(Message(failure=str(error)))


def _measure(job: Job, say: Callable[[Message], None]) -> None:
    shares = sum(plan.share for plan in job.plans)
    over = 0.0
    with Crew() as crew:
        # For all tables, because what is compiled once need not be compiled again.
        stage, again = (_stage(job, name, crew) for name in ("first", "again"))
        for plan in job.plans:
            share = plan.share / shares
            table = measure_table(
                *(plan, stage, again, job.seconds * share, partial(_tell, say, over, share)),
                on_made=lambda: say(Message()),
            )
            over += share
            say(Message(table=table, part=over))


def _tell(say: Callable[[Message], None], over: float, share: float, table: Table, part: float) -> None:
    say(Message(table=table, part=over + share * part))


def _stage(job: Job, name: str, crew: Crew) -> Stage:
    # A folder for each: what one of them has mapped, the other must not write.
    folder = Path.cwd() / name
    folder.mkdir(exist_ok=True)
    return Stage(job.programs, job.absent, folder, crew)


if __name__ == "__main__":
    main()
