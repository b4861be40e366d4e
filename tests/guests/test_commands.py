"""Commands and the service that takes their place, as a host runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labkit.guests import build
from labkit.host import Counter, Engine, EngineSettings, Instance, Limits, Outcome, Program, Store, Wasi

GIVEN = Wasi(
    args=("hello", "Ada"),
    env={"GREETING": "Good morning"},
    stdin="first\nsecond\nthird\n",
    folder={"notes.txt": "one\ntwo\nthree\n"},
)
ALL_OF_IT = "run 1: Good morning, Ada\nstandard input: first\nnotes.txt: one\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def observer() -> Counter:
    return Counter()


@pytest.fixture
def opened(engine: Engine, observer: Counter) -> Iterator[list[Store]]:
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()


def program(name: str) -> Program:
    return Program.from_bytes(name, build(name).wasm)


@pytest.fixture
def made(engine: Engine, observer: Counter, opened: list[Store]):
    """Makes an instance of a guest, in a store of its own that gives it `wasi`."""

    def make(name: str, wasi: Wasi | None = None) -> Instance:
        opened.append(Store(engine, observer, wasi=wasi))
        return opened[-1].instantiate(program(name))

    return make


def run(instance: Instance) -> Outcome:
    return instance.call("wasi:cli/run")


def test_a_command_reads_its_arguments_environment_input_and_file(made) -> None:
    outcome = run(made("command-hello", GIVEN))
    assert (outcome.kind, outcome.value, outcome.stdout, outcome.stderr) == ("returned", None, ALL_OF_IT, "")


def test_a_command_that_is_given_nothing_says_so(made) -> None:
    outcome = run(made("command-hello"))
    assert outcome.stdout == "run 1: Hello, nobody\nstandard input: nothing\n"
    assert outcome.stderr == "there is nothing in /lab/notes.txt\n"


def test_a_command_with_main_runs_once(made) -> None:
    instance = made("command-hello", GIVEN)
    assert run(instance).kind == "returned"
    second = run(instance)
    assert (second.kind, second.code, second.stdout, second.stderr) == ("trapped", "unreachable", "", "")
    assert [frame.func for frame in second.frames] == ["_start"]
    assert run(instance).kind == "refused"


def test_the_guard_in_wat_goes_the_same_way(made) -> None:
    instance = made("command-guard")
    outcomes = [run(instance) for _ in range(3)]
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [
        ("returned", None),
        ("trapped", "unreachable"),
        ("refused", "cannot-enter-component"),
    ]
    assert [frame.func for frame in outcomes[1].frames] == ["_start"]


def test_a_command_without_main_runs_again_and_remembers(made) -> None:
    instance = made("command-export", GIVEN)
    assert [run(instance).stdout for _ in range(3)] == [
        f"initialising the greeting\n{ALL_OF_IT}",
        "run 2: Good morning, Ada\nstandard input: second\nnotes.txt: two\n",
        "run 3: Good morning, Ada\nstandard input: third\nnotes.txt: three\n",
    ]


def test_a_python_command_runs_again_and_remembers(observer: Counter) -> None:
    with Engine(EngineSettings(winch=True)) as quick, Store(quick, observer, wasi=GIVEN) as store:
        instance = store.instantiate(program("command-python"))
        assert [run(instance).stdout for _ in range(3)] == [
            "run 1: Hello, Ada\nstandard input: first\n",
            "run 2: Hello, Ada\nstandard input: second\n",
            "run 3: Hello, Ada\nstandard input: third\n",
        ]


@pytest.mark.parametrize(("asked", "heard"), [("0", 0), ("1", 1), ("3", 1)])
def test_a_status_arrives_as_success_or_failure(made, asked: str, heard: int) -> None:
    instance = made("command-hello", Wasi(args=("hello", "Ada", asked)))
    outcome = run(instance)
    assert (outcome.kind, outcome.status) == ("exited", heard)
    assert run(instance).kind == "refused"


def test_a_service_is_begun_asked_and_ended_as_often_as_wanted(made) -> None:
    service = made("reusable-runner")
    for _ in range(2):
        assert service.call("init").kind == "returned"
        assert service.call("process", "hello").value == "HELLO (1)"
        assert service.call("process", "grüße").value == "GRÜSSE (2)"
        assert service.call("process", "").value == " (3)"
        assert service.call("shutdown").kind == "returned"


def test_calls_of_a_service_in_the_wrong_order_are_typed_errors(made) -> None:
    service = made("reusable-runner")
    assert service.call("process", "too early").error == "not-initialised"
    assert service.call("shutdown").error == "not-initialised"
    assert service.call("init").kind == "returned"
    assert service.call("init").error == "already-initialised"
    assert service.call("process", "still here").value == "STILL HERE (1)"
    assert service.call("shutdown").kind == "returned"
    assert service.call("process", "too late").error == "not-initialised"


def test_the_texts_of_a_service_are_freed(engine: Engine, observer: Counter, opened: list[Store]) -> None:
    opened.append(Store(engine, observer, limits=Limits(memory=4 * 2**20)))
    service = opened[0].instantiate(program("reusable-runner"))
    service.call("init")
    # Thirty times as much as that memory has room for, in and out.
    answers = [service.call("process", "x" * 60_000) for _ in range(1000)]
    assert [len(answer.unwrap()) for answer in answers[::333]] == [60_004, 60_006, 60_006, 60_007]
