"""The frame of the staff's desk in a browser: menu, keys, and pages that fit and pass axe."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage

pytestmark = pytest.mark.browser

TODAY = "/admin/"
REQUESTS = "/admin/consultations/consultation/"
DESK_PAGES = (TODAY, REQUESTS, "/admin/search/?q=fee", "/admin/pages/article/", "/admin/account/")
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("path", DESK_PAGES)
def test_desk_pages_pass_axe_and_fit_in_both_themes(
    new_page: NewPage, staff_cookies: Any, site: DemoSite, path: str
) -> None:
    site.ask()
    page = new_page(storage_state=staff_cookies, reduced_motion="reduce")
    for width, theme in ((1280, "light"), (390, "dark"), (320, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(path)
        assert accessibility_violations(page) == [], (width, theme)
        assert page.evaluate(OVERFLOW) <= 0, (width, theme)


def test_slash_focuses_the_search_and_finds_a_client_by_name(staff: Page, site: DemoSite) -> None:
    site.ask(name="Xanthippe Quillfeather", email="quill@example.org")
    staff.goto(TODAY)
    staff.keyboard.press("/")
    expect(staff.locator("#quick-search")).to_be_focused()
    staff.keyboard.type("quillf")
    staff.keyboard.press("Enter")
    expect(staff.locator("#clients-heading ~ ul .hit").first).to_contain_text("XQ, ")
    assert staff.url.endswith("/admin/search/")
    assert "quillf" not in staff.title().casefold()


def test_phone_menu_opens_and_closes_without_script(new_page: NewPage, staff_cookies: Any) -> None:
    page = new_page(
        storage_state=staff_cookies,
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
    )
    page.goto(REQUESTS)
    menu = page.locator("#nav-sidebar")
    expect(menu).to_be_hidden()
    page.click("#bottom-bar a[href='#nav-sidebar']")
    expect(menu).to_be_visible()
    page.click("#nav-sidebar .nav-close")
    expect(menu).to_be_hidden()
    page.click("#bottom-bar >> text=Today")
    expect(page.locator("#today-heading")).to_be_visible()


def test_menu_collapses_to_icons_and_stays_so(staff: Page) -> None:
    staff.goto(TODAY)
    staff.click("#toggle-nav-sidebar")
    expect(staff.locator("#nav-menu")).to_be_hidden()
    expect(staff.locator("#nav-rail")).to_be_visible()
    staff.goto(REQUESTS)
    expect(staff.locator("#nav-menu")).to_be_hidden()
    staff.click("#toggle-nav-sidebar")
    expect(staff.locator("#nav-menu")).to_be_visible()
