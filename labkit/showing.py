"""What a lab shows of itself: its timeline, predictions, and widgets that play the lab's own stories.

Views are imported when one is asked for: a sandboxed child has a lab too, and nobody looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.elsewhere import What
from labkit.host import Program
from labkit.record import Trace, explain
from labkit.reuse import POLICIES

if TYPE_CHECKING:
    from labkit.views import BlastRadius, Damage, Heartbeats, PolicySwitcher, Predict, TimelineView

STORY = (10.0, 101.0, 10.0, 10.0)


class Showing:
    """The part of a lab that is about being looked at; `labkit.Lab` is the whole."""

    _predictions: dict[str, Predict]

    @property
    def trace(self) -> Trace:
        """Everything done in this lab so far."""
        raise NotImplementedError

    def run(self, what: What) -> Trace:
        """Play a scenario, with stores of its own."""
        raise NotImplementedError

    def play_calls(self, program: Program, policy: str, inputs: Sequence[float]) -> Trace:
        """Call a program with each input, under a policy, in a trace of its own."""
        raise NotImplementedError

    def timeline(self) -> TimelineView:
        """The trace so far as a picture in which steps can be selected."""
        from labkit.views import TimelineView

        return TimelineView(self.trace, explain)

    def predict(self, question: str, choices: Sequence[str]) -> Predict:
        """Ask for a prediction; asking the same again shows the same widget, with what was locked in."""
        from labkit.views import Predict

        if question not in self._predictions:
            self._predictions[question] = Predict(question, choices)
        return self._predictions[question]

    def switcher(self, program: Program, story: Sequence[float] = STORY) -> PolicySwitcher:
        """A widget that plays the same calls under any reuse policy; it begins with the story played.

        `story` are the inputs that `process-input` of `program` is called with, one after the other.
        """

        from labkit.views import PolicySwitcher

        def run(policy: str, inputs: Sequence[float]) -> Trace:
            return self.play_calls(program, policy, inputs)

        return PolicySwitcher(run, POLICIES, explain, story=story, inputs=story)

    def blast_radius(self) -> BlastRadius:
        """Who can still be called after a component trapped, a core module trapped, a guest said no."""
        from labkit.views import BlastRadius

        family = "01-poisoned-component/blast-radius"
        return BlastRadius(
            {
                "a component trapped": self.run(family),
                "a core module trapped": self.run(f"{family}-core"),
                "a guest's own error": self.run(f"{family}-error"),
            }
        )

    def heartbeats(self, plays: Mapping[str, What]) -> Heartbeats:
        """For how long an event loop stood still while guests were called in it, one bar per label.

        `plays` maps a label to a scenario, which is played now, or to a trace that was taken in an event loop, as
        scenarios with `asynchronous` steps or `in_loop` are. Raises what `run` raises.
        """
        from labkit.views import Heartbeats

        return Heartbeats(
            {label: what if isinstance(what, Trace) else self.run(what) for label, what in plays.items()}
        )

    def damage(self, plays: Mapping[str, What], right: Mapping[str, Any]) -> Damage:
        """What a guest answers after a panic, call by call, one row per label.

        `plays` maps a label to a scenario, which is played now, or to a trace; `right` an export to what it
        returns in a sound guest.
        """
        from labkit.views import Damage

        traces = {label: what if isinstance(what, Trace) else self.run(what) for label, what in plays.items()}
        return Damage(traces, right)
