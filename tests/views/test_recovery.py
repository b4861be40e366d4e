"""The pictures of failure mode 5: a damaged guest, what recovery costs, a service that keeps state."""

from __future__ import annotations

import pytest

from labkit import Lab
from labkit.cost import PolicyCost, RecoveryReport
from labkit.host import Outcome
from labkit.record.trace import Step, Trace
from labkit.reuse import Served
from labkit.views import (
    damage_alt,
    damage_figure,
    damage_html,
    damage_reading,
    damage_table,
    recovery_alt,
    recovery_figure,
    recovery_html,
    recovery_reading,
    service_alt,
    service_figure,
    service_html,
    service_reading,
    service_table,
    success_reading,
)
from labkit.views.words import answer


def trace(*calls: tuple[str, Outcome]) -> Trace:
    steps = [
        Step(n=n, do="call", store=1, program="book", instance=1, export=export, outcome=outcome)
        for n, (export, outcome) in enumerate(calls, 1)
    ]
    return Trace(format=1, runtime="50.0.1", steps=tuple(steps))


PANIC = Outcome("trapped", code="unreachable", panic="panicked at src/lib.rs:4:5: too large")
CAUGHT = Outcome("guest-error", error={"message": "too large", "file": "src/lib.rs", "line": 4, "column": 5})
LIES = {"plain": trace(("move", PANIC), ("total", Outcome("returned", value=40)))}
CATCHES = {"caught": trace(("move", CAUGHT), ("total", Outcome("returned", value=100)))}
RIGHT = {"total": 100}


@pytest.mark.parametrize(
    ("traces", "reading"),
    [
        (LIES, "Of 1 call after a first panic 0 failed, and 1 answered wrongly without a word."),
        (CATCHES, "Of 1 call after a first panic 0 failed; every answer was right."),
        ({"fine": trace(("total", Outcome("returned", value=100)))}, "Nothing was called after a panic."),
        ({}, "Nothing was called after a panic."),
    ],
)
def test_the_reading_counts_failures_and_wrong_answers(traces, reading):
    assert damage_reading(traces, RIGHT) == reading


def test_the_damage_in_words_has_the_panic_and_what_would_be_right():
    assert damage_alt(LIES | CATCHES, RIGHT).endswith(
        "plain: move() trapped too large, total() returned 40, not 100. "
        "caught: move() guest-error caught: too large, total() returned 100."
    )
    assert "no: 100" in damage_table(LIES, RIGHT)


def test_a_wrong_answer_has_a_ring_in_the_picture_and_in_its_legend():
    def rings(traces):
        lines = damage_figure(traces, RIGHT).axes[0].lines
        return sum(line.get_markerfacecolor() == "none" for line in lines)

    assert (rings(LIES), rings(CATCHES)) == (2, 0)


def test_every_call_can_be_pointed_at():
    html = damage_html(LIES, RIGHT)
    assert "<title>total() returned 40, not 100</title>" in html
    assert "<title>move() trapped too large</title>" in html


def cost(median: float, spread: float = 0.05, note: str = "") -> PolicyCost:
    return PolicyCost("way", 100, median, median * (1 - spread), median * (1 + spread), note)


def report(unwinding: float) -> RecoveryReport:
    return RecoveryReport(
        aborting=cost(10.0),
        unwinding=cost(unwinding),
        caught={0: cost(20.0), 64: cost(20.0)},
        rebuilt={0: cost(200.0), 64: cost(40_000.0)},
        noise=0.01,
        machine="a machine",
    )


def test_what_recovery_costs_is_read_for_the_least_and_the_most_state():
    assert recovery_reading(report(10.2)) == (
        "A caught panic costs 20 µs; a trap and making the guest again, with no state 10× and with 64 MiB to "
        "write anew about 2000× as much."
    )


@pytest.mark.parametrize(
    ("unwinding", "said"),
    [
        (10.2, "10 µs with panic=abort and 10 µs with panic=unwind: no difference that this run can tell."),
        (20.0, "10 µs with panic=abort and 20 µs with panic=unwind: 2×."),
    ],
)
def test_calls_that_return_differ_only_where_their_middle_halves_do(unwinding, said):
    assert success_reading(report(unwinding)) == f"A call that returns takes {said}"


def test_a_report_shows_itself():
    assert recovery_alt(report(10.2)).endswith(" a machine")
    assert "no difference that this run can tell" in recovery_html(report(10.2))
    assert recovery_figure(report(10.2), dark=True).get_size_inches()[0] == pytest.approx(9.6)


SERVED = (
    Served("keep", {"returned": 4, "trapped": 1, "refused": 95}, 4, (4, 0), 1, 1, 0.5),
    Served("rebuild", {"returned": 90, "trapped": 10}, 90, (9, 8), 10, 11, 0.6),
    Served("unwind", {"returned": 90, "guest-error": 8, "trapped": 2}, 90, (40, 50), 2, 3, 0.7),
)


def test_a_service_is_read_by_what_it_answers_and_how_often_it_forgets():
    assert service_reading(SERVED) == (
        "“keep” answers 4 of 100 requests; “unwind” answers 90 and loses its state 2 times, where others that "
        "answer as many lose it 10 times or more."
    )
    assert service_reading(SERVED[:1]) == "“keep” answers 4 of 100 requests."
    assert service_reading(()) == "Nothing was served yet."


def test_a_service_in_words_and_as_a_table():
    assert "unwind: 90 returned, 8 guest-error, 2 trapped; state lost 2 times, 3 stores, 700 ms." in service_alt(
        SERVED
    )
    assert "most notes known" in service_table(SERVED)
    assert "<title>keep: 4 returned, 1 trapped, 95 refused; state lost once" in service_html(SERVED)


def test_the_bars_of_a_service_are_equally_long_however_seldom_something_is():
    boxes = service_figure(SERVED).axes[0].patches
    ends = {round(box.get_x() + box.get_width(), 3) for box in boxes}
    longest = max(ends)
    assert sum(round(box.get_x() + box.get_width(), 3) == longest for box in boxes) == 3


def test_a_real_service_goes_the_same_way_each_time():
    with Lab() as lab:
        unwinding, aborting = lab.build("process-unwind"), lab.build("process-abort")
        ways = {
            "keep": (aborting, "keep"),
            "rebuild": (aborting, "rebuild-on-trap"),
            "pool": (aborting, "pool"),
            "unwind": (unwinding, "rebuild-on-trap"),
        }
        first, second = (lab.service(ways, requests=400, panics=0.05, aborts=0.01, seed=3) for _ in range(2))
    told = [(one.outcomes, one.remembered, one.losses, one.stores) for one in first.served]
    assert told == [(one.outcomes, one.remembered, one.losses, one.stores) for one in second.served]
    keep, rebuild, pool, unwind = first.served
    assert rebuild.noted == pool.noted == unwind.noted > keep.noted
    assert rebuild.losses == rebuild.outcomes["trapped"] == pool.losses
    assert unwind.losses == unwind.outcomes["trapped"] < rebuild.losses
    assert rebuild.outcomes["trapped"] == unwind.outcomes["trapped"] + unwind.outcomes["guest-error"]
    assert max(unwind.remembered) > max(rebuild.remembered)


def test_a_caught_panic_is_its_message_and_place_wherever_an_error_is_shown():
    assert answer(CAUGHT) == "too large (src/lib.rs:4:5)"
    assert answer(Outcome("guest-error", error={"message": "no place"})) == "message('no place')"


def test_a_label_is_not_cut_by_a_rounding_error():
    for label in ("unwound", "a lock", "as a component", "plain data"):
        texts = [text.get_text() for text in damage_figure({label: LIES["plain"]}, RIGHT).axes[0].texts]
        assert label in texts
