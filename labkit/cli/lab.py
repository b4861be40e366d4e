"""`labkit lab`: JupyterLab on a personal copy of the notebooks, on this machine only."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import sys
import sysconfig
from pathlib import Path

import click

from labkit import resources
from labkit.errors import LabkitError, unknown
from labkit.lab_options import START, lab_options
from labkit.numbered import numbered

PORT = 8888


@click.command(name="lab", epilog="Example: labkit lab 01 --no-browser")
@click.argument("notebook", default=START)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default="labkit-notebooks",
    show_default=True,
    help="Your copy of the notebooks; made if it is not there.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Listen here [default: {PORT} or the next free port]."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(notebook: str, folder: Path, port: int | None, no_browser: bool) -> None:
    """Open JupyterLab at NOTEBOOK (a name or its number); Ctrl-C ends it.

    Works on your own copy of the notebooks. Listens on 127.0.0.1 only and asks nothing of the internet.
    """
    from labkit.cli.new import sentences
    from labkit.copies import refresh

    if port is not None:
        must_be_free(port)
    done = refresh(folder)
    for line in sentences(done.added, done.updated, done.kept):
        click.echo(line)
    name = _find(notebook, folder)
    browser = not no_browser and has_display()
    click.echo(f"Starting JupyterLab in {folder} …")
    sys.stdout.flush()
    serve(folder.resolve(), name, port, browser)


def _find(notebook: str, folder: Path) -> str:
    wanted = notebook.removesuffix(".ipynb")
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    name = numbered(wanted, names)
    if name in names:
        return f"{name}.ipynb"
    raise unknown("notebook", wanted, names)


def must_be_free(port: int, ip: str = "127.0.0.1") -> None:
    """Raise `LabkitError` for a port on which nothing can listen."""
    with socket.socket() as probe:
        # As servers do: a port whose last connection is still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            reason = error.strerror
            raise LabkitError(f"Port {port} cannot be used ({reason}); name another with --port.") from None


def has_display() -> bool:
    """Whether a browser could show anything here."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def serve(folder: Path, name: str, port: int | None, browser: bool) -> None:
    """Run JupyterLab in this process until it is told to end."""
    # A terminal or a `!labkit` inside the lab finds this environment's commands, activated or not.
    scripts = sysconfig.get_path("scripts")
    os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    # With a token of its own making JupyterLab prints the address too, among other things.
    os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))

    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # JupyterLab has no types

    server = LabApp.initialize_server(argv=_options(folder, name, port, browser))

    def ready() -> None:
        token = server.identity_provider.token
        query = f"?token={token}" if token else ""
        address = f"http://127.0.0.1:{server.port}/lab/tree/{name}{query}"
        click.echo(f"\nThe lab is open at\n\n    {address}\n\nCtrl-C here ends it.")
        sys.stdout.flush()

    server.io_loop.add_callback(ready)
    server.start()


def _options(folder: Path, name: str, port: int | None, browser: bool) -> list[str]:
    return [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port or PORT}",
        # A port that was asked for is not silently another one.
        f"--ServerApp.port_retries={0 if port else 50}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.open_browser={browser}",
        f"--ServerApp.allow_root={_is_root()}",
        # Ctrl-C ends the lab without asking back: everything in it has been saved.
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url=/lab/tree/{name}",
        # Which tabs are open belongs to this copy of the notebooks, and not to whatever other lab runs here.
        f"--LabApp.workspaces_dir={_workspaces(folder)}",
        *lab_options(),
    ]


def _workspaces(folder: Path) -> Path:
    return resources.state_dir() / "workspaces" / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
