"""A repro as one web page that needs no network, no kernel and no script."""

from __future__ import annotations

import base64

from labkit.errors import LabkitError
from labkit.record import Repro, explain, telling
from labkit.record.repro import SUFFIX
from labkit.repros import python_script
from labkit.views import markup
from labkit.views.document import document
from labkit.views.text import explanation_html, program_html
from labkit.views.timeline import timeline_html
from labkit.views.timeline_words import timeline_table


def repro_page(repro: Repro) -> str:
    """The text of the page: timeline, explanation, steps, programs and the file itself to download."""
    trace = repro.trace
    under = f", policy {trace.policy}" if trace.policy else ""
    recorded = f"Recorded under Wasmtime {trace.runtime}{under} on {repro.platform}."
    reasons = "".join(explanation_html(explain(trace, n)) for n in telling(trace))
    programs = "".join(program_html(program) + _sources(program.sources) for program in repro.programs.values())
    shows = markup.paragraph(markup.prose(repro.scenario.shows))
    return document(
        repro.title,
        markup.boxed(shows, markup.paragraph(recorded)),
        f"<h2>What happened</h2>{timeline_html(trace)}{markup.boxed(timeline_table(trace))}",
        f"<h2>Why</h2>{reasons or markup.boxed(markup.paragraph('Every step was answered.'))}",
        f"<h2>Programs</h2>{programs}",
        f"<h2>Again</h2>{_downloads(repro)}",
    )


def _sources(sources: dict[str, str]) -> str:
    opened = (markup.details(name, markup.block(text)) for name, text in sorted(sources.items()))
    return markup.boxed(*opened) if sources else ""


def _downloads(repro: Repro) -> str:
    files = [(repro.file, "application/zip", repro.to_bytes())]
    programs = repro.programs.values()
    files += [(f"{program.digest[:16]}.wasm", "application/wasm", program.wasm) for program in programs]
    try:
        files.append((f"{repro.file.removesuffix(SUFFIX)}.py", "text/x-python", python_script(repro).encode()))
        script = "The script needs Python and the package wasmtime, and nothing of labkit."
    except LabkitError as error:
        script = str(error)
    said = f"`labkit replay {repro.file}` plays it in a child process with limits, and compares. {script}"
    links = "".join(_link(*one) for one in files)
    return markup.boxed(markup.paragraph(markup.prose(said)), markup.paragraph(links))


def _link(name: str, kind: str, data: bytes) -> str:
    encoded = base64.b64encode(data).decode()
    return f'<a class="file" download="{name}" href="data:{kind};base64,{encoded}">{name}</a>'
