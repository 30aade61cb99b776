"""Tests that axe finds no violations on any page, color scheme, width or text size."""

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import PAGE_STATES, PageState

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
DOUBLE_TEXT_SIZE = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.sampled
@pytest.mark.parametrize("surface", PAGE_STATES, ids=lambda surface: surface.name)
def test_every_page_state_passes_axe(new_page: NewPage, site: DemoSite, surface: PageState) -> None:
    # Without transitions, because axe would measure an intermediate color.
    page = new_page(reduced_motion="reduce")
    surface.show(page, site)
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        found += [f"light {width}: {line}" for line in accessibility_violations(page)]
        page.emulate_media(color_scheme="dark")
        found += [
            f"dark {width}: {line}" for line in accessibility_violations(page, colours_only=True)
        ]
    page.evaluate(DOUBLE_TEXT_SIZE)
    found += [f"dark, 200 %: {line}" for line in accessibility_violations(page)]
    assert found == []


def test_axe_detects_known_violations(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        """() => {
            const image = document.createElement("img");
            const pale = document.createElement("p");
            pale.textContent = "pale";
            pale.style.color = "#ddd";
            document.querySelector("main").append(image, pale);
        }"""
    )
    rules = {line.split(":")[0] for line in accessibility_violations(page)}
    assert {"image-alt", "color-contrast"} <= rules
