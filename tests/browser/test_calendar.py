"""The staff calendar in a browser: click to book, drag to block, open a call, print, no script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_watch import watch_page
from tests.browser.staff_steps import future_thursday_at_ten

pytestmark = pytest.mark.browser
CALENDAR = "/admin/consultations/consultation/week/"


def open_week(page: Page, practitioner: str = "all") -> Locator:
    """Open the week of a Thursday that is yet to come, and return that day's column."""
    day = f"{future_thursday_at_ten():%Y-%m-%d}"
    page.goto(f"{CALENDAR}?week={day}&practitioner={practitioner}")
    return page.locator(f".cal-day[data-day='{day}']")


def test_click_on_an_empty_place_books_that_time(staff: Page) -> None:
    column = open_week(staff)
    box = column.bounding_box()
    assert box is not None
    # The last hour shown is outside everybody's hours.
    column.click(position={"x": box["width"] / 2, "y": box["height"] - 40})
    staff.wait_for_url(re.compile(r"/add/\?on="))
    expect(staff.locator("#id_start_at_0")).to_have_value(f"{future_thursday_at_ten():%Y-%m-%d}")
    expect(staff.locator("#id_start_at_1")).to_have_value(re.compile(r"^\d\d:\d\d"))


def test_drag_blocks_the_hours_it_covers(staff: Page, site: DemoSite) -> None:
    watch = watch_page(staff, site.url)
    column = open_week(staff)
    box = column.bounding_box()
    assert box is not None
    x, top = box["x"] + box["width"] / 2, box["y"] + 144
    staff.mouse.move(x, top + 1)
    staff.mouse.down()
    staff.mouse.move(x, top + 70, steps=4)
    expect(staff.locator(".cal-drag")).to_have_text(re.compile("–"))
    staff.mouse.up()
    staff.wait_for_url("**/block/?**")
    expect(staff.locator("#id_begins")).to_have_value(re.compile(r"^\d\d:00$"))
    expect(staff.locator("#id_all_day")).not_to_be_checked()
    assert watch.complaints() == []


def test_a_day_is_blocked_in_three_clicks_and_freed_again(
    new_page: NewPage, staff_cookies: Any
) -> None:
    page = new_page(storage_state=staff_cookies, java_script_enabled=False)
    day = future_thursday_at_ten()
    page.goto(f"{CALENDAR}?week={day:%Y-%m-%d}&practitioner=all")  # 1: the calendar
    page.click(f".cal-col:has([data-day='{day:%Y-%m-%d}']) .cal-block")  # 2
    page.click("text=Block this time")  # 3
    expect(page.locator(".messagelist .success")).to_contain_text("all day")
    page.goto(f"{CALENDAR}?week={day:%Y-%m-%d}&practitioner=all")
    page.click(f".cal-col:has([data-day='{day:%Y-%m-%d}']) .cal-all a.ev-off")
    page.click("text=Remove this time off")
    expect(page.locator(".messagelist .success")).to_contain_text("No longer blocked")


def test_call_opens_a_panel_and_returns_the_focus(staff: Page) -> None:
    staff.goto(f"{CALENDAR}?practitioner=all")
    while not staff.locator("a.ev[data-panel]:visible").count():
        staff.click("[rel=next]")  # the demo has calls in the next two weeks
    call = staff.locator("a.ev[data-panel]").first
    call.focus()
    staff.keyboard.press("Enter")
    panel = staff.locator(".pop:visible")
    expect(panel.locator("h2")).to_contain_text("Call with")
    expect(panel.locator("text=Open")).to_be_focused()
    assert accessibility_violations(staff) == []
    staff.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(call).to_be_focused()
    call.click()
    staff.click(".pop:visible >> text=Open")
    staff.wait_for_url("**/change/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_calendar_fits_and_passes_axe(
    new_page: NewPage, staff_cookies: Any, scheme: str, width: int
) -> None:
    page = new_page(
        storage_state=staff_cookies,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 844},
    )
    open_week(page)
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_print_gives_a_sheet_of_the_days(staff: Page) -> None:
    open_week(staff)
    staff.emulate_media(media="print")
    expect(staff.locator(".day-sheet h2").first).to_be_visible()
    expect(staff.locator(".cal")).to_be_hidden()
