"""A notebook in a real browser: open it, run it, look at it, and remember what went wrong meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab_server import LabServer
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

LOAD = 90_000
RUN = 240_000
_PICTURE_HEIGHT = 2400
ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "screenshots"

_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
# An error stops Run All, so that the cells after it are not waited for.
_RAN = """() => {
  const panel = window.jupyterapp.shell.currentWidget, cells = panel.content.model.cells;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells.get(i);
    if (cell.type !== 'code') continue;
    for (let j = 0; j < cell.outputs.length; j++) if (cell.outputs.get(j).type === 'error') return true;
    if (cell.sharedModel.source.trim() && !(cell.executionCount > 0)) return false;
  }
  return panel.sessionContext.session.kernel.status === 'idle';
}"""
_ERRORS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells, found = [];
  for (let i = 0; i < cells.length; i++) {
    const cell = cells.get(i);
    if (cell.type !== 'code') continue;
    for (let j = 0; j < cell.outputs.length; j++) {
      const output = cell.outputs.get(j).toJSON();
      if (output.output_type === 'error') found.push(`${cell.id}: ${output.ename}: ${output.evalue}`);
    }
  }
  return found;
}"""
_SCROLL_TO = """async id => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = [...notebook.model.cells].findIndex(cell => cell.id === id);
  if (index < 0) throw new Error(`no cell ${id}`);
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'start');
}"""
_TO_FIRST_CELL = """async () => {
  const { commands, shell } = window.jupyterapp, notebook = shell.currentWidget.content;
  await commands.execute('notebook:enter-command-mode');
  notebook.activeCellIndex = 0;
  await notebook.scrollToItem(0, 'start');
  notebook.widgets[0].node.focus();
}"""
# JupyterLab's body has no height and hides what runs over it, so that axe would take all of the page for hidden.
_UNROLL = """() => {
  document.body.style.height = '100vh';
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
  for (const cell of panel.querySelectorAll('.jp-Cell')) cell.style.contentVisibility = 'visible';
  return panel.scrollHeight;
}"""
# A little overlap, so that nothing is cut in both pictures. Below the last cell there is only room.
_SCROLL_ON = """panel => {
  const before = panel.scrollTop, last = [...panel.querySelectorAll('.jp-Cell')].at(-1);
  if (last.getBoundingClientRect().bottom <= panel.getBoundingClientRect().bottom) return false;
  panel.scrollBy(0, panel.clientHeight - 60);
  return panel.scrollTop - before >= 1;
}"""
_CONTENT = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
_WITH_CONTROLS = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const controls = '.jp-OutputArea-output :is(button, input, select, summary):not(:disabled)';
  return notebook.widgets.map((cell, i) => [cell.node, notebook.model.cells.get(i).id])
    .filter(([node]) => node.querySelector(controls))
    .map(([, id]) => id);
}"""
# JupyterLab draws cells when they come into view: two frames later those in sight are there.
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The first heading in sight.
_HEADING = """() => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
  const window_ = panel.getBoundingClientRect();
  return [...panel.querySelectorAll('.jp-RenderedMarkdown :is(h1, h2, h3)')].find(heading => {
    const box = heading.getBoundingClientRect();
    return box.height && box.bottom > window_.top && box.top < window_.bottom;
  })?.innerText;
}"""


class NotebookPage:
    """One notebook of a running lab in a browser page of its own."""

    def __init__(self, server: LabServer, browser: Browser, notebook: str, *, width: int, height: int) -> None:
        self.notebook = notebook
        self.console_errors: list[str] = []
        self.page_errors: list[str] = []
        self.outside_requests: list[str] = []
        self._server = server
        self._inside = f"127.0.0.1:{server.port}"
        context = browser.new_context(viewport={"width": width, "height": height})
        self.page: Page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:", f"http://{self._inside}", f"ws://{self._inside}")):
            self.outside_requests.append(request.url)

    def open(self) -> None:
        """Load the page and wait for an idle kernel: a run that is asked for before that can get lost."""
        self.page.goto(self._server.address(self.notebook))
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=LOAD)
        self.page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first.wait_for(timeout=LOAD)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait for a kernel that is there and has nothing to do."""
        self.page.wait_for_function(_IDLE, timeout=LOAD)

    def run_all(self) -> None:
        """Run every cell, until all have run or one has failed."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
        self.page.wait_for_function(_RAN, timeout=RUN)

    def cell_errors(self) -> list[str]:
        """`cell id: exception` for each cell that failed."""
        found: list[str] = self.page.evaluate(_ERRORS)
        return found

    def cell(self, cell_id: str) -> Locator:
        """The cell with this id, scrolled into view."""
        self.page.evaluate(_SCROLL_TO, cell_id)
        # The page knows cells by position only; the one that was made active is the one asked for.
        cell = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active")
        cell.wait_for()
        return cell

    def cells_with_controls(self) -> set[str]:
        """The ids of cells whose outputs have something to operate."""
        return set(self.page.evaluate(_WITH_CONTROLS))

    def to_first_cell(self) -> None:
        """Put the focus on the first cell, in command mode, as Escape and Ctrl+Home do."""
        self.page.evaluate(_TO_FIRST_CELL)

    def use_theme(self, name: str) -> None:
        """`light` or `dark`, as a user switches it."""
        theme = f"JupyterLab {name.title()}"
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        light = "true" if name == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")

    def look(self, theme: str, width: int, height: int) -> None:
        """A theme and a window, in pixels of the page: half of them each way is a zoom of 200 %."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.use_theme(theme)

    def show_files(self, shown: bool) -> None:
        """Open or close the list of files on the left, as Ctrl+B does."""
        collapsed = self.page.evaluate("() => window.jupyterapp.shell.leftCollapsed")
        if collapsed == shown:
            self.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")

    @contextmanager
    def unrolled(self) -> Iterator[None]:
        """With a window as high as the notebook, all of it drawn: what is out of sight is not looked at by axe."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({**size, "height": size["height"] + self.page.evaluate(_UNROLL)})
        self.page.evaluate(_DRAWN)
        yield
        self.page.evaluate("() => document.body.removeAttribute('style')")
        self.page.set_viewport_size(size)

    def content(self) -> dict[str, Any]:
        """The notebook with its outputs, as it would be saved."""
        found: dict[str, Any] = self.page.evaluate(_CONTENT)
        return found

    def screenshots(self, label: str) -> list[Path]:
        """The notebook from top to bottom, several screens in one picture, named after the first heading on it."""
        folder = ARTIFACTS / Path(self.notebook).stem / label
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({**size, "height": _PICTURE_HEIGHT})
        outer = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
        outer.evaluate("panel => panel.scrollTo(0, 0)")
        taken: list[Path] = []
        heading, more = "page", True
        while more:
            self.page.evaluate(_DRAWN)
            heading = self.page.evaluate(_HEADING) or heading
            name = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:40].strip("-")
            target = folder / f"{len(taken) + 1:02}-{name}.png"
            self.page.screenshot(path=target)
            taken.append(target)
            more = outer.evaluate(_SCROLL_ON)
        self.page.set_viewport_size(size)
        return taken

    def close(self) -> None:
        """Close the page."""
        self.page.context.close()
