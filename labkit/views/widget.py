"""What the lab's widgets have in common: a static form, and errors that are seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from labkit.errors import LabkitError
from labkit.views import markup
from labkit.views.text import problem_html

_show: Final[Callable[..., Any]] = display  # IPython has no types for it


class LabWidget(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A column of controls with a static form beside it.

    Where no kernel lives (an exported or viewed notebook) the output still holds `static()` as HTML and
    `told()` as text. Subclasses define both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_class("lk-controls")
        self.problem = ipywidgets.HTML()
        self.problem.layout.display = "none"

    def static(self) -> str:
        """The widget's content as HTML, without controls."""
        raise NotImplementedError

    def told(self) -> str:
        """The widget's content in a sentence or two."""
        raise NotImplementedError

    def guarded(self, doing: str, action: Callable[[], None]) -> None:
        """Run a callback's work; what it raises is shown in the widget, where a bare traceback would vanish."""
        self.clear_problem()
        try:
            action()
        except LabkitError as error:
            self.say_problem(f"{doing}: {error}")
        except Exception as error:
            self.show_problem(problem_html(error, doing))
        except KeyboardInterrupt:
            self.say_problem("Stopped.")

    def say_problem(self, sentence: str) -> None:
        """Show a sentence as `show_problem` shows HTML."""
        inner = markup.paragraph(markup.prose(sentence))
        self.show_problem(markup.boxed(f'<div class="lk-problem" role="alert">{inner}</div>'))

    def show_problem(self, html: str) -> None:
        """Show an error or a correction, read out at once by a screen reader."""
        self.problem.value = html
        self.problem.layout.display = None

    def clear_problem(self) -> None:
        """Take the last error away."""
        self.problem.value = ""
        self.problem.layout.display = "none"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = dict(super()._repr_mimebundle_(**kwargs) or {})
        return {**bundle, "text/html": self.static(), "text/plain": self.told()}


class EarlyWidget(LabWidget):
    """One that is filled while its cell still runs, and can be seen meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._shown_in: int | None = None
        self._handle: Any = None

    def appear(self) -> None:
        """Show it now, in the notebook cell that runs; elsewhere nothing happens."""
        shell = get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            self._shown_in = shell.execution_count
            self._handle = _show(self._repr_mimebundle_(), raw=True, display_id=True)

    def renew(self) -> None:
        """Give what was shown early its static form of now."""
        if self._handle is not None:
            self._handle.update(self._repr_mimebundle_(), raw=True)

    def _ipython_display_(self) -> None:
        shell = get_ipython()
        if self._handle is not None and shell is not None and shell.execution_count == self._shown_in:
            # The cell that made it has shown it already, while it was being filled.
            return
        _show(self._repr_mimebundle_(), raw=True)


def on_enter(field: Any, action: Callable[[], None]) -> None:
    """Call `action` when Enter is pressed in a text field, as a form does."""

    def told(_field: Any, content: dict[str, Any], _buffers: Any) -> None:
        if content.get("event") == "submit":
            action()

    # `observe` would also hear of a field that is merely left, and `on_submit` is on its way out.
    field.on_msg(told)
