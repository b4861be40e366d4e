"""axe-core on what labkit puts on a page, by the rules of WCAG 2.1, levels A and AA."""

from __future__ import annotations

import json
from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
_OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
_RUN = """async ([include, options]) => {
  const context = include.length ? { include: include.map(selector => [selector]) } : document;
  if (include.length && !document.querySelector(include.join())) return [];
  const { violations } = await axe.run(context, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    `${id}: ${html.slice(0, 160)} (${target.join(' ')}): ${failureSummary.replace(/\\s+/g, ' ').slice(0, 300)}`));
}"""


def violations(page: Page, *parts: str) -> Sequence[str]:
    """Every violation in the elements that these selectors find, or on the whole page; a sentence each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN, [list(parts), json.loads(json.dumps(_OPTIONS))])
    return found
