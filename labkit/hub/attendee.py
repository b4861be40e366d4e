"""An attendee's own server: `python -m labkit.hub.attendee`, started by the hub, run as the attendee.

What it makes belongs to the attendee, and what it may do is limited from its first line on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from labkit.copies import refresh
from labkit.hub.limits import apply_limits
from labkit.hub.room import Limits
from labkit.hub.shared_cache import link_cache
from labkit.lab_options import START, lab_options

ORDER: Final = "LABKIT_ATTENDEE"
"""The environment variable with an `Order` as JSON."""

NOTEBOOKS: Final = "labkit-notebooks"
LOG: Final = "server.log"
_NOTICE: Final = "why-your-server-was-stopped.md"


class Order(msgspec.Struct, frozen=True):
    """What the hub tells an attendee's server.

    `own_account`: it runs under a system account that nobody else uses. `cache`: a cache to read from, where the
    attendee has one of their own. `notice`: why the server was stopped the last time, if the hub did that.
    """

    limits: Limits
    own_account: bool = False
    cache: str | None = None
    notice: str | None = None


def main() -> None:
    """Prepare the attendee's folder, and be their server until the hub stops it."""
    order = msgspec.json.decode(os.environ.pop(ORDER), type=Order)
    apply_limits(order.limits, own_account=order.own_account)
    os.umask(0o077)
    home = Path.home()
    _speak_into(home / LOG)
    if order.cache is not None:
        link_cache(Path(order.cache), Path(os.environ["LABKIT_CACHE"]))
    folder = home / NOTEBOOKS
    refresh(folder)
    os.chdir(folder)
    opened = _notify(folder, order.notice) or f"{START}.ipynb"
    # The hub's side of the server takes the place to open from here, and none of JupyterLab's own settings.
    os.environ["JUPYTERHUB_DEFAULT_URL"] = f"/lab/tree/{opened}"
    options = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.allow_root={os.geteuid() == 0}",
        "--ServerApp.answer_yes=True",
        *lab_options(),
    ]
    if order.own_account:
        # On a port of 127.0.0.1 a kernel would be in everybody's reach, guarded by a key alone.
        options.append("--KernelManager.transport=ipc")

    from jupyterhub.singleuser import main as serve

    sys.argv = [sys.argv[0], *options]
    serve()


def _speak_into(path: Path) -> None:
    """Let standard output and error of this process and its children go into a file of the attendee's."""
    with path.open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())


def _notify(folder: Path, notice: str | None) -> str | None:
    """Leave the notice where the lab opens, or take an old one away."""
    path = folder / _NOTICE
    if notice is None:
        path.unlink(missing_ok=True)
        return None
    path.write_text(f"# Why your server was stopped\n\n{notice}\n", "utf-8")
    return _NOTICE


if __name__ == "__main__":
    main()
