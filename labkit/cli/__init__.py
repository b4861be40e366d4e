"""The `labkit` command: thin commands over the rooms of the package, one module each.

Exit status: 0 what was asked holds, 1 it does not, 2 it could not be done (one sentence on standard error says
why), 130 interrupted. `--json` puts JSON on standard output and nothing else.

A command's module imports the rooms it needs inside its function, so that `labkit --help` does not wait for them.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from labkit.errors import BuildError, LabkitError, unknown

# In the order in which somebody new needs them; each module names its command as the group does.
_MODULES = {
    "doctor": "doctor",
    "preflight": "preflight",
    "setup": "setup",
    "lab": "lab",
    "hub": "hub",
    "new": "new",
    "tour": "tour",
    "list": "listing",
    "exercises": "exercises",
    "build": "build",
    "run": "run",
    "pack": "pack",
    "show": "show",
    "replay": "replay",
    "open": "opening",
    "reduce": "reduce",
    "export": "export",
    "instructor": "instructor",
    "import": "importing",
    "runtimes": "runtimes",
    "matrix": "matrix",
    "bisect": "bisection",
    "claims": "claims",
    "strip": "strip",
    "symbolize": "symbolize",
    "inspect": "inspection",
    "call": "call",
    "check": "check",
    "bench": "bench",
}


class _Commands(click.Group):
    """Imports a command's module when the command is looked up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        command = import_module(f"labkit.cli.{_MODULES[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _MODULES and not args[0].startswith("-"):
            raise unknown("command", args[0], _MODULES)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 what was asked holds, 1 it does not, 2 it could not be done (one sentence on standard "
    "error says why), 130 interrupted.",
)
@click.version_option(package_name="labkit", prog_name="labkit")
def commands() -> None:
    """Break WebAssembly on purpose, see why the next calls fail, prove the fix, hand the proof on."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    sys.exit(_status(args))


def _status(args: Sequence[str] | None) -> int:
    try:
        result = commands.main(args, prog_name="labkit", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except LabkitError as error:
        if isinstance(error, BuildError) and error.log:
            click.echo(error.log, err=True)
        click.echo(f"labkit: {error}", err=True)
        return 2
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        # Whoever read our output has had enough of it. Python would complain once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0
