"""What judges the answers to exercises, one module each."""

from __future__ import annotations

from functools import partial

from labkit.workshop.catalogue import Exercise
from labkit.workshop.checks.blamed_waits import blamed_waits
from labkit.workshop.checks.blaming import blaming
from labkit.workshop.checks.chosen_policies import chosen_policies
from labkit.workshop.checks.clean_and_cheap import clean_and_cheap
from labkit.workshop.checks.crossing_point import crossing_point
from labkit.workshop.checks.every_job import every_job
from labkit.workshop.checks.finding import Check, Finding
from labkit.workshop.checks.loading_host import loading_host
from labkit.workshop.checks.mended_guest import mended_guest
from labkit.workshop.checks.moved_work import moved_work
from labkit.workshop.checks.polite_guard import polite_guard
from labkit.workshop.checks.predicted import predicted
from labkit.workshop.checks.proving_repro import proving_repro
from labkit.workshop.checks.recovering_host import recovering_host
from labkit.workshop.checks.runs_again import runs_again
from labkit.workshop.checks.sorted_functions import sorted_functions
from labkit.workshop.checks.split_guest import split_guest
from labkit.workshop.checks.surviving_host import surviving_host
from labkit.workshop.checks.telling_apart import telling_apart
from labkit.workshop.checks.unhurried_host import unhurried_host
from labkit.workshop.checks.whole_transfer import whole_transfer

__all__ = ["Check", "Finding", "check_for", "check_of"]


def check_of(exercise: Exercise) -> Check:
    """What judges the answers to an exercise."""
    return partial(predicted, exercise.plays) if exercise.plays else check_for(exercise.check)


def check_for(name: str) -> Check:
    """The check with this name, of those that need nothing but the answer."""
    checks: dict[str, Check] = {
        "blamed-waits": blamed_waits,
        "clean-and-cheap": clean_and_cheap,
        "crossing-point": crossing_point,
        "surviving-host": surviving_host,
        "chosen-policies": chosen_policies,
        "mended-guest": mended_guest,
        "every-job": every_job,
        "polite-guard": polite_guard,
        "telling-apart": telling_apart,
        "moved-work": moved_work,
        "loading-host": loading_host,
        "recovering-host": recovering_host,
        "proving-repro": proving_repro,
        "sorted-functions": sorted_functions,
        "unhurried-host": unhurried_host,
        "runs-again": runs_again,
        "split-guest": split_guest,
        "whole-transfer": whole_transfer,
        "blaming": blaming,
    }
    return checks[name]
