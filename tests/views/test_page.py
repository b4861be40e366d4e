"""Figures on a page: well-formed, named, themed; nothing a stranger wrote becomes markup."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import stories

from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.record import Explanation
from labkit.views import (
    explanation_html,
    figure_html,
    outcome_html,
    problem_html,
    program_html,
    timeline_figure,
    timeline_html,
    timeline_table,
    trace_html,
)
from labkit.views.theme import DARK, LIGHT


def svg(html):
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", html, re.S)[0])


def tags(html):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))
    parser.feed(html)
    return found


def test_svg_is_named_and_keeps_its_text():
    root = svg(timeline_html(stories.seven(), selected=3))
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("Timeline of 7 steps in 2 stores")
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"poisoned since step 2", "10.0 → 20.0", "store 2"} <= texts


def test_marks_tell_their_step_on_hover():
    titles = [
        title.text for title in svg(timeline_html(stories.three())).iter("{http://www.w3.org/2000/svg}title")
    ]
    assert titles[-1] == "Step 3, store 1: process-input(10.0): refused – step 2 poisoned this store"
    assert len(titles) == 3


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_follows_the_theme(dark):
    html = figure_html(timeline_figure(stories.every_kind(), selected=3, dark=dark), "alt")
    drawn = html[html.index("<svg") :]
    assert re.findall(r"#[0-9a-f]{6}", drawn) == []
    assert {f"--lk-{name}" for name in ("paper", "ink", "muted", "trapped", "aborted")} <= set(
        re.findall(r"--lk-[a-z-]+", drawn)
    )
    sheet = html[: html.index("<svg")]
    assert all(colour in sheet for colour in (*LIGHT.tokens().values(), *DARK.tokens().values()))


def test_the_paper_is_there_without_jupyterlab():
    assert re.findall(r"var\(--jp-layout-color0[^)]*\)", timeline_html(stories.three())) == [
        f"var(--jp-layout-color0,{LIGHT.paper})",
        f"var(--jp-layout-color0,{DARK.paper})",
    ]


def test_ids_of_two_figures_do_not_clash():
    one, other = timeline_html(stories.three()), timeline_html(stories.seven())
    ids = [set(re.findall(r' id="([^"]+)"', html)) for html in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', one)
    assert {a or b for a, b in used} <= ids[0]


def test_hostile_text_stays_text():
    trace = stories.hostile()
    nasty = trace.steps[0].program
    explanation = Explanation(nasty, because=(nasty,), advice=nasty, sources=("javascript:alert(1)", nasty))
    program = Program.from_wat(nasty, "(module)")
    pages = [
        trace_html(trace),
        timeline_table(trace),
        *(outcome_html(step.outcome) for step in trace),
        explanation_html(explanation),
        program_html(program),
        problem_html(ValueError(nasty), nasty),
    ]
    for page in pages:
        found = tags(page)
        assert "script" not in {tag for tag, _ in found}
        assert not [attrs for _, attrs in found if any(name.startswith("on") for name in attrs)]
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", page)
        assert "href" not in "".join(str(attrs) for tag, attrs in found if tag == "a")
    svg(pages[0])


def test_long_text_is_whole_in_an_outcome():
    message = "x" * 5000
    html = outcome_html(Outcome(kind="trapped", code="unreachable", message=message, panic="y" * 900))
    assert message in html
    assert "y" * 900 in html


def test_outcome_says_kind_value_and_cause():
    text = [re.sub(r"<style>.*?</style>|<[^>]+>", " ", outcome_html(o)).split() for o in _outcomes()]
    assert [" ".join(words) for words in text] == [
        "returned 20.0",
        "guest-error input-too-large(101.0)",
        "refused step 2 poisoned this store "
        "the runtime&#x27;s own words wasm trap: cannot enter component instance",
        "exited status 3 the guest asked to exit",
    ]


def _outcomes():
    yield stories.returned(20.0)
    yield Outcome(kind="guest-error", error={"input-too-large": 101.0})
    yield stories.refused(2)
    yield Outcome(kind="exited", status=3)


def test_program_names_its_making():
    program = Program.from_bytes("p", b"\0asm\x01\0\0\0", how="compiled", toolchain="rustc 1.90", seconds=1.94)
    assert "compiled now in 1.9 s, rustc 1.90, 8 bytes" in program_html(program)
    cached = Program.from_bytes("p", b"\0asm\x01\0\0\0", how="cached", seconds=0.001)
    assert "compiled earlier, unchanged since, 8 bytes" in program_html(cached)


def test_sources_become_short_links():
    html = explanation_html(Explanation("`unreachable` happened", sources=("wasmtime#11086",)))
    assert 'href="https://github.com/bytecodealliance/wasmtime/issues/11086"' in html
    assert "<code>unreachable</code>" in html


@pytest.mark.parametrize(
    ("outcome", "opened"),
    [
        (Outcome("returned", stdout="run 1\n"), True),
        (Outcome("returned", stdout="line\n" * 20), True),
        (Outcome("returned", stdout="line\n" * 21), False),
        (Outcome("trapped", code="unreachable", panic="panicked at x", stdout="panicked at x\n"), False),
    ],
)
def test_short_output_is_shown_without_being_asked_for(outcome, opened):
    summary = "<summary>standard output</summary>"
    assert (f"<details open>{summary}" in outcome_html(outcome)) == opened
    assert (f"<details>{summary}" in outcome_html(outcome)) != opened
