"""`labkit setup`: get a compiler for the guests onto this machine."""

from __future__ import annotations

import click

from labkit.cli.out import console, progress


@click.command(name="setup", epilog="Example: labkit setup --dry-run")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--javascript", is_flag=True, help="Also what notebook 05 runs in JavaScript: Node, and one guest.")
@click.option("--shrink", is_flag=True, help="Also wasm-tools, with which `labkit reduce` shrinks core modules.")
@click.option("--hub", is_flag=True, help="Also the proxy of `labkit hub`, which its first start gets otherwise.")
def command(dry_run: bool, javascript: bool, shrink: bool, hub: bool) -> None:
    """Install what compiling the guests takes, and compile them once.

    Adds rustup's WebAssembly target where there is rustup; as root on Debian, installs packages. The lab works
    without it, from prebuilt guests.
    """
    from labkit import guests
    from labkit.guests import first_toolchain

    speaker = console()
    if hub:
        _get_proxy(dry_run)
    actions = [
        *guests.plan(),
        *(guests.plan_javascript() if javascript else []),
        *(guests.plan_shrinker() if shrink else []),
    ]
    toolchain = first_toolchain()
    if not actions:
        ready = f"{toolchain.name} compiles the guests" if toolchain else "the guests are taken prebuilt"
        speaker.print(f"Nothing to do: {ready}.")
        return
    speaker.print("This would be done:" if dry_run else "To do:")
    for action in actions:
        speaker.print(f"  • {action.sentence}", markup=False)
        if action.command:
            speaker.print(f"      {' '.join(action.command)}", style="dim", markup=False, soft_wrap=True)
    if dry_run:
        return
    with progress("setting up") as say:
        guests.perform(say)
        if javascript:
            guests.perform_javascript(say)
        if shrink:
            guests.perform_shrinker(say)
    toolchain = first_toolchain()
    speaker.print(f"Ready: {toolchain.name if toolchain else 'prebuilt guests'}.")


def _get_proxy(dry_run: bool) -> None:
    from labkit.hub import find_proxy, get_proxy

    speaker = console()
    if find_proxy() is not None:
        speaker.print("The hub's proxy is there.")
    elif dry_run:
        speaker.print("Would fetch the hub's proxy with npm.")
    else:
        with progress("fetching the hub's proxy") as say:
            get_proxy(say)
        speaker.print("The hub's proxy is there.")
