"""Progress of a long step: one line that is rewritten, in a notebook cell or on a terminal."""

from __future__ import annotations

import html
import sys
import time
from typing import Any


class Notice:
    """Call it with a text as work goes on; the line disappears when the `with` block ends well.

    Nothing is shown for work that takes less than `after` seconds, or where nobody looks (neither notebook nor
    terminal).
    """

    def __init__(self, title: str, *, after: float = 0.3) -> None:
        self._title = title
        self._started = time.monotonic()
        self._after = after
        self._handle: Any = None
        self._shown = False

    def __call__(self, text: str) -> None:
        """Show `text` beside the title and the seconds so far."""
        seconds = time.monotonic() - self._started
        if seconds < self._after:
            return
        self._show(f"{self._title} … {seconds:.0f} s  {text.strip()}"[:160])

    def _show(self, line: str) -> None:
        self._shown = True
        if _in_notebook():
            from IPython.display import HTML, display

            page = HTML(f"<pre role='status' style='margin:0'>{html.escape(line)}</pre>" if line else "")
            if self._handle is None:
                self._handle = display(page, display_id=True)
            else:
                self._handle.update(page)
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()

    def __enter__(self) -> Notice:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._shown:
            self._show("")


def _in_notebook() -> bool:
    # Where a notebook runs, IPython has been imported; elsewhere it need not be, which takes long.
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
