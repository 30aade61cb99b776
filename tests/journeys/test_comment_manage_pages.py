"""Use a comment's private pages without JavaScript: edit, notices, withdraw, report."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, POST_COMMENT_BUTTON
from tests.browser.staff_steps import click_and_wait_for_message, open_comment

pytestmark = pytest.mark.browser
COMMENTER_EMAIL = "wren@example.org"


def release_delayed_emails(site: DemoSite) -> None:
    """Release the emails that are delayed three minutes in case staff undo a decision."""
    with sqlite3.connect(site.data / "db.sqlite3", timeout=20) as database:
        database.execute("UPDATE consultations_outgoingemail SET next_at = created_at")


def email_text(site: DemoSite, subject: str) -> str:
    """Return the text of the only email with this subject."""
    mails = wait_for(
        lambda: [mail for mail in site.mails_to(COMMENTER_EMAIL) if mail["Subject"] == subject],
        subject,
    )
    assert len(mails) == 1
    assert mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = next(part for part in mails[0].walk() if part.get_content_type() == "text/plain")
    return bytes(plain.get_payload(decode=True)).decode()


def test_comment_is_edited_answered_and_withdrawn_without_javascript(
    new_page: NewPage, staff: Page, site: DemoSite
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(ARTICLE_PATH)
    page.fill("#id_comment_text", "The first words of Wren.")
    page.fill("#id_comment_name", "Wren")
    page.fill("#id_comment_email", COMMENTER_EMAIL)
    page.check("#id_comment_wants_notice")
    stamp = site.stamp()
    page.locator("#id_comment_opened").evaluate("(field, value) => field.value = value", stamp)
    with page.expect_navigation():
        page.click(POST_COMMENT_BUTTON)
    own = page.url
    expect(page.locator("main")).to_contain_text("Your comment is awaiting moderation.")
    # Through the link in the email, as a visitor would days later.
    link = re.search(r"\S+/comments/manage/\S+/", email_text(site, "We got your comment"))
    assert link is not None
    assert link.group().endswith(own.partition("/comments/")[2])

    page.click("text=Edit it")
    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    page.fill("#id_comment_text", "Wren found better words.")
    page.click("text=Save the changes")
    expect(page.locator(".comment-text")).to_have_text("Wren found better words.")
    other_tab.fill("#id_comment_text", "Words from an older tab.")
    other_tab.click("text=Save the changes")
    expect(other_tab.locator("main")).to_contain_text("The comment has changed since you opened it")
    expect(other_tab.locator("#id_comment_text")).to_have_value("Words from an older tab.")
    expect(other_tab.locator(".comment-text")).to_have_text("Wren found better words.")

    open_comment(staff, "Wren found better words.")
    staff.click("a:text-is('Reply')")
    staff.fill("#id_text", "Thank you for coming by.")
    click_and_wait_for_message(staff, "button:text-is('Approve and publish the reply')")
    release_delayed_emails(site)
    for subject in ("Your comment is published", "Someone replied to your comment"):
        text = email_text(site, subject)
        assert "/comments/manage/" in text
        assert "Wren" not in text
        assert "words" not in text

    # A stale tab: its text stays in the form but is not saved.
    other_tab.click("text=Save the changes")
    expect(other_tab.locator("main")).to_contain_text("We’ve already read the comment")
    page.reload()
    expect(page.locator("h1")).to_have_text("Your comment is published")
    page.click("text=See it under the article")
    page.wait_for_url("**#comment-*")
    expect(page.locator(".comment", has_text="Wren found better words.")).to_be_visible()
    expect(page.locator(".comment", has_text="Thank you for coming by.")).to_be_visible()

    page.goto(f"{own}notices/")
    page.click("text=Stop emailing me about it")
    expect(page.locator("main")).to_contain_text("We won’t email you about it.")
    page.go_back()
    page.goto(own)
    page.get_by_role("link", name="Withdraw the comment").click()
    page.click("text=Yes, withdraw it")
    expect(page.locator("h1")).to_have_text("You’ve withdrawn your comment")
    page.go_back()
    page.reload()
    for path in (ARTICLE_PATH, "/articles/feed/rss/", "/search/?q=Wren"):
        assert "better words" not in site.get(path).text
    page.goto(ARTICLE_PATH)
    place = page.locator(".comment-removed", has_text="[withdrawn by the writer]")
    expect(place.first).to_be_visible()
    expect(page.locator(".comment", has_text="Thank you for coming by.")).to_be_visible()


def test_reader_reports_comment_with_one_click(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(ARTICLE_PATH)
    page.locator(".comment-report").first.click()
    page.click("button:text-is('Look at it again')")
    expect(page.locator("h1")).to_have_text("Thank you. We’ll look at it again")


@pytest.mark.parametrize("part", ["", "edit/", "notices/", "withdraw/"])
def test_comment_manage_pages_pass_axe(new_page: NewPage, site: DemoSite, part: str) -> None:
    page = new_page(reduced_motion="reduce", viewport={"width": 320, "height": 700})
    page.goto(
        site.comment(ARTICLE_PATH, text=f"A look at {part or 'all'}.", email="io@example.org")
        + part
    )
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_long_words_and_rtl_text_do_not_overflow(
    new_page: NewPage, staff: Page, site: DemoSite
) -> None:
    words = "Unterbeamten" * 60 + " " + "שלום " * 20
    site.comment(ARTICLE_PATH, name="عبد الرحمن" + "W" * 60, text=words, email="long@example.org")
    open_comment(staff, "Unterbeamten")
    click_and_wait_for_message(staff, "button:text-is('Approve')")
    page = new_page(viewport={"width": 320, "height": 700})
    page.goto(ARTICLE_PATH)
    expect(page.locator(".comment", has_text="Unterbeamten")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
