"""What a store gives to its guests: per store, as data, gone from the disk with the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.errors import ArgumentError
from labkit.guests import build
from labkit.host import Counter, Engine, Outcome, Program, Store, Wasi

RUN = "wasi:cli/run"
FILE_NAME = "that is a plain file name of letters, digits and `._-`"
GIVEN = Wasi(args=("hello", "Ada"), stdin="first\nsecond\n", folder={"notes.txt": "one\n"})


@pytest.fixture(scope="module")
def command() -> Program:
    return Program.from_bytes("command-hello", build("command-hello").wasm)


def run(engine: Engine, command: Program, wasi: Wasi | None) -> Outcome:
    with Store(engine, Counter(), wasi=wasi) as store:
        return store.instantiate(command).call(RUN)


def lines(outcome: Outcome) -> list[str]:
    return outcome.stdout.splitlines()


def test_each_store_gives_its_own(engine, command) -> None:
    assert lines(run(engine, command, GIVEN)) == ["run 1: Hello, Ada", "standard input: first", "notes.txt: one"]
    assert lines(run(engine, command, None)) == ["run 1: Hello, nobody", "standard input: nothing"]
    assert lines(run(engine, command, Wasi(env={"GREETING": "Grüß Gott"}))) == [
        "run 1: Grüß Gott, nobody",
        "standard input: nothing",
    ]


def test_instances_of_one_store_share_a_stream_and_not_an_opened_file(engine, command) -> None:
    with Store(engine, Counter(), wasi=GIVEN) as store:
        read = [lines(store.instantiate(command).call(RUN))[1:] for _ in range(2)]
    assert read == [["standard input: first", "notes.txt: one"], ["standard input: second", "notes.txt: one"]]


def test_what_one_instance_wrote_is_not_taken_for_anothers(engine, command) -> None:
    with Store(engine, Counter()) as store:
        outcomes = [store.instantiate(command).call(RUN) for _ in range(2)]
    assert [outcome.stderr for outcome in outcomes] == ["there is nothing in /lab/notes.txt\n"] * 2


def test_files_are_gone_when_the_store_is_closed(engine, command) -> None:
    with Store(engine, Counter(), wasi=GIVEN) as store:
        store.instantiate(command)
        room = store._room
        assert room is not None
        assert sorted(path.relative_to(room).as_posix() for path in room.rglob("*")) == [
            "folder",
            "folder/notes.txt",
            "stdin",
        ]
    assert not room.exists()


def test_a_store_that_gives_no_files_needs_no_room(engine, command) -> None:
    with Store(engine, Counter(), wasi=Wasi(args=("hello", "Ada"))) as store:
        store.instantiate(command)
        assert store._room is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"args": [1]}, "args[0]: expected `str`, got `int`"),
        ({"args": ["a\0b"]}, "args[0]: expected `str` without a null character"),
        ({"env": {"A=B": "c"}}, "a name in env: expected `str` without an equals sign or a null"),
        ({"stdin": b"bytes"}, "stdin: expected `str`, got `bytes`"),
        ({"folder": {"../notes.txt": ""}}, f"a name in folder: expected `str` {FILE_NAME}"),
        ({"folder": {"/etc/passwd": ""}}, f"a name in folder: expected `str` {FILE_NAME}"),
        ({"folder": {"..": ""}}, f"a name in folder: expected `str` {FILE_NAME}"),
        ({"folder": {"notes.txt": "x" * 100_001}}, "folder[...]: expected `str` of length <= 100000"),
    ],
)
def test_what_no_guest_can_be_given_is_one_sentence(engine, wrong, sentence) -> None:
    with pytest.raises(ArgumentError) as raised:
        Store(engine, Counter(), wasi=Wasi(**wrong))
    said = str(raised.value)
    assert said.startswith(f"This is not what guests can be given by WASI: {sentence}")
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize(("wrong", "what"), [(["hello", "Ada"], "a list"), (1, "an int")])
def test_arguments_by_themselves_are_told_what_takes_them(engine, wrong, what) -> None:
    with pytest.raises(ArgumentError) as raised:
        Store(engine, Counter(), wasi=wrong)
    assert str(raised.value) == f"`wasi=` takes a `Wasi(args=[…])`; you gave {what}."


def test_what_is_no_text_is_one_sentence(engine) -> None:
    with pytest.raises(ArgumentError) as raised:
        Store(engine, Counter(), wasi=Wasi(stdin="half \ud800"))
    assert str(raised.value) == "Guests cannot be given 'half \\ud800': not all of it is Unicode text."


def test_a_list_of_arguments_will_do(engine, command) -> None:
    assert lines(run(engine, command, Wasi(args=["hello", "Grace"])))[0] == "run 1: Hello, Grace"


def test_a_written_file_is_the_stores_and_nobody_elses(engine, tmp_path: Path) -> None:
    # A guest that writes is a matter of the folder being writable; what is on disk afterwards is in the room only.
    given = Wasi(folder={"notes.txt": "one\n"})
    with Store(engine, Counter(), wasi=given) as one, Store(engine, Counter(), wasi=given) as other:
        command = Program.from_bytes("command-hello", build("command-hello").wasm)
        for store in (one, other):
            store.instantiate(command)
        assert one._room != other._room
        assert one._room is not None
        (one._room / "folder" / "notes.txt").write_text("changed\n")
        read = [lines(store.instantiate(command).call(RUN))[-1] for store in (one, other)]
    assert read == ["notes.txt: changed", "notes.txt: one"]
