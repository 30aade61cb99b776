"""Keyboard navigation with the Tab key."""

from playwright.sync_api import Page


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the control has focus; fail if the honeypot field receives it."""
    for _step in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name")
        assert name != "website", "the decoy is reached by keyboard"
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"{selector} is not reached by keyboard")
