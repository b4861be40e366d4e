"""A personal copy of the shipped notebooks, so that the shipped ones stay as they are.

The copy remembers what it was made from. A later labkit brings newer notebooks in, except where the user has
changed theirs: running a notebook or looking at it is no change, editing a cell is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec

from labkit import resources
from labkit.errors import LabkitError

MARK = ".labkit-notebooks.json"


class Refreshed(msgspec.Struct, frozen=True):
    """What became of each file: `added`, `updated` to the shipped one, `kept` although there is a newer one."""

    folder: str
    added: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]
    unchanged: tuple[str, ...]


class _Mark(msgspec.Struct):
    """The fingerprint each file had when it was copied."""

    files: dict[str, str] = {}


def refresh(folder: Path, *, instructor: bool = False) -> Refreshed:
    """Make the copy, or bring it up to date; a file that the user has changed is never overwritten.

    What is written for instructors is left out unless it is asked for. Raises `LabkitError` when the folder holds
    something else or cannot be written.
    """
    mark = _claim(folder)
    became: dict[str, list[str]] = {"added": [], "updated": [], "kept": [], "unchanged": []}
    try:
        for source in _shipped(instructor):
            name = source.relative_to(resources.notebooks_dir()).as_posix()
            became[_copy(source, folder / name, name, mark)].append(name)
        (folder / MARK).write_bytes(msgspec.json.encode(mark))
    except OSError as error:
        raise LabkitError(f"{folder} cannot be written: {error.strerror}.") from None
    return Refreshed(str(folder), *(tuple(names) for names in became.values()))


def _claim(folder: Path) -> _Mark:
    """What the folder's mark remembers; an empty or new folder becomes ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            return _Mark()
        return msgspec.json.decode((folder / MARK).read_bytes(), type=_Mark)
    except FileNotFoundError:
        raise LabkitError(
            f"{folder} holds other files; name a new or an empty folder, or an earlier copy of the notebooks."
        ) from None
    except (FileExistsError, NotADirectoryError):
        raise LabkitError(f"{folder} is a file; name a folder.") from None
    except OSError as error:
        raise LabkitError(f"{folder} cannot be used: {error.strerror}.") from None
    except msgspec.DecodeError:
        # Somebody's editor got at the mark. Without a memory every file that differs counts as changed.
        return _Mark()


def _shipped(instructor: bool) -> list[Path]:
    root = resources.notebooks_dir()
    within = ((path, path.relative_to(root).parts) for path in sorted(root.rglob("*")) if path.is_file())
    files = [
        path
        for path, parts in within
        if not any(part.startswith((".", "__")) for part in parts)
        and (instructor or parts[0] != resources.INSTRUCTOR)
    ]
    if not files:
        raise LabkitError("This labkit carries no notebooks; take a whole clone, or install labkit anew.")
    return files


def _copy(source: Path, target: Path, name: str, mark: _Mark) -> str:
    shipped = _fingerprint(source)
    before = mark.files.get(name)
    if not target.exists():
        fate = "added"
    elif _fingerprint(target) == shipped:
        mark.files[name] = shipped
        return "unchanged"
    elif _fingerprint(target) != before:
        return "unchanged" if before == shipped else "kept"
    else:
        fate = "updated"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    mark.files[name] = shipped
    return fate


def _fingerprint(path: Path) -> str:
    """A digest of a notebook's cells without outputs, or of the bytes of any other file."""
    data = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"]]
        except (ValueError, KeyError, TypeError):
            # Not a notebook any more, so certainly changed.
            return hashlib.sha256(data).hexdigest()
        data = json.dumps(cells).encode()
    return hashlib.sha256(data).hexdigest()
