"""View and erase personal data: as the visitor, using only the keyboard, and as staff."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH
from tests.browser.staff_steps import click_and_wait_for_message
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser
FIND_PERSON_PATH = "/admin/consultations/tombstone/person/"


def emailed_data_link(site: DemoSite, address: str) -> str:
    def found() -> str:
        for mail in site.mails_to(address):
            plain = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
            text = bytes(plain.get_payload(decode=True)).decode()
            if link := re.search(r"/your-data/\S+/", text):
                return link.group()
        return ""

    return wait_for(found, "the link to one's own data")


def assert_fits_viewport(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_person_erases_data_by_keyboard_without_javascript(
    new_page: NewPage, site: DemoSite
) -> None:
    address = "plover@example.org"
    own_call, own_comment = site.book(email=address), site.comment(ARTICLE_PATH, email=address)
    page = new_page(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page.goto("/your-data/")
    assert_fits_viewport(page)
    tab_to(page, "[name=email]")
    page.keyboard.type(address)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Check your email")

    link = emailed_data_link(site, address)
    page.goto(link)
    expect(page.locator("main")).to_contain_text(address)
    assert_fits_viewport(page)
    other_tab = new_page()
    other_tab.goto(link)
    assert accessibility_violations(other_tab) == []
    with other_tab.expect_navigation():
        other_tab.click("button[value=erase]")
    assert accessibility_violations(other_tab) == []
    other_tab.click("text=Keep it")
    tab_to(page, "button[value=erase]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Delete everything under your email address?")
    assert_fits_viewport(page)
    tab_to(page, "button[value=erase-all]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your data is deleted")
    assert_fits_viewport(page)
    # The links in all emails stop working, and so does the page open in another tab.
    for path in (own_call, own_comment, link):
        assert site.get(path).status == 404
    other_tab.click("button[value=json]")
    expect(other_tab.locator("h1")).to_have_text("We can’t find this page")


def test_staff_correct_and_erase_data_for_a_caller(staff: Page, site: DemoSite) -> None:
    address = "dunlin@example.org"
    own = site.ask(email=address, name="Dunlyn")
    staff.goto("/admin/consultations/tombstone/")
    staff.click("text=Find a person")
    staff.fill("[name=contact]", address)
    staff.press("[name=contact]", "Enter")
    staff.click("text=Put something right")
    assert accessibility_violations(staff) == []
    staff.locator("details [name$=-name]").fill("Dunlin")
    click_and_wait_for_message(staff, "#content details button")
    staff.fill("[name=contact]", address)
    staff.press("[name=contact]", "Enter")
    expect(staff.locator("#content")).to_contain_text("Dunlin")
    for button in ("Erase everything", "Yes, erase everything"):
        staff.fill("[name=password]", site.login["password"])
        with staff.expect_navigation():
            staff.click(f"button:text-is('{button}')")
    expect(staff.locator(".messagelist .success")).to_contain_text("erased")
    assert site.get(own).status == 404
    staff.goto("/admin/consultations/tombstone/")
    staff.click("text=What is deleted when")
    expect(staff.locator(".results tbody tr").first).to_contain_text("90 days")
    assert accessibility_violations(staff) == []
