"""Figures as parts of a page: SVG that follows the page's theme, and PNG for everything else."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree

from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from labkit.views.canvas import house_style
from labkit.views.markup import boxed
from labkit.views.theme import DARK, LIGHT
from labkit.views.words import clean

_FONT: Final = "var(--jp-ui-font-family, system-ui, sans-serif)"
_SVG: Final = "http://www.w3.org/2000/svg"


def figure_html(figure: Figure, alt: str, *, titles: Mapping[str, str] | None = None, key: str = "") -> str:
    """The figure as inline SVG in an HTML fragment: recoloured by the page's theme, text kept as text.

    `alt` is what a screen reader says. `titles` maps the gid of an artist to its hover text. Ids are derived
    from the content, so the same figure gives the same text; a `key` keeps two equal figures apart.
    """
    with house_style():
        figure_bytes = io.BytesIO()
        figure.savefig(
            figure_bytes, format="svg", facecolor=figure.get_facecolor(), metadata={"Date": None, "Creator": None}
        )
    root = ElementTree.fromstring(figure_bytes.getvalue())
    _strip(root)
    dark = to_hex(figure.get_facecolor()) == DARK.paper
    _recolour(root, DARK.tokens() if dark else LIGHT.tokens())
    for group in list(root.iter("g")):
        text = (titles or {}).get(group.get("id", ""))
        if text:
            title = ElementTree.Element("title")
            title.text = clean(text)
            group.insert(0, title)
            group.set("class", "lk-hover")
    _rename(root, key)
    root.attrib.update({"xmlns": _SVG, "role": "img", "aria-label": clean(alt), "class": "lk-figure"})
    return boxed(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True))


def figure_png(figure: Figure, *, dpi: int = 144) -> bytes:
    """The figure as PNG; it keeps the paper it was drawn for."""
    out = io.BytesIO()
    with house_style():
        figure.savefig(out, format="png", dpi=dpi, facecolor=figure.get_facecolor())
    return out.getvalue()


def _strip(root: ElementTree.Element) -> None:
    """Drop namespaces (HTML knows none), metadata and what matplotlib writes by accident."""
    for metadata in [child for child in root if child.tag.endswith("metadata")]:
        root.remove(metadata)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in list(element.attrib):
            if name.startswith("{"):
                element.set(name.rpartition("}")[2], element.attrib.pop(name))
    for styles in list(root.iter("defs")):
        for style in styles.findall("style"):
            # A rule `*{stroke-linejoin:round}` would reach the whole page; the scoped sheet has it instead.
            styles.remove(style)


def _recolour(root: ElementTree.Element, tokens: Mapping[str, str]) -> None:
    names = {colour: f"var(--lk-{token})" for token, colour in tokens.items()}
    for element in root.iter():
        style = element.get("style")
        if style:
            style = re.sub(r"#[0-9a-f]{6}", lambda found: names.get(found[0], found[0]), style)
            element.set("style", style.replace("'DejaVu Sans'", _FONT))


def _rename(root: ElementTree.Element, key: str) -> None:
    """Ids of its own for this figure: several live on one page."""
    content = key.encode() + ElementTree.tostring(root)
    prefix = f"lk{hashlib.sha256(content).hexdigest()[:10]}-"
    for element in root.iter():
        for name in ("id", "href", "clip-path", "style"):
            text = element.get(name)
            if text is None:
                continue
            if name == "id":
                element.set(name, prefix + text)
            elif name == "href":
                element.set(name, text.replace("#", f"#{prefix}", 1))
            else:
                element.set(name, text.replace("url(#", f"url(#{prefix}"))
