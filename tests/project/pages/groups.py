"""What stands in the reference, in the order in which somebody comes to need it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A section: `names` are paths below `labkit`, of functions, methods and classes with all of their members."""

    title: str
    about: str
    names: tuple[str, ...]


GROUPS = (
    Group(
        "Make and call",
        "A lab builds programs, puts instances of them into stores, and calls them. A trap does not raise: what "
        "becomes of a call is an outcome.",
        (
            "Lab",
            "Lab.build",
            "Lab.source",
            "Lab.program",
            "Program",
            "Lab.store",
            "Store",
            "Instance",
            "Wasi",
            "Limits",
            "Lab.runtime",
            "Lab.close",
        ),
    ),
    Group(
        "Outcomes and why",
        "Everything done through a lab is a step of its trace; what shows or explains something reads the trace "
        "and nothing else.",
        (
            "Outcome",
            "host.Cause",
            "Frame",
            "Lab.trace",
            "Trace",
            "Step",
            "Lab.explain",
            "explain",
            "Explanation",
            "Lab.timeline",
            "Lab.predict",
            "Predict",
            "expect",
            "read_trace",
        ),
    ),
    Group(
        "Reuse policies",
        "A policy decides which store the next call goes to.",
        (
            "POLICIES",
            "Lab.runner",
            "Runner",
            "Knobs",
            "Lab.switcher",
            "Lab.play_calls",
            "Lab.blast_radius",
            "Lab.poisoning_scope",
            "Lab.heartbeats",
        ),
    ),
    Group(
        "Scenarios",
        "A scenario is a trace without its outcomes: it can be run again, here or elsewhere.",
        (
            "Lab.run",
            "Lab.recorded",
            "scenarios",
            "find_scenario",
            "Scenario",
            "scenario_of",
            "read_scenario",
        ),
    ),
    Group(
        "Evidence",
        "What a trap leaves: names and lines for stripped programs, memory, core dumps.",
        (
            "Lab.strip",
            "Lab.symbolize",
            "Symbols",
            "strip",
            "symbolize",
            "read_symbols",
            "Lab.snapshot",
            "Lab.memory_diff",
            "inspect.MemoryDiff",
            "Lab.core_dump",
            "inspect.CoreDump",
            "read_core_dump",
            "Lab.debug_sizes",
            "Lab.trap_costs",
        ),
    ),
    Group(
        "Other releases",
        "Each Wasmtime release runs in a process of its own, and so does everything that could take this one "
        "with it.",
        (
            "Lab.releases",
            "Runtime",
            "Lab.version_switch",
            "Lab.async_switch",
            "Lab.matrix",
            "Lab.bisect",
            "runtimes.Change",
            "runtimes.NoChange",
            "Lab.claims",
            "Lab.sandbox",
            "Lab.sandboxed",
            "SandboxResult",
            "ChildLimits",
        ),
    ),
    Group(
        "Costs",
        "What a call takes under each policy, with the noise of the run.",
        (
            "Lab.measured",
            "Lab.cost_plot",
            "Lab.cost_explorer",
            "Lab.costs",
            "CostReport",
            "PolicyCost",
            "Lab.pool_costs",
            "Lab.recording_costs",
            "Lab.bench",
        ),
    ),
    Group(
        "Your own program",
        "A `.wasm` or `.wat` that nobody here wrote; it runs in child processes with limits.",
        (
            "Lab.profile",
            "explore.Profile",
            "Lab.explore",
            "Lab.pick",
            "Lab.health",
            "explore.Health",
        ),
    ),
    Group(
        "Repros",
        "One file with the steps, the outcomes, the programs and the settings.",
        (
            "Lab.save",
            "Lab.repro",
            "Repro",
            "load_repro",
            "Lab.open",
            "Lab.replay",
            "Replay",
            "Lab.reduce",
            "repros.Reduction",
            "Lab.export",
            "Lab.import_wast",
        ),
    ),
    Group(
        "Recovery",
        "Who keeps the state after a panic, and what that costs.",
        (
            "Lab.guarded",
            "reuse.Guard",
            "Lab.damage",
            "Lab.service",
            "Lab.recovery_costs",
            "Lab.javascript",
        ),
    ),
    Group(
        "Workshop",
        "Exercises with checks that read traces, never the text of an answer.",
        ("exercises", "workshop.Exercise", "exercise", "workshop.Task", "overview", "share_progress"),
    ),
    Group(
        "In a notebook, and errors",
        "Errors are for wrong use and for what is missing; each is one sentence that says what to do.",
        ("load_ipython_extension", "LabkitError"),
    ),
    Group(
        "Words in the signatures",
        "Types that have no other entry. What else a signature names is a view, which a cell shows.",
        (
            "host.values",
            "host.outcome.Kind",
            "elsewhere.What",
            "elsewhere.Wanted",
            "exploring.Own",
            "host.store.HostFunction",
            "guests.workspace.Debug",
            "record.recorder.Listener",
        ),
    ),
)

# Public for other rooms of the package, and of no use to somebody in a notebook.
INNER = {
    "Store": {
        "add_wasi",
        "attempt",
        "conclude",
        "coroutines",
        "enter",
        "event",
        "given",
        "host_function",
        "instantiation",
        "raw",
        "refuse",
    },
    "Instance": {"begin", "externs", "function"},
    "Runner": {"instantiate", "open_store"},
    "Wasi": {"furnish", "needs_room"},
    "Predict": {"clear_problem", "guarded", "say_problem", "show_problem", "static", "told"},
    "Scenario": {"awaits", "mixes_async", "names_stores", "needs_loop", "nests_loops", "takes_policy", "within"},
    "Limits": {"within"},
    "Trace": {"position"},
}
