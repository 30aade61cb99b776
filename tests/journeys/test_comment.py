"""Post, approve, reply to and withdraw a comment in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, POST_COMMENT_BUTTON
from tests.browser.staff_steps import click_and_wait_for_message, open_comment
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser

NAME_FIELD, EMAIL_FIELD, TEXT_FIELD = "#id_comment_name", "#id_comment_email", "#id_comment_text"


def fill_comment_form(page: Page, site: DemoSite, *, words: str, name: str, email: str) -> None:
    page.fill(TEXT_FIELD, words)
    page.fill(NAME_FIELD, name)
    page.fill(EMAIL_FIELD, email)
    # Backdate the form by a minute, because an automated browser is faster than any person.
    stamp = site.stamp()
    page.locator("#id_comment_opened").evaluate("(field, value) => field.value = value", stamp)


def test_comment_is_posted_approved_and_withdrawn(
    visitor: Page, staff: Page, site: DemoSite, request: pytest.FixtureRequest
) -> None:
    words = f"The pause before answering. {request.node.name}"
    email = f"{request.node.callspec.id}@example.org"
    visitor.goto("/articles/")
    visitor.click("text=How the Therapeutic Relationship Drives Real Change")
    expect(visitor.locator("#leave-a-comment h2").last).to_have_text("Leave a Comment")
    expect(visitor.locator("#leave-a-comment")).to_contain_text(
        "Your email address will not be published. Required fields are marked *"
    )

    fill_comment_form(visitor, site, words=words, name="Rowan", email="rowan at home")
    visitor.click(POST_COMMENT_BUTTON)
    expect(visitor).to_have_title(re.compile("^Error: "))
    expect(visitor.locator(".error-summary")).to_contain_text(
        "Enter an email address, like name@example.com"
    )
    expect(visitor.locator(TEXT_FIELD)).to_have_value(words)
    expect(visitor.locator(NAME_FIELD)).to_have_value("Rowan")
    expect(visitor.locator(EMAIL_FIELD)).to_have_value("rowan at home")
    visitor.click(".error-summary a")
    expect(visitor.locator(EMAIL_FIELD)).to_be_focused()

    visitor.fill(EMAIL_FIELD, email)
    visitor.click(POST_COMMENT_BUTTON)
    expect(visitor.locator("h1")).to_have_text("Thank you. We read each comment first")
    expect(visitor.locator(".comment-text")).to_have_text(words)
    assert email not in visitor.content()
    own_page = visitor.url
    assert words not in site.get(ARTICLE_PATH).text

    open_comment(staff, words)
    expect(staff.locator(".comment-body")).to_have_text(words)
    click_and_wait_for_message(staff, "button:text-is('Approve')")

    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("Your comment is published")
    visitor.click("text=See it under the article")
    published = visitor.locator(".comment", has_text=words)
    expect(published).to_be_visible()
    expect(published.locator(".comment-name")).to_have_text("Rowan")
    assert email not in visitor.content()

    visitor.goto(own_page)
    visitor.get_by_role("link", name="Withdraw the comment").click()
    visitor.click("text=Yes, withdraw it")
    expect(visitor.locator("h1")).to_have_text("You’ve withdrawn your comment")
    assert words not in visitor.content()
    assert words not in site.get(ARTICLE_PATH).text


def test_staff_reply_is_published(staff: Page, site: DemoSite) -> None:
    site.comment(ARTICLE_PATH, text="Does this hold for groups too?", email="group@example.org")
    open_comment(staff, "Does this hold for groups too?")
    staff.click("a:text-is('Reply')")
    staff.fill("#id_text", "It does, with more voices in the room.")
    click_and_wait_for_message(staff, "button:text-is('Approve and publish the reply')")
    html = site.get(ARTICLE_PATH).text
    assert "Does this hold for groups too?" in html
    assert "It does, with more voices in the room." in html
    assert site.login["username"] not in html


def test_reader_reply_is_nested_under_comment(page: Page, staff: Page, site: DemoSite) -> None:
    page.goto(ARTICLE_PATH)
    page.locator(".comment-actions a").first.click()
    expect(page.locator("#leave-a-comment")).to_contain_text("You’re replying to")
    fill_comment_form(
        page, site, words="That was my hope as well.", name="Kit", email="kit@example.org"
    )
    page.click(POST_COMMENT_BUTTON)
    page.wait_for_url("**/comments/manage/**")
    open_comment(staff, "That was my hope as well.")
    click_and_wait_for_message(staff, "button:text-is('Approve')")
    page.goto(ARTICLE_PATH)
    expect(
        page.locator(".comment-list .comment-list .comment", has_text="That was my hope as well.")
    ).to_be_visible()


def test_spam_is_not_published(staff: Page, site: DemoSite) -> None:
    words = "Look at www.one.example and www.two.example"
    site.comment(ARTICLE_PATH, text=words, email="seller@example.org")
    open_comment(staff, words, folder="spam")
    expect(staff.locator(".item-suspicions")).to_contain_text("Two links or more")
    click_and_wait_for_message(staff, "button:text-is('Trash')")
    assert "www.one.example" not in site.get(ARTICLE_PATH).text


def test_errors_move_focus_to_summary(visitor: Page) -> None:
    visitor.goto(ARTICLE_PATH)
    visitor.click(POST_COMMENT_BUTTON)
    summary = visitor.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.locator("a")).to_have_count(3)
    expect(visitor.locator(f"{TEXT_FIELD}[aria-invalid=true]")).to_be_visible()


def test_double_click_posts_one_comment(visitor: Page, staff: Page, site: DemoSite) -> None:
    words = f"Twice pressed, once meant. {id(visitor)}"
    visitor.goto(ARTICLE_PATH)
    fill_comment_form(visitor, site, words=words, name="Bo", email="bo@example.org")
    visitor.dblclick(POST_COMMENT_BUTTON, no_wait_after=True)
    visitor.wait_for_url("**/comments/manage/**")
    staff.goto("/admin/consultations/comment/")
    expect(staff.locator("[data-item]", has_text=words)).to_have_count(1)


def test_back_and_reload_do_not_resubmit_comment(
    visitor: Page, staff: Page, site: DemoSite
) -> None:
    words = f"Sent once, looked at twice. {id(visitor)}"
    visitor.goto(ARTICLE_PATH)
    fill_comment_form(visitor, site, words=words, name="Lou", email="lou@example.org")
    visitor.click(POST_COMMENT_BUTTON)
    visitor.wait_for_url("**/comments/manage/**")
    posts: list[str] = []
    visitor.on("request", lambda sent: posts.append(sent.method))
    visitor.reload()
    visitor.go_back()
    visitor.go_forward()
    assert "POST" not in posts
    staff.goto("/admin/consultations/comment/")
    expect(staff.locator("[data-item]", has_text=words)).to_have_count(1)


def test_comment_can_be_posted_by_keyboard(page: Page, site: DemoSite) -> None:
    page.goto(ARTICLE_PATH)
    page.focus("#comments-heading, .comment-actions a >> nth=-1")
    tab_to(page, TEXT_FIELD)
    page.keyboard.type("Typed without a mouse.")
    tab_to(page, NAME_FIELD)
    page.keyboard.type("Keys")
    tab_to(page, EMAIL_FIELD)
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/comments/manage/**")
    expect(page.locator(".comment-text")).to_have_text("Typed without a mouse.")


def test_moderator_email_repeats_no_comment_text(site: DemoSite) -> None:
    site.comment(ARTICLE_PATH, text="Lavender and slate.", name="Quill", email="quill@example.org")
    mails = wait_for(site.mails, "a mail to the moderator")
    for mail in mails:
        assert "Lavender" not in mail.as_string()
        assert "quill@example.org" not in mail.as_string()


def test_withdrawn_comment_page_passes_axe(new_page: NewPage, site: DemoSite) -> None:
    page = new_page(reduced_motion="reduce")
    own = site.comment(ARTICLE_PATH, text="Soon to be gone.", email="gone@example.org")
    page.goto(f"{own}withdraw/")
    page.click("text=Yes, withdraw it")
    expect(page.locator("h1")).to_have_text("You’ve withdrawn your comment")
    assert accessibility_violations(page) == []
