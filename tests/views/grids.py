"""Matrices as data: rows of traces told by stories.py, a release per column."""

import stories

from labkit.record import Scenario, ScenarioStep
from labkit.runtimes import Cell

RELEASES = ("41.0.0", "42.0.0", "50.0.1")


def scenario(name, policy="keep"):
    step = ScenarioStep(export="process-input") if policy else ScenarioStep(instance=1, export="process-input")
    return Scenario(id=name, title=f"About {name}", guest="process-panic", steps=(step,), policy=policy)


def same_instance(runtime):
    """The same call on the instance that trapped: refused everywhere."""
    scope = "instance" if runtime < "42" else "store"
    story = (
        stories.Story(runtime).new(1).call(1, stories.trapped(), 101.0).call(1, stories.refused(2, scope), 10.0)
    )
    return story.trace()


def new_instance(runtime):
    """A new instance in the same store: answered up to 41."""
    story = stories.Story(runtime).new(1).call(1, stories.trapped(), 101.0).new(1)
    return story.call(1, stories.returned(20.0) if runtime < "42" else stories.refused(2), 10.0).trace()


def cell(name, policy, trace):
    return Cell(name, policy, trace.runtime, trace)
