"""Write, schedule, edit, revert and move pages in a browser, as the staff guide describes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pages.articles.models import Article
from pages.publishing.revisions import Revision
from tests.browser.accessibility import accessibility_violations
from tests.factories.pages import make_article, make_category, make_practice
from tests.pages.test_editor import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PRACTICE_ZONE = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def context(chromium: Browser, live_server) -> Iterator[BrowserContext]:
    make_practice()
    make_category(name="Daily life")
    context = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def staff(context: BrowserContext, live_server) -> Page:
    page = context.new_page()
    sign_in(page, live_server.url)
    return page


@pytest.fixture
def reader(chromium: Browser, live_server) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


def response_status(page: Page, path: str) -> int:
    response = page.goto(path)
    assert response is not None
    return response.status


def open_editor(page: Page, article: Article) -> None:
    page.goto(f"/admin/pages/article/{article.pk}/change/")
    page.wait_for_selector(".tiptap.ProseMirror")


def replace_text(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def click_and_wait_for_success(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()
    page.wait_for_selector(".messagelist .success")


def test_scheduled_article_appears_at_its_time(staff: Page, reader: Page) -> None:
    staff.goto("/admin/pages/article/add/")
    staff.wait_for_selector(".tiptap.ProseMirror")
    staff.locator("#id_title").press_sequentially("On rest")
    staff.select_option("#id_category", label="Daily life")
    staff.get_by_role("textbox", name="Text").click()
    staff.keyboard.type("## Why rest")
    staff.keyboard.press("Enter")
    staff.keyboard.type("We guarantee nothing.")
    at = timezone.now().astimezone(PRACTICE_ZONE).replace(second=0, microsecond=0) + timedelta(
        days=3
    )
    staff.fill("#id_published_at_0", f"{at:%Y-%m-%d}")
    staff.fill("#id_published_at_1", f"{at:%H:%M:%S}")
    label = f"Publish on {at:%A} {at.day} {at:%B}"
    expect(staff.locator("[name=_publish]")).to_have_value(
        f"{label}{'' if at.year == datetime.now(PRACTICE_ZONE).year else f' {at.year}'} at {at:%H:%M}"  # noqa: E501
    )
    click_and_wait_for_success(staff, label)
    expect(staff.get_by_text("Readers see it on")).to_be_visible()
    remarks = staff.get_by_role("region", name="Before you publish")
    expect(remarks.locator("mark", has_text="guarantee")).to_be_visible()
    assert response_status(reader, "/articles/on-rest/") == 404
    with time_machine.travel(at + timedelta(seconds=1)):
        assert response_status(reader, "/articles/on-rest/") == 200
        expect(reader.get_by_role("heading", name="Why rest")).to_be_visible()
    assert accessibility_violations(staff) == []


def test_draft_change_stays_hidden_until_published(staff: Page, reader: Page) -> None:
    article = make_article(title="On rest", slug="on-rest", body="<p>The first words.</p>")
    open_editor(staff, article)
    replace_text(staff, "The second words.")
    click_and_wait_for_success(staff, "Save as draft change")
    expect(staff.get_by_text("There are changes that readers do not see yet.")).to_be_visible()
    expect(staff.get_by_role("textbox", name="Text")).to_contain_text("The second words.")
    reader.goto("/articles/on-rest/")
    expect(reader.get_by_text("The first words.")).to_be_visible()
    staff.get_by_role("link", name="Preview link").click()
    link = staff.locator(".preview-link a").get_attribute("href") or ""
    reader.goto(urlsplit(link).path)
    expect(reader.get_by_text("The second words.")).to_be_visible()
    staff.go_back()
    staff.wait_for_selector(".tiptap.ProseMirror")
    click_and_wait_for_success(staff, "Publish change")
    reader.goto("/articles/on-rest/")
    expect(reader.get_by_text("The second words.")).to_be_visible()


def test_old_version_is_compared_and_restored(staff: Page, reader: Page) -> None:
    article = make_article(slug="on-rest", body="<p>It was a calm day.</p>")
    open_editor(staff, article)
    replace_text(staff, "It was a quiet day.")
    staff.fill("#id_revision_note", "Another word")
    click_and_wait_for_success(staff, "Publish change")
    staff.get_by_role("link", name="Versions").click()
    expect(staff.get_by_role("cell", name="Another word")).to_be_visible()
    expect(staff.locator("del", has_text="calm")).to_be_visible()
    expect(staff.locator("ins", has_text="quiet")).to_be_visible()
    assert accessibility_violations(staff) == []
    click_and_wait_for_success(staff, "Restore and publish now")
    reader.goto("/articles/on-rest/")
    expect(reader.get_by_text("It was a calm day.")).to_be_visible()
    assert Revision.objects.of(article).count() == 3


def test_changed_slug_redirects_from_the_old_url(staff: Page, reader: Page) -> None:
    article = make_article(title="On rest", slug="on-rest")
    open_editor(staff, article)
    staff.fill("#id_slug", "rest-is-work")
    click_and_wait_for_success(staff, "Publish change")
    assert response_status(reader, "/articles/on-rest/") == 200
    assert reader.url.endswith("/articles/rest-is-work/")


def test_concurrent_edit_reports_conflict(staff: Page, chromium: Browser, live_server) -> None:
    article = make_article(slug="on-rest", body="<p>One two three.</p>")
    sam = get_user_model().objects.create_superuser("sam", first_name="Sam", last_name="Reed")
    client = Client()
    client.force_login(sam)
    context = chromium.new_context(base_url=live_server.url)
    name, value = next((name, morsel.value) for name, morsel in client.cookies.items())
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    other = context.new_page()
    open_editor(other, article)
    open_editor(staff, article)
    expect(staff.get_by_text("Sam Reed opened this page")).to_be_visible()
    replace_text(other, "One nine three.")
    click_and_wait_for_success(other, "Publish change")
    replace_text(staff, "One two four.")
    staff.get_by_role("button", name="Publish change").click()
    expect(staff.get_by_text("Sam Reed saved this page while you were writing.")).to_be_visible()
    expect(staff.get_by_role("textbox", name="Text")).to_contain_text("One two four.")
    expect(staff.locator("del", has_text="nine three.")).to_be_visible()
    article.refresh_from_db()
    assert article.body == "<p>One nine three.</p>"
    click_and_wait_for_success(staff, "Publish change")
    article.refresh_from_db()
    assert article.body == "<p>One two four.</p>"
    context.close()
