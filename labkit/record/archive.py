"""One file with others in it: a zip archive with the same bytes wherever it is written.

Its members are stored as they are, because what a compressor makes of them depends on its version. Reading takes
compressed ones as well, for people unpack and pack again, and puts nothing on disk.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import NoReturn

from labkit import bounds
from labkit.errors import FormatError, quotable

_NEVER = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,9}")
_ENCRYPTED = 0x1
_SMALL = 2**24
"""Bytes below which nobody minds how well something was compressed."""

# What ends the list of members, and with it the file, and what stands before it in archives of another kind.
_END = struct.Struct("<4s4H2LH")
_END_MARK, _LARGE_MARK, _LARGE_SIZE = b"PK\5\6", b"PK\6\7", 20

# What zipfile raises for bytes that are no archive, or a damaged one.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError)


def is_member_name(name: str) -> bool:
    """Whether a member may be called so: a relative path of plain names, none of which begins with a dot."""
    return _NAME.fullmatch(name) is not None


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """The archive of `files` by name; raises `FormatError` for a name that no member may have."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            if not is_member_name(name):
                raise FormatError(f"A repro cannot hold a file called {name!r}.")
            info = zipfile.ZipInfo(name, _NEVER)
            # As on Unix, wherever it is written.
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, files[name])
    return packed.getvalue()


def unpack_files(data: bytes) -> dict[str, bytes]:
    """The files of an archive by name; raises `FormatError`, in a sentence, for what is none or asks too much."""
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.filename.endswith("/")]
            _check_members(members, len(data))
            return {info.filename: _read(archive, info) for info in members}
    except _DAMAGE as error:
        if isinstance(error, FormatError):
            raise
        refuse(f"the archive is damaged ({str(error) or type(error).__name__})")


def refuse(why: str) -> NoReturn:
    """Raise `FormatError`: what was read is no repro."""
    raise FormatError(f"This is no labkit repro: {quotable(why)}.")


def _check_end(data: bytes) -> None:
    """Refuse a list of members that is too long, before anybody reads it."""
    if len(data) > bounds.REPRO:
        refuse(f"it is larger than {bounds.REPRO // 2**20} MiB")
    if not data.startswith(b"PK"):
        refuse("it is no zip archive")
    at = len(data) - _END.size
    if at < 0 or not data.startswith(_END_MARK, at):
        refuse("the end is missing, or something follows it")
    *_, count, size, _offset, _comment = _END.unpack_from(data, at)
    if data.startswith(_LARGE_MARK, max(at - _LARGE_SIZE, 0)):
        refuse("it is an archive of the kind for more than 4 GiB")
    if count > bounds.REPRO_FILES:
        refuse(f"it holds {count} files, and {bounds.REPRO_FILES} are the most")
    if size > bounds.REPRO_DIRECTORY:
        refuse(f"the list of its files is larger than {bounds.REPRO_DIRECTORY // 2**10} KiB")


def _check_members(members: list[zipfile.ZipInfo], packed: int) -> None:
    names = [info.filename for info in members]
    for info in members:
        if not is_member_name(info.filename):
            refuse(f"it holds a file called {info.filename[:100]!r}, which is no name for one")
        if names.count(info.filename) > 1:
            refuse(f"it holds {info.filename} more than once")
        if info.flag_bits & _ENCRYPTED:
            refuse(f"{info.filename} is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse(f"{info.filename} is compressed in a way that none has to be")
    total = sum(info.file_size for info in members)
    if total > bounds.REPRO:
        refuse(f"unpacked it is larger than {bounds.REPRO // 2**20} MiB")
    if total > _SMALL and total > bounds.RATIO * packed:
        refuse(f"unpacked it is {total // packed} times as large as it is now")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        # What a member says of its size need not be so.
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        refuse(f"{info.filename} is not as large as it says")
    return data
