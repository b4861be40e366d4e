"""What a notebook put out, without the paths of the machine it ran on."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from labkit import resources


class Paths:
    """Folders of this machine and what stands for them: `~`, or a name between angle brackets.

    `private` are folders made for one run, with the word for each.
    """

    def __init__(self, private: Mapping[Path, str]) -> None:
        words = {
            **{path.resolve(): word for path, word in private.items()},
            resources.notebooks_dir(): "‹notebooks›",
            resources.guests_dir(): "‹guests›",
            resources.cache_dir(): "‹cache›",
            resources.state_dir(): "‹progress›",
            resources.PACKAGE: "‹labkit›",
            resources.PACKAGE.parent: "‹labkit›",
            Path(sys.prefix): "‹environment›",
            Path(sys.base_prefix): "‹python›",
            Path(tempfile.gettempdir()): "‹temporary›",
            Path.home(): "~",
        }
        spelt = {str(path): word for path, word in words.items() if len(path.parts) > 1}
        spelt |= {str(Path(name).resolve()): word for name, word in spelt.items()}
        self._words = spelt
        # The longest first: a checkout in the home folder is the checkout.
        longest = sorted(spelt, key=len, reverse=True)
        self._pattern = re.compile(f"({'|'.join(map(re.escape, longest))})(?![\\w-])")

    def without(self, text: str) -> str:
        """The text with a word for each folder."""
        return self._pattern.sub(lambda found: self._words[found[0]], text)

    def clean(self, book: nbformat.NotebookNode) -> None:
        """Take the paths out of all outputs of a notebook."""
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.outputs = [self._cleaned(output) for output in cell.outputs]

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, dict):
            return nbformat.from_dict({name: self._cleaned(one) for name, one in value.items()})
        if isinstance(value, list):
            return [self._cleaned(one) for one in value]
        return value
