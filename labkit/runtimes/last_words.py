"""What a process said before it died, and the name of what killed it."""

from __future__ import annotations

import re
import signal

from labkit.host.panics import panic_message

# Rust up to 1.72, and so Wasmtime up to 14, put the message before the place.
_OLD_PANIC = re.compile(r"panicked at '(?P<message>.*?)', (?P<place>\S+:\d+:\d+)", re.DOTALL)
# Where upstream's machine had its copy of the source.
_BUILDER = re.compile(r"(?<=panicked at )/\S*?/(?=crates/)")
_FAULTHANDLER = re.compile(r"^Fatal Python error: .*", re.MULTILINE)


def last_words(stderr: str) -> str | None:
    """The runtime's last panic as `panicked at <place>: <message>`, else the last line with any words in it."""
    said = before_faulthandler(stderr)
    old = list(_OLD_PANIC.finditer(said))
    if old:
        return _BUILDER.sub("", f"panicked at {old[-1]['place']}: {old[-1]['message'].strip()}")
    panic = panic_message([said])
    if panic is not None:
        return _BUILDER.sub("", panic)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if lines:
        return lines[-1]
    fatal = _FAULTHANDLER.search(stderr)
    return fatal[0] if fatal else None


def before_faulthandler(stderr: str) -> str:
    """Standard error without Python's own account of the crash, which names this machine's folders."""
    return _FAULTHANDLER.split(stderr, maxsplit=1)[0].strip()


def signal_name(status: int) -> str:
    """`SIGABRT` for a status of -6; `exit status 3` for a process that ended itself without being done."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
