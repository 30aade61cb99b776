"""The writing page in a real browser: what is typed survives, whatever happens to the tab."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Error,
    Page,
    Route,
    expect,
)

from consultations.accounts.models import StaffSession
from pages.articles.models import Article
from tests.browser.accessibility import accessibility_violations
from tests.factories.pages import make_article, make_category, make_practice
from tests.pages.test_editor import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def context(chromium: Browser, live_server) -> Iterator[BrowserContext]:
    make_practice()
    make_category(name="Daily life")
    context = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, live_server) -> Page:
    page = context.new_page()
    sign_in(page, live_server.url)
    return page


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_selector("form[data-ready]")


def write(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def sign_in_again(page: Page, address: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get(username="jo"))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def expect_saved(page: Page) -> None:
    expect(page.locator("#saved-status")).to_have_text("Saved just now")
    expect(page.locator("#saved")).to_have_text("Saved just now")


def test_killed_tab_loses_nothing(page: Page, context: BrowserContext) -> None:
    open_page(page, "/admin/pages/article/add/")
    page.locator("#id_title").press_sequentially("On rest")
    page.keyboard.press("Enter")
    page.keyboard.type("Rest is work.")
    expect_saved(page)
    expect(page).to_have_url(re.compile(r"/article/\d+/change/$"))
    url = page.url
    write(page, " And more.")
    expect(page.locator("#saved")).to_have_text("Not saved yet")
    expect(page.locator("#saved")).to_have_text("Saved just now")
    page.close()
    article = Article.objects.get()
    assert (article.title, article.status) == ("On rest", "draft")
    other = context.new_page()
    open_page(other, url)
    expect(other.get_by_role("textbox", name="Text")).to_have_text("Rest is work. And more.")
    assert accessibility_violations(other) == []


def test_article_is_published_in_one_click_from_a_new_page(page: Page) -> None:
    open_page(page, "/admin/pages/article/add/")
    page.locator("#id_title").press_sequentially("On rest")
    page.keyboard.press("Enter")
    page.keyboard.type("Rest is work.")
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_selector(".messagelist .success")
    article = Article.objects.get()
    assert article.is_public()
    assert (article.slug, article.body) == ("on-rest", "<p>Rest is work.</p>")


def test_article_published_while_it_is_being_saved_meets_no_conflict(page: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []
    open_page(page, "/admin/pages/article/add/")

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/autosave/", hold_first)
    page.locator("#id_title").press_sequentially("On rest")
    page.keyboard.press("Enter")
    page.keyboard.type("Rest is work.")
    expect(page.locator("#saved")).to_have_text("Saving…")
    while not held:  # the server has stored the draft, and its answer is still on the way
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Publish now").click(no_wait_after=True)
    page.wait_for_timeout(300)
    for route, answer in held:
        with suppress(Error):  # a page that did not wait has dropped the request
            route.fulfill(response=answer)
    page.wait_for_selector(".messagelist .success")
    article = Article.objects.get()
    assert article.is_public()
    assert (article.slug, article.body) == ("on-rest", "<p>Rest is work.</p>")


def test_leaving_unsaved_text_warns_and_back_brings_it_back(page: Page) -> None:
    article = make_article(status="draft", body="<p>One.</p>")
    open_page(page, f"/admin/pages/article/{article.pk}/change/")
    page.route("**/autosave/", lambda route: route.abort())
    write(page, " Two.")
    warnings: list[str] = []

    def leave(dialog) -> None:
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/admin/")
    assert warnings == ["beforeunload"]
    page.go_back()
    page.wait_for_selector("form[data-ready]")
    put_back = page.get_by_role("button", name="Put it back")
    text = page.get_by_role("textbox", name="Text")
    # A browser may have kept the whole page, with its text.
    expect(put_back.or_(text.get_by_text("One. Two.")).first).to_be_visible()
    if put_back.is_visible():
        put_back.click()
    expect(text).to_have_text("One. Two.")
    page.unroute("**/autosave/")
    expect_saved(page)
    article.refresh_from_db()
    assert article.body == "<p>One. Two.</p>"


def test_signed_out_page_keeps_its_text_until_signed_in_again(page: Page, live_server) -> None:
    article = make_article(status="draft", body="<p>One.</p>")
    path = f"/admin/pages/article/{article.pk}/change/"
    open_page(page, path)
    StaffSession.objects.all().delete()
    page.context.clear_cookies()
    write(page, " Two.")
    expect(page.get_by_role("alert").filter(has_text="You’re signed out.")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/admin/")
    article.refresh_from_db()
    assert article.body == "<p>One.</p>"
    sign_in_again(page, live_server.url)
    open_page(page, path)
    page.get_by_role("button", name="Put it back").click()
    expect_saved(page)
    article.refresh_from_db()
    assert article.body == "<p>One. Two.</p>"


def test_two_tabs_do_not_overwrite_each_other(page: Page, context: BrowserContext) -> None:
    article = make_article(status="draft", body="<p>One.</p>")
    path = f"/admin/pages/article/{article.pk}/change/"
    open_page(page, path)
    other = context.new_page()
    open_page(other, path)
    write(page, " First tab.")
    expect_saved(page)
    write(other, " Second tab.")
    expect(other.get_by_role("alert").filter(has_text="another tab")).to_be_visible()
    article.refresh_from_db()
    assert article.body == "<p>One. First tab.</p>"
    other.get_by_role("button", name="Save draft").click()
    expect(other.get_by_role("heading", name="Two versions: theirs and yours")).to_be_visible()
    expect(other.get_by_text("Please correct")).to_have_count(0)
    expect(other.get_by_role("textbox", name="Text")).to_have_text("One. Second tab.")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_writing_page_fits_the_screen(page: Page, width: int) -> None:
    article = make_article(title="Long " * 20, body="<p>One.</p>" * 30)
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, f"/admin/pages/article/{article.pk}/change/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert accessibility_violations(page) == []
