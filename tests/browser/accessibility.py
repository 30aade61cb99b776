"""Run axe on a page with all rules for WCAG 2.2 A and AA and for best practices."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE_TAGS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22a",
    "wcag22aa",
    "best-practice",
]
AXE_OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": AXE_TAGS},
    # Off by default in axe, but our accessibility statement promises it.
    "rules": {"target-size": {"enabled": True}},
    # Axe would also fetch the style sheets for an experimental rule that is not run. It looks for
    # the parts they import beside the page, so the console would show a 404 for each.
    "preload": {"assets": ["media"]},
}
COLOR_RULES = ["color-contrast", "link-in-text-block"]
# Two frames after the fonts have loaded, the layout is final and autofocus has taken effect.
SETTLED = """() => document.fonts.ready.then(() => new Promise(done => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
}))"""
axe = Axe()


def settle(page: Page) -> None:
    """Wait until the page is fully rendered; a click returns as soon as navigation has started."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)


def accessibility_violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return one line for each accessibility violation on the page."""
    options = {**AXE_OPTIONS}
    if colours_only:
        options["runOnly"] = {"type": "rule", "values": COLOR_RULES}
    settle(page)
    # The script is half a megabyte, so load it only once per page.
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]
