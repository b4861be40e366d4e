"""The process that has everything imported and forks a child for each job.

It never compiles anything: a runtime starts threads for that, and a process that has some cannot be forked.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from labkit.runtimes.launch import MARK, die_with_parent

IDLE = 60.0
"""Seconds without a job after which it leaves, because it holds some 40 MB."""

LONGEST = 64 * 1024
"""Bytes of one request."""

_RECORDS = 3


class Request(msgspec.Struct, frozen=True):
    """One job: the folder to work in and the mark to bear.

    Five descriptors come with it: standard input, output and error, the one for records, and the one on which
    the child's process number and then its status are reported, a line each.
    """

    folder: str
    mark: str


class _Running(NamedTuple):
    pid: int
    report: int
    mark: str


def serve(fd: int, play: Callable[[int], None]) -> None:
    """Fork a child for every request from the socket `fd`, which calls `play` with its descriptor for records.

    Returns when the other end is closed, all children killed, or when nothing was asked for a while.
    """
    gc.freeze()
    running: dict[int, _Running] = {}
    with socket.socket(fileno=fd) as requests, selectors.PollSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        while ready := selector.select(None if running else IDLE):
            for key, _ in ready:
                if key.fd in running:
                    selector.unregister(key.fd)
                    _report(key.fd, running.pop(key.fd))
                    continue
                data, fds, _, _ = socket.recv_fds(requests, LONGEST, 5)
                if not data:
                    _kill(running)
                    return
                watched, child = _fork(msgspec.json.decode(data, type=Request), fds, play)
                running[watched] = child
                selector.register(watched, selectors.EVENT_READ)


def _fork(request: Request, fds: list[int], play: Callable[[int], None]) -> tuple[int, _Running]:
    """A child that plays, and a descriptor that can be read when it has ended."""
    pid = os.fork()
    if pid == 0:
        try:
            _become(request, fds)
            play(_RECORDS)
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError):
                sys.stderr.flush()
            os._exit(1)
    # Before anything is reported: on a system that lacks this, no warm child ever counts as begun.
    watched = os.pidfd_open(pid)
    *given, report = fds
    for fd in given:
        os.close(fd)
    with contextlib.suppress(BrokenPipeError):
        os.write(report, b"%d\n" % pid)
    return watched, _Running(pid, report, request.mark)


def _become(request: Request, fds: list[int]) -> None:
    """Turn the fresh fork into what a fresh interpreter would be."""
    os.setsid()
    die_with_parent()
    for target, fd in enumerate(fds[:4]):
        os.dup2(fd, target, inheritable=target != _RECORDS)
    os.closerange(_RECORDS + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir(request.folder)
    os.environ["TMPDIR"] = request.folder
    tempfile.tempdir = None
    _bear(request.mark)


def _bear(mark: str) -> None:
    """Put the mark where others see it: over the one this process was started with, of the same length."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    place = getenv(MARK.encode())
    assert place
    assert len(os.environ[MARK]) == len(mark)
    ctypes.memmove(place, mark.encode(), len(mark))
    os.environ[MARK] = mark


def _report(watched: int, child: _Running) -> None:
    _, status = os.waitpid(child.pid, 0)
    with contextlib.suppress(BrokenPipeError):
        os.write(child.report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os.close(child.report)
    os.close(watched)


def _kill(running: dict[int, _Running]) -> None:
    """Kill every child with all it started: nobody is there any more to do it."""
    if not running:
        return
    # Only here, because it takes psutil, which no child needs.
    from labkit.runtimes.watch import kill_all

    for child in running.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        kill_all(child.pid, child.mark)
