"""Moving rows of a list in the admin: by arrow, by dragging, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_watch import watch_page

pytestmark = pytest.mark.browser
LIST_PATH = "/admin/pages/frequentquestion/"
ROWS = "#result_list tbody tr"


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(f"{ROWS} th").all_inner_texts()]


def click_and_wait(page: Page, button: str, row: int) -> None:
    with page.expect_response(re.compile(r"/move/")):
        page.locator(ROWS).nth(row).locator(button).click()


def test_arrow_moves_a_row_at_once_and_keeps_focus(staff: Page, site: DemoSite) -> None:
    watch = watch_page(staff, site.url)
    staff.goto(LIST_PATH)
    first, second, third, *rest = names(staff)
    click_and_wait(staff, ".row-order-up", 2)
    assert names(staff) == [first, third, second, *rest]
    expect(staff.locator(ROWS).nth(1).locator(".row-order-up")).to_be_focused()
    with staff.expect_response(re.compile(r"/move/")):
        staff.keyboard.press("Enter")
    assert names(staff) == [third, first, second, *rest]
    # The first row has no way up any more.
    expect(staff.locator(ROWS).first.locator(".row-order-down")).to_be_focused()
    staff.reload()
    assert names(staff) == [third, first, second, *rest]
    assert watch.complaints() == []
    assert accessibility_violations(staff) == []


def test_row_can_be_dragged(staff: Page, site: DemoSite) -> None:
    staff.goto(LIST_PATH)
    first, second, third, *rest = names(staff)
    grip = staff.locator(ROWS).first.locator(".row-order-grip").bounding_box()
    target = staff.locator(ROWS).nth(2).bounding_box()
    assert grip is not None
    assert target is not None
    staff.mouse.move(grip["x"] + 8, grip["y"] + 8)
    staff.mouse.down()
    staff.mouse.move(grip["x"] + 8, target["y"] + target["height"] / 2, steps=8)
    with staff.expect_response(re.compile(r"/move/")):
        staff.mouse.up()
    assert names(staff) == [second, third, first, *rest]
    staff.reload()
    assert names(staff) == [second, third, first, *rest]


def test_arrows_work_without_javascript(
    new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    page = new_page(storage_state=staff_cookies, java_script_enabled=False)
    page.goto(LIST_PATH)
    first, second, *rest = names(page)
    expect(page.locator(".row-order-grip").first).to_be_hidden()
    with page.expect_navigation():
        page.locator(ROWS).nth(1).locator(".row-order-up").click()
    assert names(page) == [second, first, *rest]
