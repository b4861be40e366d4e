"""The command line, from what its commands say of themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from labkit.cli import commands

# What a number is called where the command does not say it.
VALUES = {"integer": "N", "integer range": "N", "float": "SECONDS", "float range": "SECONDS"}

HEAD = """# The command line

What `labkit COMMAND --help` says, command by command. `make docs` writes this page from the commands, and a test \
compares it with them. In a checkout a command is `.venv/bin/labkit COMMAND`, or just `labkit COMMAND` after \
`source .venv/bin/activate`.

{status}

With `--json` a report is JSON on standard output, and nothing else is there. A Wasmtime release is \
written in full: `41.0.0`.
"""


def command_line() -> str:
    """The whole page."""
    lines = [HEAD.format(status=commands.epilog)]
    for name, command in every_command().items():
        lines += _section(name, command)
    return "\n".join(lines).rstrip() + "\n"


def every_command() -> dict[str, click.Command]:
    """Each command by its words, such as `runtimes add`, in the order of `labkit --help`."""
    found: dict[str, click.Command] = {}
    context = click.Context(commands)
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": command.commands[sub] for sub in command.commands}
    return found


def _section(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"labkit {name}")
    yield from (f"{'#' * (2 + name.count(' '))} `labkit {name}`", "")
    yield from ("```text", f"labkit {name} {' '.join(command.collect_usage_pieces(context))}", "```", "")
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield from (" ".join(paragraph.split()), "")
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        yield from ("| option | |", "| --- | --- |")
        yield from (f"| `{_written(one)}` | {_told(one)} |" for one in options)
        yield ""
    if command.epilog and not isinstance(command, click.Group):
        yield from (f"Example: `{command.epilog.removeprefix('Example: ')}`", "")


def _written(option: click.Option) -> str:
    """The option with what it takes, `[…]` where that may be left out."""
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    return f"{names} {option.metavar or VALUES.get(option.type.name, option.type.name.upper())}"


def _told(option: click.Option) -> str:
    told = option.help or ""
    if option.required:
        told += " Required."
    elif option.show_default and option.default is not None:
        told += f" Default: {option.show_default if isinstance(option.show_default, str) else option.default}."
    return told.strip().replace("|", "\\|")
