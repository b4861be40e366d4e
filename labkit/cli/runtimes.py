"""`labkit runtimes`: other Wasmtime releases, side by side."""

from __future__ import annotations

from typing import Any

import click

from labkit.cli.out import console, json_option, print_json, progress, size_text


@click.group(name="runtimes", epilog="Example: labkit runtimes add 39.0.0 41.0.0")
def command() -> None:
    """Fetch, list and remove Wasmtime releases; the environment's own is always there and never touched."""


@command.command(epilog="Example: labkit runtimes add 39.0.0 41.0.0")
@click.argument("versions", nargs=-1, required=True)
@json_option
def add(versions: tuple[str, ...], as_json: bool) -> None:
    """Fetch the releases VERSIONS, such as 41.0.0, into the cache."""
    from labkit.runtimes import add_runtime

    with progress("fetching") as say:
        added = [add_runtime(version, say) for version in versions]
    if as_json:
        print_json([_described(runtime.version) for runtime in added])
        return
    for runtime in added:
        console().print(f"Wasmtime {runtime.version} is here.")


@command.command(name="list", epilog="Example: labkit runtimes list")
@json_option
def list_command(as_json: bool) -> None:
    """List the releases on this machine and what each can do."""
    from rich.table import Table

    from labkit.runtimes import installed_runtimes

    found = [_described(version) for version in installed_runtimes()]
    if as_json:
        print_json(found)
        return
    grid = Table(title="Wasmtime releases on this machine", title_justify="left", title_style="bold")
    for column in ("version", "where", "components", "a trap poisons", "async misuse", "re-entrance"):
        grid.add_column(column)
    for entry in found:
        if entry["problem"]:
            grid.add_row(entry["version"], entry["problem"])
            continue
        can = entry["capabilities"]
        grid.add_row(
            entry["version"],
            "this environment" if entry["own"] else f"fetched, {size_text(entry['size'])}",
            "yes" if can["components"] else "no",
            f"the {can['poison_scope']}" if can["components"] else "–",
            "aborts the process" if can["aborts_on_async_misuse"] else "an error",
            "allowed" if can["reentrance"] else "refused" if can["components"] else "–",
        )
    console().print(grid)


@command.command(epilog="Example: labkit runtimes remove 39.0.0")
@click.argument("versions", nargs=-1, required=True)
@json_option
def remove(versions: tuple[str, ...], as_json: bool) -> None:
    """Remove the fetched releases VERSIONS from the cache."""
    from labkit.runtimes import remove_runtime

    removed = []
    try:
        for version in versions:
            remove_runtime(version)
            removed.append(version)
    finally:
        if removed and len(removed) < len(versions):
            click.echo(f"Removed: {', '.join(removed)}.", err=True)
    if as_json:
        print_json({"removed": versions})
    else:
        console().print(f"Removed: {', '.join(versions)}.")


def _described(version: str) -> dict[str, Any]:
    import msgspec

    from labkit.errors import LabkitError
    from labkit.runtimes import Runtime

    try:
        runtime = Runtime(version)
    except LabkitError as error:
        return {"version": version, "own": False, "problem": str(error)}
    return {
        "version": version,
        "own": runtime.own,
        "problem": None,
        "size": runtime.size,
        "capabilities": msgspec.to_builtins(runtime.capabilities),
    }
