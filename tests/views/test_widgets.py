"""The widgets, driven headless: what a click changes, and that nothing goes wrong in silence."""

import re

import pytest
import stories

from labkit.record import explain
from labkit.reuse.policy import POLICIES
from labkit.views import PolicySwitcher, Predict, TimelineView, register
from labkit.views.predict import Verdict

THREE = [info for info in POLICIES if info.name in ("keep", "rebuild-on-trap", "fresh-store")]


def plain(html):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html).split())


def switcher(run=stories.run):
    return PolicySwitcher(run, THREE, explain)


def test_the_story_is_told_under_every_policy():
    widget = switcher()
    widget.story_button.click()
    assert widget.inputs == (10.0, 101.0, 10.0, 10.0)
    assert "Step 4 was refused because step 3" in plain(widget.timeline.explanation.value)
    assert plain(widget.state_line.value).startswith("kept state: out of reach: step 3 poisoned this store")
    table = plain(widget.table.value)
    assert "keep returned 20.0 trapped refused refused out of reach: step 3 poisoned this store" in table
    assert "rebuild-on-trap returned 20.0 trapped returned 20.0 returned 20.0 2 of 4 calls counted" in table
    assert "fresh-store returned 20.0 trapped returned 20.0 returned 20.0 0 of 4 calls counted" in table
    assert "aria-label=" in widget.timeline.picture.value


def test_switching_the_policy_runs_the_same_calls_again():
    widget = switcher()
    widget.story_button.click()
    before = widget.timeline.picture.value
    widget.policy_buttons.value = "rebuild-on-trap"
    assert widget.inputs == (10.0, 101.0, 10.0, 10.0)
    assert widget.timeline.picture.value != before
    assert widget.timeline.trace.policy == "rebuild-on-trap"
    assert '<tr class="lk-chosen" aria-current="true"><th scope="row">rebuild-on-trap' in widget.table.value


def test_calls_add_up_until_reset():
    widget = switcher()
    widget.input.value = " 7.5 "
    widget.call_button.click()
    widget.input.value = "101"
    widget.call_button.click()
    assert widget.inputs == (7.5, 101.0)
    assert widget.timeline.selected == 3
    widget.reset_button.click()
    assert widget.inputs == ()
    assert "0 of 0 calls counted" in widget.state_line.value


def test_wrong_input_gets_a_sentence_and_loses_nothing():
    widget = switcher()
    widget.call_button.click()
    widget.input.value = "<b>ten</b>"
    widget.call_button.click()
    assert plain(widget.problem.value).startswith(
        "“&lt;b&gt;ten&lt;/b&gt;” is no number; write one like 101 or 10.5."
    )
    assert widget.inputs == (101.0,)
    assert widget.problem.layout.display is None
    widget.input.value = "10"
    widget.call_button.click()
    assert widget.problem.layout.display == "none"


def test_an_error_in_a_run_is_shown_and_hides_no_other_policy():
    def run(policy, inputs):
        if policy == "fresh-store":
            raise RuntimeError("no <toolchain>")
        return stories.run(policy, inputs)

    widget = switcher(run)
    widget.story_button.click()
    assert "fresh-store – failed: RuntimeError: no &lt;toolchain&gt;" in plain(widget.table.value)
    widget.policy_buttons.value = "fresh-store"
    shown = plain(widget.problem.value)
    assert shown.startswith("The run under fresh-store failed: RuntimeError: no &lt;toolchain&gt;")
    assert 'role="alert"' in widget.problem.value
    assert len(widget.timeline.trace) == 0
    widget.policy_buttons.value = "keep"
    assert widget.problem.value == ""
    assert len(widget.timeline.trace) == 6


def test_every_control_has_a_name_and_a_tooltip():
    widget = switcher()
    view = widget.timeline
    controls = (widget.call_button, widget.story_button, widget.reset_button, widget.input)
    for control in (*controls, view.earlier, view.later, view.chooser, view.table_toggle):
        assert control.description
        assert control.tooltip
    assert len(widget.policy_buttons.tooltips) == len(THREE)


def test_timeline_view_walks_through_the_steps():
    view = TimelineView(stories.seven(), explain)
    assert view.selected == 3
    view.later.click()
    assert view.selected == 4
    assert "instantiating succeeds and hides the mistake" in view.explanation.value
    for _ in range(9):
        view.later.click()
    assert view.selected == 7
    assert view.later.disabled
    assert not view.earlier.disabled
    view.table_toggle.value = True
    assert "<table" in view.table.value
    assert view.table.layout.display is None
    view.update(stories.Story().trace())
    assert view.selected is None
    assert view.earlier.disabled
    assert view.later.disabled
    assert view.explanation.value == ""


def test_an_explanation_that_fails_is_shown():
    def fails(trace, n):
        raise KeyError(n)

    view = TimelineView(stories.three(), fails)
    assert "KeyError: 3" in view.problem.value
    assert "aria-label" in view.picture.value


def test_predict_locks_and_judges():
    widget = Predict("What comes next?", ["20.0", "refused"])
    widget.lock_button.click()
    assert widget.prediction is None
    assert "Choose one first." in widget._result.value
    widget.options.value = "20.0"
    widget.lock_button.click()
    assert widget.prediction == "20.0"
    assert (widget.options.disabled, widget.lock_button.description) == (True, "locked in")
    # A disabled button would lose the focus, and the next Shift+Enter would go nowhere.
    assert not widget.lock_button.disabled
    widget.lock_button.click()
    assert widget.prediction == "20.0"
    widget.reveal("refused", "Step 2 poisoned the store.")
    sentence = "Not so. Your prediction: 20.0. What happens: refused. Step 2 poisoned the store."
    assert repr(widget.verdict) == sentence
    assert sentence in widget.static()
    assert sentence in widget.verdict._repr_html_()
    assert repr(Verdict("refused", "refused", "So it is.")) == "Right: refused. So it is."
    assert repr(Verdict(None, "refused", "")) == "No prediction was made. What happens: refused."


def test_what_is_code_in_a_question_is_shown_as_code():
    widget = Predict("What says `run`?", ["`unreachable`", "it returns"])
    assert "What says <code>run</code>?" in widget._heading.value
    # A button has no markup: it shows the words alone, and stands for the choice as it was written.
    assert [label for label, _choice in widget.options.options] == ["unreachable", "it returns"]
    widget.options.value = "`unreachable`"
    widget.lock_button.click()
    assert widget.prediction == "`unreachable`"
    assert "Locked in: <code>unreachable</code>." in widget._result.value
    verdict = widget.reveal("`unreachable`", "So says `_start`.")
    assert repr(verdict) == "Right: `unreachable`. So says `_start`."
    assert "Right: <code>unreachable</code>. So says <code>_start</code>." in verdict._repr_html_()
    assert "<li><code>unreachable</code></li>" in widget.static()


@pytest.mark.parametrize(
    "make", [switcher, lambda: TimelineView(stories.three(), explain)], ids=["switcher", "view"]
)
def test_widgets_have_a_static_form_beside_the_view(make):
    widget = make()
    bundle = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"] == widget.static()
    assert "<table" in bundle["text/html"]
    assert "Step" in bundle["text/plain"]
    assert "Layout(" not in bundle["text/plain"]


def test_register_lets_data_show_itself():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    register(shell)
    for value in (stories.trapped(), stories.three(), explain(stories.three(), 3)):
        data, _ = shell.display_formatter.format(value)
        assert data["text/html"].startswith('<div class="labkit">')
