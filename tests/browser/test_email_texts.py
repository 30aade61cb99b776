"""Tests for the page of an email's text: buttons, the preview, and the page without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_watch import watch_page

pytestmark = pytest.mark.browser

LIST_PATH = "/admin/consultations/emailtext/"
PAGE_PATH = f"{LIST_PATH}consultation_moved/change/"


def test_buttons_insert_placeholders_and_preview_follows(staff: Page, site: DemoSite) -> None:
    watch = watch_page(staff, site.url)
    staff.goto(PAGE_PATH)
    staff.fill("#id_subject", "New time: ")
    staff.get_by_role("button", name="Insert time").click()
    assert staff.input_value("#id_subject") == "New time: {time}"
    # A subject can't be clicked, so a link goes into the text.
    staff.focus("#id_subject")
    staff.get_by_role("button", name="Insert private link").click()
    assert staff.input_value("#id_subject") == "New time: {time}"
    expect(staff.locator(".email-head")).to_contain_text("New time: ")

    staff.fill("#id_body", "About your therapy at {tiem}.")
    faults = staff.locator(".email-faults")
    expect(faults).to_contain_text("Did you mean {time}?")
    expect(faults).to_contain_text("The text needs {private link}")
    expect(staff.locator(".email-warning")).to_contain_text("therapy")
    assert watch.complaints() == []
    assert accessibility_violations(staff) == []

    staff.fill("#id_body", "See you then.\n\n{time}\n\n{private link}")
    expect(faults).to_have_count(0)
    expect(staff.locator(".email-time")).to_be_visible()
    expect(staff.locator(".email-button")).to_have_text("Open your private page")
    staff.get_by_role("button", name="Save").click()
    staff.wait_for_url(f"**{LIST_PATH}")
    assert staff.locator(".email-rows .badge-ok").count() == 1
    staff.goto(PAGE_PATH)
    staff.get_by_role("button", name="Back to the default").click()
    expect(staff.locator(".messagelist")).to_contain_text("The default text is back.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_are_accessible(
    new_page: NewPage, staff_cookies: object, scheme: str
) -> None:
    page = new_page(
        storage_state=staff_cookies,
        color_scheme=scheme,
        viewport={"width": 320, "height": 700},
    )
    for path in (LIST_PATH, PAGE_PATH):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, path
        assert accessibility_violations(page) == []


def test_text_can_be_changed_without_javascript(new_page: NewPage, staff_cookies: object) -> None:
    page = new_page(storage_state=staff_cookies, java_script_enabled=False)
    page.goto(PAGE_PATH)
    assert page.get_by_role("button", name="Insert time").count() == 0
    page.fill("#id_body", "See you {tiem}.\n\n{private link}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".email-faults")).to_contain_text("Did you mean {time}?")
    assert page.input_value("#id_body").startswith("See you {tiem}.")
    page.fill("#id_body", "See you {time}.\n\n{private link}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    page.goto(PAGE_PATH)
    page.get_by_role("button", name="Back to the default").click()
    expect(page.locator(".messagelist")).to_contain_text("The default text is back.")
