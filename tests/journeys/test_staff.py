"""Use the admin in a browser: sign in, see pending requests, edit practice details and pages."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, CLOSED_ARTICLE_PATH
from tests.browser.page_watch import watch_page
from tests.browser.staff_steps import (
    click_and_wait_for_message,
    open_action,
    open_comment,
    open_consultation,
    preview_own_time,
)

pytestmark = pytest.mark.browser

STAFF_PATHS = {
    "what waits": "/admin/",
    "requests": "/admin/consultations/consultation/",
    "comments": "/admin/consultations/comment/",
    "mails": "/admin/consultations/outgoingemail/",
    "pages": "/admin/pages/sitepage/",
}


def test_wrong_password_is_refused(page: Page, site: DemoSite) -> None:
    page.goto("/admin/")
    page.fill("#id_login", site.login["username"])
    page.fill("#id_password", "not the password")
    page.click("[type=submit]")
    expect(page.locator(".errornote")).to_be_visible()
    page.goto("/admin/consultations/consultation/")
    expect(page.locator("#id_password")).to_be_visible()


def test_dashboard_links_to_pending_requests(staff: Page, site: DemoSite) -> None:
    site.ask(email="waiting@visitor.example")
    staff.goto("/admin/")
    staff.get_by_role("link", name="that need").click()
    expect(staff.locator("#result_list tbody tr").first).to_be_visible()
    expect(staff.locator("#changelist-filter .selected").first).to_contain_text("Needs an answer")


def test_edited_article_is_published(staff: Page, site: DemoSite) -> None:
    sentence = "A line that was typed in the editor."
    staff.goto("/admin/pages/article/")
    staff.click("#result_list tbody th a:has-text('What happens in the first call')")
    staff.wait_for_selector(".tiptap.ProseMirror")
    editor = staff.get_by_role("textbox", name="Text")
    editor.click()
    editor.press("Control+End")
    editor.press("Enter")
    editor.press_sequentially(sentence)
    click_and_wait_for_message(staff, "[name=_publish]")
    assert sentence in site.get(CLOSED_ARTICLE_PATH).text


def test_changed_phone_appears_on_every_page(staff: Page, site: DemoSite) -> None:
    staff.goto("/admin/pages/practiceprofile/")
    if staff.locator("#result_list").count():
        staff.click("#result_list tbody th a")
    before = staff.input_value("#id_phone")
    try:
        staff.fill("#id_phone", "(503) 555-0177")
        click_and_wait_for_message(staff, "[name=_save]")
        for path in ("/", "/contact/", ARTICLE_PATH):
            assert "(503) 555-0177" in site.get(path).text, path
        # Error pages are static files, rewritten when the practice details change.
        assert "(503) 555-0177" in site.get("/no-such-page/").text
    finally:
        staff.goto("/admin/pages/practiceprofile/")
        if staff.locator("#result_list").count():
            staff.click("#result_list tbody th a")
        staff.fill("#id_phone", before)
        click_and_wait_for_message(staff, "[name=_save]")


def test_second_moderator_is_told_comment_was_handled(
    new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    one, other = (new_page(storage_state=staff_cookies) for _person in "ab")
    words = "Read by two at once."
    site.comment(ARTICLE_PATH, text=words, email="two@example.org")
    open_comment(one, words)
    open_comment(other, words)
    click_and_wait_for_message(one, "button:text-is('Approve')")
    other.click("button:text-is('Spam')")
    expect(other.locator(".desk-result")).to_contain_text("Meanwhile: approved by")
    assert site.get(ARTICLE_PATH).status == 200


@pytest.mark.parametrize("name", STAFF_PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_lists_pass_axe(
    new_page: NewPage, staff_cookies: dict, name: str, scheme: str
) -> None:
    page = new_page(storage_state=staff_cookies, color_scheme=scheme, reduced_motion="reduce")
    page.goto(STAFF_PATHS[name])
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_custom_admin_pages_pass_axe(
    new_page: NewPage, staff_cookies: dict, site: DemoSite, scheme: str
) -> None:
    page = new_page(storage_state=staff_cookies, color_scheme=scheme, reduced_motion="reduce")
    visitor = new_page()
    visitor.goto(site.ask(email="seen@visitor.example"))
    reference = visitor.locator(".done-panel-reference strong").inner_text()
    open_consultation(page, reference)
    violations = [f"consultation: {line}" for line in accessibility_violations(page)]
    for label in ("Confirm a time", "Decline kindly"):
        open_consultation(page, reference)
        open_action(page, label)
        violations += [f"{label}: {line}" for line in accessibility_violations(page)]
    page.click("input[type=submit][value='Decline kindly']")
    site.comment(ARTICLE_PATH, text=f"For the eyes of staff, {scheme}.", email="eyes@example.org")
    open_comment(page, f"For the eyes of staff, {scheme}.")
    violations += [f"comment: {line}" for line in accessibility_violations(page)]
    assert violations == []


def test_past_time_shows_an_error(staff: Page, site: DemoSite) -> None:
    visitor = site.get(site.ask(email="past@visitor.example")).text
    reference = visitor.split("done-panel-reference", 1)[1].split("<strong>", 1)[1].split("<", 1)[0]
    open_consultation(staff, reference)
    open_action(staff, "Confirm a time")
    preview_own_time(staff, datetime(2020, 1, 2, 10))
    expect(staff.locator(".errorlist")).to_contain_text("Choose a time that is still to come.")
    expect(staff.locator("#id_start_at_0")).to_have_value("2020-01-02")
    assert accessibility_violations(staff) == []


@pytest.mark.parametrize("path", STAFF_PATHS.values())
def test_staff_pages_make_no_foreign_requests(staff: Page, site: DemoSite, path: str) -> None:
    seen = watch_page(staff, site.url)
    staff.goto(path)
    assert seen.complaints() == []
    assert seen.responses_without_csp() == []
