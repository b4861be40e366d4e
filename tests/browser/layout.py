"""What can be measured of how a notebook looks: what is cut off, too wide, or drawn over something else."""

from __future__ import annotations

from playwright.sync_api import Page

# A pixel or two are rounding; a table or grid that scrolls by itself is all there.
_PROBLEMS = """() => {
  const SCROLLS = '.lk-scroll, .lk-matrix, pre';
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  const found = [], all = (selector, from = panel) => [...from.querySelectorAll(selector)];
  const words = element => (element.textContent || element.value || element.className).trim().slice(0, 60);
  const where = element => element.closest('.jp-Cell')?.querySelector('.cm-line')?.textContent ?? '';
  const say = (problem, element) => found.push(`${problem}: “${words(element)}” in “${where(element)}”`);
  const shown = element => element.checkVisibility() && element.clientWidth > 1;
  const wider = element => element.scrollWidth > element.clientWidth + 1;
  const pen = document.createElement('canvas').getContext('2d');

  all('.jp-CodeCell .cm-scroller').filter(wider).forEach(code => say('code runs out of its cell', code));
  all('.jp-OutputArea-output').filter(wider).forEach(output => say('wider than its cell', output));
  for (const element of all('.jp-OutputArea-output *').filter(shown)) {
    const hides = getComputedStyle(element).overflowX !== 'visible';
    if (hides && wider(element) && !element.closest(SCROLLS) && !element.matches('.lk-spoken, input'))
      say('cut off', element);
  }
  for (const select of all('.jp-OutputArea-output select').filter(shown)) {
    const style = getComputedStyle(select), text = select.selectedOptions[0]?.textContent ?? '';
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(text).width > room + 1) say('a choice is cut off', select);
  }
  for (const picture of all('.jp-OutputArea-output svg[role=img]').filter(svg => svg.checkVisibility())) {
    const whole = picture.getBoundingClientRect();
    const boxes = all('text', picture).filter(text => text.textContent.trim())
      .map(text => ({ text, box: text.getBoundingClientRect() }));
    for (const [i, { text, box }] of boxes.entries()) {
      if (box.right > whole.right + 2 || box.left < whole.left - 2) say('runs out of its picture', text);
      for (const other of boxes.slice(i + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (across > 2 && down > 0.4 * Math.min(box.height, other.box.height))
          found.push(`“${words(text)}” and “${words(other.text)}” overlap in “${where(picture)}”`);
      }
    }
  }
  return found;
}"""


def misfits(page: Page) -> list[str]:
    """What does not fit in the notebook that is open, a sentence each."""
    found: list[str] = page.evaluate(_PROBLEMS)
    return found
