"""What a cell shows of a sandbox, whatever was said in it."""

from __future__ import annotations

from labkit.host import Outcome
from labkit.record.trace import FORMAT, Step, Trace
from labkit.runtimes import SandboxResult
from labkit.views.sandbox import sandbox_html, sandbox_text, shown

ABORTED = Outcome("aborted", signal="SIGABRT", message="panicked at <b>here</b>")
TRACE = Trace(FORMAT, "41.0.0", steps=(Step(n=1, do="instantiate", store=1, program="p", outcome=ABORTED),))


def test_an_abort_in_words():
    result = SandboxResult("41.0.0", ABORTED, TRACE)
    assert sandbox_text(result) == (
        "aborted SIGABRT in a sandbox under Wasmtime 41.0.0; the notebook lives on. panicked at <b>here</b>"
    )
    assert shown(result) is result


def test_an_abort_as_a_page_takes_nothing_for_markup():
    page = sandbox_html(SandboxResult("41.0.0", ABORTED, TRACE, "<script>", "<script>"))
    assert "<script>" not in page
    assert "<b>" not in page
    assert "panicked at &lt;b&gt;here&lt;/b&gt;" in page
    for opened in ("standard output", "standard error", "what the lab inside did (1 step)"):
        assert f"<summary>{opened}</summary>" in page
    assert 'class="lk-badge lk-edge-aborted"' in page


def test_a_value_is_shown_as_itself():
    empty = Trace(FORMAT, "50.0.1")
    done = SandboxResult("50.0.1", Outcome("returned", value=[1]), empty, value=[1])
    assert (shown(done), sandbox_text(done)) == ([1], "returned [1] in a sandbox under Wasmtime 50.0.1.")
    text = SandboxResult("50.0.1", Outcome("returned"), empty, text="<Engine>")
    assert repr(shown(text)) == "<Engine>"
