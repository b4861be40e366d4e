"""A core dump: where the guest was, and what the host could see of it."""

from __future__ import annotations

from labkit.inspect import CoreDump, DumpedMemory
from labkit.record.backtrace import frame_text
from labkit.views import markup
from labkit.views.text import size_text


def core_dump_text(dump: CoreDump) -> str:
    """A core dump as text: a line about memory and globals, and the frames."""
    memories = ", ".join(f"{_name(memory)} of {size_text(memory.size)}" for memory in dump.memories)
    numbers = ", ".join(f"{name} = {value}" for name, value in dump.numbers.items())
    head = "; ".join(part for part in (memories or "no memory", numbers) if part)
    return "\n".join([f"Core dump of {dump.program}: {head}", *_frames(dump)])


def core_dump_html(dump: CoreDump) -> str:
    """A core dump as an HTML fragment: the frames, and a table of memories and globals."""
    build = f"build id <code>{markup.text(dump.build_id[:16])}…</code>" if dump.build_id else "no build id"
    head = markup.paragraph(f"Core dump of <strong>{markup.text(dump.program)}</strong>, {build}")
    rows = [
        *([markup.text(_name(memory)), "memory", _used(memory)] for memory in dump.memories),
        *([markup.text(name), "global", markup.text(value)] for name, value in dump.numbers.items()),
    ]
    table = markup.table("What the program exports", ["name", "kind", "what it held"], rows) if rows else ""
    return markup.boxed(head, markup.block("\n".join(_frames(dump))), table)


def _frames(dump: CoreDump) -> list[str]:
    return [frame_text(i, frame) for i, frame in enumerate(dump.frames)]


def _name(memory: DumpedMemory) -> str:
    return memory.name or "memory"


def _used(memory: DumpedMemory) -> str:
    used = sum(len(data) for _, data in memory.parts)
    return f"{size_text(used)} of {size_text(memory.size)} kept, the rest is zero"
