"""Answers to the exercises of notebook 06, right and wrong, and what each is told."""

import re

import pytest

from labkit.workshop.checks import check_for


def passes(check, answer):
    return all(finding.passed for finding in check_for(check)(answer))


def told(check, answer):
    return next(finding.text for finding in check_for(check)(answer) if not finding.passed)


def by_two_points(rebuild, fresh):
    (a, b), (c, d) = ((cost[0.0], (cost[0.5] - cost[0.0]) / 0.5) for cost in (rebuild, fresh))
    share = (c - a) / (b - d) if abs(b - d) > 1e-9 else -1.0
    return share if 0 <= share <= 1 else None


def by_looking(rebuild, fresh):
    """Costs are linear, so the difference is too; it is followed in small steps."""
    gap = {share: rebuild[share] - fresh[share] for share in rebuild}
    slope = (gap[0.5] - gap[0.0]) / 0.5
    steps = [n / 1000 for n in range(1001)]
    return next((p for p in steps if abs(gap[0.0] + slope * p) < 0.02 and abs(slope) > 1e-9), None)


@pytest.mark.parametrize("crossover", [by_two_points, by_looking])
def test_more_than_one_way_finds_the_crossover(crossover):
    assert passes("crossing-point", crossover)


@pytest.mark.parametrize(
    ("crossover", "said"),
    [
        (
            lambda rebuild, fresh: next((p for p in rebuild if rebuild[p] >= fresh[p]), None),
            "Where they meet at a quarter, the answer is 0.25; yours was 0.5.",
        ),
        (
            lambda rebuild, fresh: (fresh[0.0] - rebuild[0.0]) / ((rebuild[0.5] - fresh[0.5]) * 2 + 6.0),
            "Where they meet at 75 %, the answer is 0.75; yours was ",
        ),
        (
            lambda rebuild, fresh: by_two_points(rebuild, fresh) or 1.0,
            "Where rebuilding is cheaper all the way, the answer is None; yours was 1.0.",
        ),
        (lambda rebuild, fresh: rebuild[2.0], "Your function raised KeyError: 2.0."),
        (0.75, "Give the check your function: `check(crossover)`, without calling it."),
    ],
)
def test_a_crossover_in_the_wrong_place_is_told_where(crossover, said):
    assert said in told("crossing-point", crossover)


def with_a_store(lab, guest):
    with lab.store() as store:
        return store.instantiate(guest).call("count").value


def by_policy(lab, guest):
    with lab.runner(guest, "fresh-store") as runner:
        return runner.call("count").value


def test_a_new_store_each_time_is_cheap_enough_by_hand_and_by_policy():
    assert passes("clean-and-cheap", with_a_store)
    assert passes("clean-and-cheap", by_policy)


def compiling(lab, guest):
    with lab.store() as store:
        return store.instantiate(guest, recompile=True).call("count").value


def in_one_store():
    kept = []

    def fresh(lab, guest):
        kept.append(lab.store()) if not kept else None
        return kept[0].instantiate(guest).call("count").value

    return fresh


def one_instance():
    kept = []

    def fresh(lab, guest):
        kept.append(lab.store().instantiate(guest)) if not kept else None
        return kept[0].call("count").value

    return fresh


def test_what_is_dear_or_not_clean_is_told_so():
    assert re.search(
        r"takes \d+ µs here, and yours \d+ µs: \d\.\d times (less|more); 1000 times less is asked for\.$",
        told("clean-and-cheap", compiling),
    )
    assert told("clean-and-cheap", in_one_store()) == "30 calls went to 1 stores, and each should have its own."
    assert (
        told("clean-and-cheap", one_instance()) == "A clean instance counts its first call: 1. Yours answered 2."
    )
    assert told("clean-and-cheap", lambda lab, guest: lab.nothing).startswith(
        "Your function raised AttributeError"
    )
    assert "without calling it" in told("clean-and-cheap", 1)


def by_pairs(trace):
    found, calls = {}, [step for step in trace if step.do == "call"]
    made = {step.instance for step in trace if step.do == "instantiate"}
    for before, step in zip([None, *calls], calls, strict=False):
        if step.instance in made and (before is None or before.instance != step.instance):
            found[step.n] = before.n if before is not None and before.outcome.kind == "trapped" else None
    return found


def test_another_way_to_find_who_is_to_blame():
    assert passes("blamed-waits", by_pairs)


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        (lambda trace: [], "It should return a dict; it returned []."),
        (lambda trace: {}, "Step 2 had to wait: step 1 made a new instance for it."),
        (
            lambda trace: dict.fromkeys(by_pairs(trace)),
            "For step 6 step 4 is to blame, which trapped; you blamed None.",
        ),
        (
            lambda trace: {step.n: None for step in trace if step.do == "call"} | by_pairs(trace),
            "Step 3 did not wait: its instance was there already.",
        ),
        (
            lambda trace: {n: blamed or 4 for n, blamed in by_pairs(trace).items()},
            "For step 2 nobody is to blame (None): the first instance has to be made, "
            "and a worn-out one replaced; you blamed 4.",
        ),
        ("waits", "Give the check your function: `check(waits)`, without calling it."),
    ],
)
def test_a_wrong_blame_is_told(waits, said):
    assert told("blamed-waits", waits) == said
