"""The cost explorer: choose guest, policies, trap rate, memory and allocator; read, or measure, what it costs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

import ipywidgets

from labkit.cost.model import CostModel, Setting
from labkit.cost.results import Results, size_words
from labkit.errors import LabkitError
from labkit.views import markup
from labkit.views.cost_words import noise_note, ns, title_of
from labkit.views.explorer_picture import decision, explorer_alt, explorer_svg, explorer_table, share_words
from labkit.views.widget import LabWidget

OnResults = Callable[[Results, float], None]


class Measurement(Protocol):
    """A run that somebody else knows how to make."""

    def run(self) -> Results:
        """Measure, and give what there is; raises `LabkitError` where nothing can be measured."""

    def stop(self) -> None:
        """Have `run` end soon; from any thread."""


Measure = Callable[[str, float, OnResults], Measurement]
"""Prepares a run for a guest, for so many seconds, that tells of its results; gives it."""

POLICIES: Final = ("keep", "rebuild-on-trap", "pool", "fresh-instance", "fresh-store", "recompile")
_SHOWN: Final = ("keep", "rebuild-on-trap", "pool", "fresh-store", "recompile")
_SHARES: Final = (0.0, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
_TOLD: Final = (0.0, 0.01, 0.1, 0.5)
_SECONDS: Final = 20.0
_PARTS: Final = {"policies": ("keep", "fresh-store"), "phases": ("trap",)}
_FURTHER: Final = (
    "The traps that are counted here are told in "
    '<a href="01-poisoned-component.ipynb">01-poisoned-component</a>, what is lost with them in '
    '<a href="05-recovery.ipynb">05-recovery</a>.'
)


class CostExplorer(LabWidget):
    """Controls, a picture that follows them, a sentence that decides, and a button that measures on this machine.

    Its state is a `Setting`, the policies that are shown, and the results: those that were given until `measure`
    has made others for a guest. `seconds` is how long such a run takes. Everything can be reached by keyboard.
    """

    def __init__(self, results: Results, measure: Measure, *, seconds: float = _SECONDS) -> None:
        super().__init__()
        self._shipped = results
        self._measure = measure
        self._seconds = seconds
        self._model = CostModel(results)
        self._own: dict[str, CostModel] = {}
        self._running: Measurement | None = None
        self._thread: threading.Thread | None = None
        self._make_questions()
        self._make_switches()
        self._make_run()
        self.picture = ipywidgets.HTML()
        self.verdict = ipywidgets.HTML()
        self.evidence = ipywidgets.HTML()
        self._lay_out()
        for control in (self.guest, self.reading, self.allocation, self.share, self.touched, *self.policies):
            control.observe(lambda _change: self._draw(), names="value")
        self._draw()

    def _make_questions(self) -> None:
        """What is asked: guest, trap rate, memory, and which policies."""
        guests = [(f"{guest}: {title_of(guest)}", guest) for guest in self._model.guests()]
        names = [guest for _, guest in guests]
        first = "rust-component" if "rust-component" in names else names[0]
        choice = ipywidgets.Dropdown(options=guests, value=first, description="guest")
        self.guest = _labelled(choice, "max-content")
        self.guest.layout.max_width = "calc(100% - 4px)"
        shares = [(share_words(share), share) for share in _SHARES]
        slider = ipywidgets.SelectionSlider(options=shares, value=0.01, description="calls that trap")
        self.share = _labelled(slider, "330px")
        memory = ipywidgets.Dropdown(description="each new instance writes to")
        self.touched = _labelled(memory, "300px")
        self._offer_what_can_be()
        self.guest.observe(lambda _change: self._offer_what_can_be(), names="value")
        self.policies = [
            ipywidgets.Checkbox(value=name in _SHOWN, description=name, indent=False) for name in POLICIES
        ]

    def _offer_what_can_be(self) -> None:
        """No more memory than the guest has, and no trap rate where no trap of it was measured."""
        guest, chosen = str(self.guest.value), self.touched.value
        sizes = [("nothing", 0.0), *((size_words(size), size) for size in self._model.sizes(guest) if size)]
        self.touched.options = sizes
        self.touched.value = chosen if chosen in dict(sizes).values() else 0.0
        self.touched.disabled = len(sizes) == 1
        self.share.disabled = not self._model.can_trap(guest)
        self.share.readout = not self.share.disabled

    def _make_switches(self) -> None:
        """Who pays, and how the engine allocates."""
        self.reading = ipywidgets.ToggleButtons(
            options=[("from Python", "python"), ("the runtime's charge", "native")],
            value="python",
            description="what you pay",
            tooltips=["Through wasmtime-py", "By the C functions, without wasmtime-py"],
        )
        self.allocation = ipywidgets.ToggleButtons(
            options=["pooling", "on-demand"],
            description="allocator",
            tooltips=["Slots that are made once and used again", "Memory from the system for every instance"],
        )
        for buttons, width in ((self.reading, "90px"), (self.allocation, "70px")):
            buttons.style.button_width = "auto"
            buttons.style.description_width = width
            buttons.layout.width = "max-content"

    def _make_run(self) -> None:
        """A run on this machine: its buttons, its bar, its words."""
        self.measure_button = ipywidgets.Button(
            description="measure here", tooltip="Time this guest on this machine, in a process of its own"
        )
        self.stop_button = ipywidgets.Button(description="stop", tooltip="End the run, and keep what it has found")
        self.stop_button.disabled = True
        self.progress = ipywidgets.FloatProgress(value=0.0, max=1.0)
        self.progress.layout.width = "200px"
        self.progress.layout.visibility = "hidden"
        self.status = ipywidgets.HTML()
        self.measure_button.on_click(lambda _button: self.measure())
        self.stop_button.on_click(lambda _button: self.stop())

    def _lay_out(self) -> None:
        label = ipywidgets.Label("policies")
        label.layout.margin = "0 12px 0 0"
        boxes = ipywidgets.HBox([label, *self.policies])
        rows = [
            ipywidgets.HBox([self.guest, self.touched]),
            ipywidgets.HBox([self.share, self.reading, self.allocation]),
            boxes,
        ]
        run = ipywidgets.HBox([self.measure_button, self.stop_button, self.progress, self.status])
        for row in (*rows, run):
            row.layout.flex_flow = "row wrap"
        for box in self.policies:
            box.layout.width = "auto"
            box.layout.margin = "0 14px 0 0"
        self.children = (*rows, self.verdict, self.picture, run, self.problem, self.evidence)

    @property
    def setting(self) -> Setting:
        """What is asked about."""
        guest = str(self.guest.value)
        share = float(self.share.value) if self._model.can_trap(guest) else 0.0
        return Setting(guest, self.reading.value, self.allocation.value, share, float(self.touched.value))

    @property
    def shown(self) -> tuple[str, ...]:
        """The policies that are ticked."""
        return tuple(box.description for box in self.policies if box.value)

    @property
    def model(self) -> CostModel:
        """What the costs are computed from: this machine's run, once it tells as much of what is asked about."""
        setting = self.setting
        own = self._own.get(setting.guest)
        return own if own and own.answers(POLICIES, setting, self._model) else self._model

    @property
    def results(self) -> Results:
        """The run behind what is shown."""
        return self.model.results

    def static(self) -> str:
        """The sentence, the picture, and the costs at a few trap rates as a table."""
        table = explorer_table(self.model, self._settings(), self.shown)
        parts = (
            self.problem.value,
            self.verdict.value,
            self.picture.value,
            markup.boxed(table),
            self.evidence.value,
        )
        return "".join(map(str, parts))

    def told(self) -> str:
        """The sentence."""
        return decision(self.model, self.setting, self.shown)

    def _settings(self) -> list[Setting]:
        now = self.setting
        shares = _TOLD if self.model.can_trap(now.guest) else (0.0,)
        return [Setting(now.guest, now.reading, now.allocation, share, now.touched) for share in shares]

    def _draw(self) -> None:
        self.guarded("The costs could not be drawn", self._draw_all)

    def _draw_all(self) -> None:
        model, setting, shown = self.model, self.setting, self.shown
        costs = {policy: model.cost(policy, setting) for policy in shown}
        alt = explorer_alt(setting, costs)
        self.picture.value = markup.boxed(explorer_svg(model, setting, shown, alt))
        said = markup.text(decision(model, setting, shown))
        self.verdict.value = markup.boxed(markup.paragraph(f'<strong role="status">{said}</strong>'))
        self.evidence.value = markup.boxed(markup.details("what this rests on", self._evidence()))

    def _evidence(self) -> str:
        """The rows behind the sentence, and where they were measured."""
        results = self.results
        measured = "here" if self.model is not self._model else "on the machine below, by whoever made labkit"
        head = ["what", "table", "median", "middle half", "timings"]
        parts = (
            markup.paragraph(markup.text(f"Measured {measured}. {noise_note(results, 'policies')}"), "lk-muted"),
            markup.table("The measured parts", head, self._parts(), numbers=(2, 3, 4)),
            markup.paragraph(_FURTHER),
        )
        return "".join(parts)

    def _parts(self) -> list[list[str]]:
        """The live call, the fresh store and the trap, as they were timed."""
        setting, rows = self.setting, []
        for table in self.results:
            wanted = _PARTS.get(table.id, ())
            for row in table.select(guest=setting.guest, reading=setting.reading):
                of, took = row.subject, row.times
                alike = table.id == "phases" or of.allocation == setting.allocation
                if of.what in wanted and alike and took is not None:
                    spread = f"{ns(took.q1)} – {ns(took.q3)}"
                    name = markup.text(f"{of.what}, {of.engine}")
                    rows.append([name, table.id, ns(took.median), spread, str(took.samples)])
        return rows

    def measure(self) -> None:
        """Begin to measure the chosen guest on this machine; returns at once."""
        if self._running is None:
            self.guarded("Nothing could be measured", self._begin)

    def _begin(self) -> None:
        guest = str(self.guest.value)
        self._say("preparing …")
        run = self._measure(guest, self._seconds, lambda results, part: self._came(guest, results, part))
        self._running = run
        self.measure_button.disabled, self.stop_button.disabled = True, False
        self.progress.value = 0.0
        self.progress.layout.visibility = "visible"
        self._say(f"measuring {guest} …")
        self._thread = threading.Thread(target=self._work, args=(guest, run), name="labkit-measuring", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the run early; what it has found is kept."""
        if self._running is not None:
            self.stop_button.disabled = True
            self._say("stopping …")
            self._running.stop()

    def wait(self, seconds: float | None = None) -> None:
        """Return when the run is over, or after so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _came(self, guest: str, results: Results, part: float) -> None:
        self.progress.value = part
        if not self.stop_button.disabled:
            self._say(f"measuring {guest} … {part:.0%}".replace("%", " %"))
        self._take(guest, results)

    def _take(self, guest: str, results: Results) -> None:
        """Keep results of this machine; they are shown as soon as they tell what is asked about."""
        self._own[guest] = CostModel(results)
        if guest == self.guest.value:
            self._draw()

    def _work(self, guest: str, run: Measurement) -> None:
        try:
            results = run.run()
            self._take(guest, results)
            self._say(results.problem or f"{guest}: measured here in {results.seconds:.0f} s")
        except LabkitError as error:
            self._say("")
            self.say_problem(str(error))
        finally:
            self._running = None
            self.measure_button.disabled, self.stop_button.disabled = False, True
            self.progress.layout.visibility = "hidden"

    def _say(self, words: str) -> None:
        line = f'<span class="lk-muted" role="status">{markup.text(words)}</span>' if words else ""
        self.status.value = markup.boxed(line) if line else ""


def _labelled(control: Any, width: str) -> Any:
    control.style.description_width = "initial"
    control.layout.width = width
    return control
