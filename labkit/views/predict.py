"""Predict before you run: a question with choices, locked in first and judged afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from labkit.views import markup
from labkit.views.widget import LabWidget


class Verdict:
    """What to say to a prediction once the answer is known; a cell shows it."""

    def __init__(self, guess: str | None, actual: str, because: str) -> None:
        if guess is None:
            start = f"No prediction was made. What happens: {actual}."
        elif guess == actual:
            start = f"Right: {actual}."
        else:
            start = f"Not so. Your prediction: {guess}. What happens: {actual}."
        self.sentence = f"{start} {because}".rstrip()

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return markup.boxed(markup.paragraph(f"<strong>{markup.prose(self.sentence)}</strong>"))


class Predict(LabWidget):
    """A question to answer before the cell below is run.

    `lock` (the button) fixes the prediction; `reveal` judges it, in a later cell, by what happened there, so that
    the answer need not stand where the question is asked.
    """

    def __init__(self, question: str, choices: Sequence[str]) -> None:
        super().__init__()
        self.question = question
        self.choices = tuple(choices)
        self.verdict: Verdict | None = None
        self._heading = ipywidgets.HTML(
            markup.boxed(markup.paragraph(f"<strong>{markup.prose(question)}</strong>"))
        )
        # Not radio buttons: JupyterLab takes the arrow keys that those need, and jumps to the next cell.
        # A button's text has no markup, so that signs of code would stand in it as they are.
        self.options = ipywidgets.ToggleButtons(
            options=[(choice.replace("`", ""), choice) for choice in self.choices],
            value=None,
            description="prediction",
            tooltip=question.replace("`", ""),
        )
        self.options.style.button_width = "auto"
        self.options.add_class("lk-wrap")
        self.lock_button = ipywidgets.Button(
            description="lock in", tooltip="Fix your prediction before you run the next cell"
        )
        self._result = ipywidgets.HTML()
        self.children = (self._heading, self.options, self.lock_button, self.problem, self._result)
        self.lock_button.on_click(lambda _button: self.guarded("Locking in failed", self.lock))

    @property
    def prediction(self) -> str | None:
        """The choice that was locked in; None before that."""
        return self.options.value if self.options.disabled else None

    def lock(self) -> None:
        """Fix the chosen prediction; without a choice it says so and changes nothing."""
        if self.verdict is not None:
            return
        if self.options.value is None:
            self._result.value = markup.boxed(markup.paragraph("Choose one first."))
            return
        # The button stays enabled: a disabled one loses the focus, and with it JupyterLab hears no Shift+Enter.
        self.options.disabled = True
        self.lock_button.description = "locked in"
        told = f"Locked in: {self.options.value}. Now run the next cell."
        self._result.value = markup.boxed(markup.paragraph(markup.prose(told)))

    def reveal(self, actual: str, because: str = "") -> Verdict:
        """Judge the prediction by what `actual`ly happened, one of the choices, and say why.

        A choice that was made and not locked in counts.
        """
        if self.options.value is not None:
            self.lock()
        self.verdict = Verdict(self.prediction, actual, because)
        self.options.disabled = self.lock_button.disabled = True
        self._result.value = self.verdict._repr_html_()
        return self.verdict

    def static(self) -> str:
        """Question, choices, and the prediction and verdict so far."""
        items = "".join(f"<li>{markup.prose(choice)}</li>" for choice in self.choices)
        lines = [
            f"Prediction: {self.prediction}." if self.prediction else "",
            self.verdict.sentence if self.verdict else "",
        ]
        said = [markup.paragraph(markup.prose(line)) for line in lines if line]
        return markup.boxed(
            markup.paragraph(f"<strong>{markup.prose(self.question)}</strong>"), f"<ul>{items}</ul>", *said
        )

    def told(self) -> str:
        """The question, its choices and the verdict so far."""
        return "\n".join(
            [
                self.question,
                *(f"  • {choice}" for choice in self.choices),
                *([self.verdict.sentence] if self.verdict else []),
            ]
        )
