"""`labkit call`: calls of a program of one's own, in a child process, and what came of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, printable, progress
from labkit.errors import ArgumentError

if TYPE_CHECKING:
    from labkit.explore import Played, Session
    from labkit.host import Wasi


@click.command(
    name="call",
    epilog="Example: labkit call mine.wasm 'process-input(101)' 'process-input(10)' --policy fresh-store",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("calls", metavar="CALL…", nargs=-1, required=True)
@click.option("--policy", default="keep", show_default=True, help="The reuse policy of the host.")
@click.option("--wasmtime", "release", help="Call it under this Wasmtime release, fetched if it is missing.")
@click.option("--stub", "stubs", multiple=True, metavar="IMPORT=VALUE", help="An import returns this value.")
@click.option("--arg", "args", multiple=True, help="An argument of a command, after its name.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="An environment variable it finds.")
@click.option("--stdin", default="", help="What it reads from standard input.")
@click.option("--give", multiple=True, type=click.Path(path_type=Path), help="A text file it finds in /lab.")
@click.option("--save", type=click.Path(path_type=Path), help="Write all of it as a repro: NAME.labkit.")
@click.option("--explain", "every", is_flag=True, help="Explain every step, not only the telling ones.")
@json_option
def command(
    file: Path,
    calls: tuple[str, ...],
    policy: str,
    release: str | None,
    stubs: tuple[str, ...],
    args: tuple[str, ...],
    env: tuple[str, ...],
    stdin: str,
    give: tuple[Path, ...],
    save: Path | None,
    every: bool,
    as_json: bool,
) -> None:
    """Make each CALL of FILE's exports in turn, such as 'process-input(101)', and show what came of it.

    Arguments are JSON, or WAVE's shorter way to write the same: {name: "Ada", colour: red}, circle(2.5),
    some(3), none. The program runs in a child process with limits on time, memory and output. An import that
    nobody provides stops the guest that calls it. Exit status 0 whatever came of the calls, 2 if they could not be
    made.
    """
    from labkit.explore import Session, load_program, profile_of
    from labkit.reuse import policy_info

    policy_info(policy)
    program = load_program(file)
    with progress(f"examining {program.name}") as say:
        profile = profile_of(program, wasmtime=release, say=say)
        session = Session(program, profile, policy=policy, wasi=_wasi(program.name, args, env, stdin, give))
        session = session.then(*(session.call(text) for text in calls)).with_stubs(dict(map(_stub, stubs)))
        say(f"calling {program.name}")
        played = session.play(wasmtime=release)
    if save is not None:
        session.repro(played).save(save)
    if as_json:
        click.echo(played.trace.to_json())
        return
    _show(session, played, every)
    if save is not None:
        click.echo(
            f"Saved as {save}: `labkit show {save}` says what is in it, `labkit replay {save}` plays it again."
        )


def _stub(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign:
        raise ArgumentError(f"{text!r} is no stub; write --stub 'IMPORT=VALUE', with nothing behind = for none.")
    return path, value


def _wasi(
    name: str, args: tuple[str, ...], env: tuple[str, ...], stdin: str, give: tuple[Path, ...]
) -> Wasi | None:
    from labkit.host import Wasi
    from labkit.host.wasi import checked

    variables = {}
    for text in env:
        variable, sign, value = text.partition("=")
        if not sign:
            raise ArgumentError(f"{text!r} is no variable; write --env NAME=VALUE.")
        variables[variable] = value
    folder = {path.name: _text(path) for path in give}
    if not (args or variables or stdin or folder):
        return None
    return checked(Wasi(args=(name, *args), env=variables, stdin=stdin, folder=folder))


def _text(path: Path) -> str:
    from labkit.inspect import read_evidence

    try:
        return read_evidence(path).decode("utf-8")
    except UnicodeDecodeError:
        raise ArgumentError(f"{path} cannot be given: it is no text.") from None


def _show(session: Session, played: Played, every: bool) -> None:
    from labkit.cli import steps
    from labkit.record import explain, telling

    speaker = console()
    trace = played.trace
    title = f"{session.program.name} (Wasmtime {trace.runtime}, policy {session.policy})"
    speaker.print(steps.table(trace, title))
    for step in trace:
        for call in step.host_calls:
            came = f"raised {call.raised}" if call.raised else f"returned {call.returned!r}"
            args = ", ".join(map(repr, call.args))
            speaker.print(printable(f"step {step.n} called {call.name}({args}), which {came}"), markup=False)
        if step.n in played.memories:
            diff = played.memories[step.n]
            where = f"“{printable(diff.memory)}” in {diff.ranges} places"
            speaker.print(f"step {step.n} changed {diff.changed} bytes of {where}", markup=False)
    for n in [step.n for step in trace] if every else telling(trace):
        speaker.print(steps.explanation_text(explain(trace, n)))
