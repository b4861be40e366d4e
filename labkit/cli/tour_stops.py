"""The stops of the tour as data: which scenarios are played, and the words between them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ByPolicy:
    """`story` is the variant that is played under every reuse policy."""

    story: str
    words: str


@dataclass(frozen=True)
class ByRelease:
    """Each of `variants` is played in a child process under `releases`, and under the environment's own."""

    variants: tuple[str, ...]
    releases: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Stop:
    """One failure mode. `prediction` is what one expects before the run.

    The family's main scenario shows the failure, under the environment's own release or, in a child process, under
    the release `under`. `fix` is the variant that shows the fix.
    """

    family: str
    question: str
    prediction: str
    fix: str
    fix_words: str
    comparison: ByPolicy | ByRelease
    under: str | None = None

    def scenario(self, variant: str = "") -> str:
        """The id of the family's main scenario, or of a variant."""
        return f"{self.family}/{variant}" if variant else self.family

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases it needs besides the environment's own."""
        compared = self.comparison.releases if isinstance(self.comparison, ByRelease) else ()
        return tuple(dict.fromkeys([*([self.under] if self.under else []), *compared]))


STOPS = (
    Stop(
        family="01-poisoned-component",
        question=(
            "A component doubles numbers and panics above 100. It is called with 101, and then with 10, twice. "
            "Do the two valid calls succeed?"
        ),
        prediction="The first call fails. The others are valid, so they return 20.0.",
        fix="new-store",
        fix_words="The fix: give the store up and make another. Engine and compiled component are used again.",
        comparison=ByPolicy(
            story="story",
            words="The same five calls under every reuse policy (the last one asks how many were counted):",
        ),
    ),
    Stop(
        family="02-run-twice",
        question=(
            "A command with `main` greets and returns. The host runs it again, in the same instance. What happens?"
        ),
        prediction="It greets again: it is a function that returned.",
        fix="new-store",
        fix_words="The fix: compile once, and give every run a store and an instance of its own.",
        comparison=ByRelease(
            variants=("new-instance", "new-store", "once-cells", "exit", "service"),
            releases=("41.0.0",),
            words="How other ways to run it again end, in an older release and in this one:",
        ),
    ),
    Stop(
        family="03-sync-and-async",
        question=(
            "An engine is made for asynchronous calls, as Wasmtime up to 41 could be told, and the host "
            "instantiates a guest synchronously. What does the host get?"
        ),
        prediction="An exception that says so, and that it can catch.",
        under="41.0.0",
        fix="all-sync",
        fix_words="The fix: no async where nobody needs it, also under an event loop. It holds in every release.",
        comparison=ByRelease(
            variants=("", "async-host-function", "sync-host-function", "blocking-host-function", "nested-loop"),
            releases=("41.0.0",),
            words="How each mix ends, before and after Wasmtime 42 took the switch away:",
        ),
    ),
    Stop(
        family="04-start-function",
        question=(
            "A component sets itself up while it is being instantiated, and waits there for an event. "
            "What does the host get?"
        ),
        prediction="An instance, as soon as the event comes.",
        fix="init",
        fix_words="The fix: the work is an async function of its own, awaited once there is an instance.",
        comparison=ByRelease(
            variants=("", "subtask", "init-plain", "init-not-awaited", "deferred"),
            releases=("48.0.0",),
            words="How each place for that work ends, in an older release and in this one:",
        ),
    ),
    Stop(
        family="05-recovery",
        question=(
            "A core module keeps two accounts that always hold 100 together. A transfer panics half-way. "
            "What does the host hear when it asks for the total?"
        ),
        prediction="Nothing: the module has trapped, and is not entered again.",
        fix="caught-panic",
        fix_words="The fix: a guest that unwinds catches its panic, says what happened, and goes on.",
        comparison=ByRelease(
            variants=("component", "caught-panic", "exceptions-by-default", "escaping-panic", "out-of-memory"),
            releases=("46.0.1",),
            words="What is caught and what is not, in an older release and in this one:",
        ),
    ),
)
