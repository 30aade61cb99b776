"""axe finds nothing: every kind of page, both colour schemes, small to wide, large text."""

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import barriers
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.surfaces import SURFACES, Surface

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
LARGE_TEXT = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.sampled
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_nobody_is_shut_out(new_page: NewPage, site: DemoSite, surface: Surface) -> None:
    # Without the fade between colours, which axe would otherwise look into.
    page = new_page(reduced_motion="reduce")
    surface.show(page, site)
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        found += [f"light {width}: {line}" for line in barriers(page)]
        page.emulate_media(color_scheme="dark")
        found += [f"dark {width}: {line}" for line in barriers(page, colours_only=True)]
    page.evaluate(LARGE_TEXT)
    found += [f"dark, 200 %: {line}" for line in barriers(page)]
    assert found == []


def test_axe_would_say_something(page: Page) -> None:
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
    rules = {line.split(":")[0] for line in barriers(page)}
    assert {"image-alt", "color-contrast"} <= rules
