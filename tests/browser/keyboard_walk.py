"""A walk through a notebook's outputs by keyboard alone: Tab from control to control, each operated by its role.

It knows no widget of the lab: what Tab reaches inside an output is operated as its role asks for, and what is
wrong on the way is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from notebook_page import NotebookPage

# What is reached and looked at, and not operated: a part of its name, and why.
LEFT_ALONE = {
    "measure here": "measures for 20 s; test_cost_explorer.py presses it, and stops it",
}
_MOST_STOPS = 1500

# Kept in the page: what was sent to the kernel and is not answered yet, what came back as an error, and how
# controls look without the focus. `quiet` waits for answers and for what they draw.
_WATCH = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const pending = new Set(), errors = [], plain = new WeakMap();
  const SHOWN = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderTopColor', 'borderTopWidth'];
  const FOCUSABLE = 'button, input, select, textarea, summary, a[href], [tabindex="0"]';
  kernel.anyMessage.connect((_, { msg, direction }) => {
    const { msg_type: type } = msg.header;
    if (direction === 'send' && type === 'comm_msg') pending.add(msg.header.msg_id);
    if (direction === 'recv' && type === 'status' && msg.content.execution_state === 'idle')
      pending.delete(msg.parent_header.msg_id);
    if (type === 'error') errors.push(`${msg.content.ename}: ${msg.content.evalue}`);
    if (type === 'stream' && msg.content.name === 'stderr') errors.push(msg.content.text);
  });
  const frame = () => new Promise(requestAnimationFrame);
  const look = element => {
    const style = getComputedStyle(element);
    return SHOWN.map(name => style[name]).join(' ');
  };
  const remember = () => {
    for (const element of document.querySelectorAll(`.jp-OutputArea-output :is(${FOCUSABLE})`))
      if (!element.matches(':focus, :focus-within')) plain.set(element, look(element));
  };
  const name = element => {
    const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id));
    const told = [...by, ...(element.labels ?? [])].map(label => label?.textContent ?? '').join(' ');
    const said = [element.getAttribute('aria-label'), told, element.textContent, element.title];
    if (element.matches('select, textarea, input')) said.splice(2, 1);
    return said.map(text => (text ?? '').replace(/\\s+/g, ' ').trim()).find(Boolean) ?? '';
  };
  const role = element => {
    if (element.getAttribute('role') === 'slider') return 'slider';
    if (element.matches('input[type=checkbox]')) return 'checkbox';
    if (element.matches('input, textarea')) return 'text';
    if (element.matches('select')) return 'dropdown';
    if (element.matches('a')) return 'link';
    if (element.matches('button, summary, [role=button]')) return 'button';
    return 'region';
  };
  const state = element => [
    element.value, element.checked, element.selectedIndex, element.getAttribute('aria-valuenow'),
    element.closest('details')?.open,
  ].join();
  // noUiSlider marks what stands around the handle.
  const off = element => element.disabled || element.closest('[disabled]') !== null;
  const seen = new Set();
  let held = null;
  // Buttons of a row are made anew when its choice is taken back, so controls are known by what they are called.
  const known = element => {
    const notebook = window.jupyterapp.shell.currentWidget.content, cell = element.closest('.jp-Cell');
    const at = notebook.widgets.findIndex(widget => widget.node === cell);
    return { cell: notebook.model.cells.get(at).id, role: role(element), name: name(element) };
  };
  const reachable = () => [...document.querySelectorAll(`.jp-OutputArea-output :is(${FOCUSABLE})`)]
    .filter(element => element.checkVisibility() && !off(element) && element.tabIndex >= 0)
    .map(element => Object.values(known(element)).join(' '));
  const first = new Set(reachable());
  window.labkitWalk = {
    errors,
    remember,
    async quiet() {
      do { await frame(); await frame(); } while (pending.size);
      await frame();
    },
    here() {
      const element = document.activeElement, cell = element?.closest('.jp-Cell');
      if (!cell) return null;
      if (!element.closest('.jp-OutputArea-output')) return { cell: '' };
      held = element;
      const own = known(element), box = element.getBoundingClientRect();
      const row = [...element.closest('.widget-toggle-buttons')?.querySelectorAll('button') ?? []];
      seen.add(Object.values(own).join(' '));
      return {
        ...own, off: off(element),
        amid: row.length > 6 && ![row[0], row.at(-1)].includes(element),
        visible: !plain.has(element) || plain.get(element) !== look(element),
        inside: box.bottom > 0 && box.top < innerHeight, state: state(element),
        last: element.selectedIndex === element.options?.length - 1,
        choices: element.options?.length ?? 0,
      };
    },
    // What became of the control that was operated: `held` is it that had the focus before.
    after() {
      const focused = document.activeElement;
      if (focused === held) return { focus: 'kept', state: state(held) };
      if (!held.isConnected) return { focus: focused === document.body ? 'lost' : 'moved', state: null };
      const gone = off(held) || !held.checkVisibility();
      return { focus: gone ? 'off' : 'lost', state: state(held) };
    },
    // What a widget says of an error that nobody expected has the traceback to open.
    broken: () => [...document.querySelectorAll('.jp-OutputArea-output .lk-problem:has(details)')]
      .map(problem => problem.innerText),
    missed: () => reachable().filter(key => first.has(key) && !seen.has(key)),
  };
  remember();
}"""


@dataclass
class Walk:
    """In which cells something was operated, and what was wrong on the way, in words."""

    cells: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def walk(page: NotebookPage) -> Walk:
    """Tab from the first cell to the end of the notebook, operating every control in an output once."""
    found = Walk()
    page.page.evaluate(_WATCH)
    page.to_first_cell()
    for stop in _stops(page):
        where = f"{stop['cell']}: {stop['role']} “{stop['name']}”"
        if not stop["name"] and stop["role"] != "region":
            found.problems.append(f"{where} has no name")
        if not (stop["visible"] or stop["off"]):
            found.problems.append(f"{where} does not show that it has the focus")
        if not stop["inside"]:
            found.problems.append(f"{where} has the focus out of sight")
        keys = _keys(stop)
        if keys:
            found.cells.add(str(stop["cell"]))
            found.problems += [f"{where} {what}" for what in _operate(page, stop, keys)]
    found.problems += [f"“{name}” is not reached" for name in page.page.evaluate("() => labkitWalk.missed()")]
    found.problems += page.page.evaluate("() => [...labkitWalk.errors, ...labkitWalk.broken()]")
    return found


def _stops(page: NotebookPage) -> Iterator[dict[str, object]]:
    """Each control that Tab reaches in an output, until Tab leaves the notebook."""
    for _ in range(_MOST_STOPS):
        page.page.keyboard.press("Tab")
        stop = page.page.evaluate("() => labkitWalk.here()")
        if stop is None:
            return
        if stop["cell"]:
            yield stop
    raise AssertionError(f"After {_MOST_STOPS} times Tab the focus is still in the notebook.")


def _operate(page: NotebookPage, stop: dict[str, object], keys: tuple[str, ...]) -> Iterator[str]:
    """Press the keys on the control that has the focus, and wait for what comes of it; what is wrong then."""
    for key in keys:
        page.page.keyboard.press(key)
    page.page.evaluate("() => labkitWalk.quiet()")
    after = page.page.evaluate("() => labkitWalk.after()")
    if after["focus"] == "lost":
        yield "lets go of the focus"
    if stop["role"] in ("checkbox", "slider", "dropdown") and after["state"] == stop["state"]:
        yield f"does nothing on {keys[0]}"
    page.page.evaluate("() => labkitWalk.remember()")


def _keys(stop: dict[str, object]) -> tuple[str, ...]:
    """What a person presses to operate a control of this role; nothing for what is only looked at."""
    if any(part in str(stop["name"]) for part in LEFT_ALONE):
        return ()
    match stop["role"]:
        # In a long row of buttons alike it is the first and the last that are pressed.
        case "button" if not stop["amid"]:
            return ("Enter",)
        case "checkbox":
            return ("Space",)
        case "slider" if not stop["off"]:
            return ("ArrowRight",)
        case "dropdown" if stop["choices"] != 1:
            return ("ArrowUp" if stop["last"] else "ArrowDown",)
        case "text":
            # What stands there is kept: it is typed in and sent, not changed.
            return ("End", "1", "Backspace", "Enter")
    return ()
