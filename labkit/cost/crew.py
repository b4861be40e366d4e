"""Processes that make calls when they are told to, for measuring several of them at once."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import msgspec

from labkit.cost.results import Reading
from labkit.errors import ChildError


class Task(msgspec.Struct, frozen=True):
    """So many calls of a workload, each in a fresh store; `file` is its program."""

    workload: str
    file: str
    reading: Reading
    calls: int


class Crew:
    """As many processes as were ever asked for, each started once, as that takes a second; a context manager, with
    whose end they end.
    """

    def __init__(self) -> None:
        self._members: list[_Member] = []
        self._stack = ExitStack()

    def work(self, task: Task, members: int) -> None:
        """Have so many members do the task, all at once; returns when the last of them is done.

        Raises `ChildError` when one of them has ended.
        """
        while len(self._members) < members:
            self._members.append(self._stack.enter_context(_Member()))
        order = msgspec.json.encode(task) + b"\n"
        for member in self._members[:members]:
            member.begin(order)
        for member in self._members[:members]:
            member.end()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()


class _Member:
    def __init__(self) -> None:
        self._process: subprocess.Popen[Any] = subprocess.Popen(
            [sys.executable, "-m", "labkit.cost.crew_member"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def begin(self, order: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(order)
        except OSError:
            raise ChildError("A process that was to make calls ended before it was done.") from None

    def end(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.read(1) != b"\n":
            raise ChildError("A process that was to make calls ended before it was done.")

    def __enter__(self) -> _Member:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        with self._process:
            self._process.wait()
