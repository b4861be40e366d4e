"""What runs in the child process.

`python -m labkit.runtimes.child once FD` reads a job from standard input, plays it and writes every record to the
file descriptor FD at once, so that whatever happens the parent knows how far it came. With `serve` in place of
`once` it forks a child for each job that is asked for on the socket FD.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

import msgspec

from labkit.errors import LabkitError
from labkit.host.program import Program
from labkit.host.versions import current
from labkit.record.trace import ProgramRecord, Step, StoreRecord
from labkit.reuse.play import play
from labkit.runtimes.launch import die_with_parent
from labkit.runtimes.messages import Failure, Job, Message, line, line_for
from labkit.runtimes.serve import serve


def main() -> None:
    """Do what the command line says, and leave."""
    how, fd = sys.argv[1:]
    if how == "serve":
        if current().runs_components:
            # What the first component would import.
            import labkit.host.component  # noqa: F401
        serve(int(fd), play_job)
    else:
        die_with_parent()
        play_job(int(fd))
    os._exit(0)


def play_job(out: int) -> None:
    """Play the job on standard input, tell `out` of it, and end this process."""
    # An abort is the expected end of some scenarios, and nobody reads its core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    _write(out, line(_play(job, out)))
    # What a runtime does when the interpreter shuts down is no part of the scenario.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _play(job: Job, out: int) -> Message:
    def load(name: str) -> Program:
        return job.programs[name]

    last = 0

    def tell(record: Step | ProgramRecord | StoreRecord) -> None:
        nonlocal last
        if isinstance(record, Step):
            last = record.n
        _write(out, line_for(record))

    watch = None
    if job.memories:
        # NumPy comes with it, which few children need.
        from labkit.runtimes.memories import Memories

        watch = Memories(lambda: last, lambda found: _write(out, line(Message(memory=found)))).look
    try:
        play(
            job.scenario,
            load,
            policy=job.policy,
            knobs=job.knobs,
            listener=tell,
            sheltered=True,
            kept=Path(job.kept) if job.kept else None,
            watch=watch,
        )
    except LabkitError as error:
        return Message(failure=Failure(type(error).__name__, str(error)))
    return Message(done=True)


def _write(out: int, data: bytes) -> None:
    while data:
        data = data[os.write(out, data) :]


if __name__ == "__main__":
    main()
