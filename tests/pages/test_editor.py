"""The editor in a real browser: what staff type is stored, and stored clean."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from pages.articles.models import Article
from tests.factories.pages import make_category

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture
def messages(page: Page) -> list[str]:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages


def sign_in(page: Page, address: str) -> None:
    user = get_user_model().objects.create_superuser("jo", "jo@example.com", "a-long-password")
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def open_new_article(page: Page, address: str) -> None:
    sign_in(page, address)
    page.goto(f"{address}/{settings.ADMIN_PATH}pages/article/add/")
    page.wait_for_selector(".tiptap.ProseMirror")


def test_typed_heading_and_link_are_stored_clean(live_server, page, messages) -> None:
    make_category(name="Daily life")
    open_new_article(page, live_server.url)
    page.locator("#id_title").press_sequentially("On rest")
    page.select_option("#id_category", label="Daily life")
    area = page.get_by_role("textbox", name="Text")
    area.click()
    page.keyboard.type("## Why  rest ")
    page.keyboard.press("Enter")
    page.keyboard.type("Two  spaces")
    page.keyboard.press("Enter")
    page.keyboard.type("The fees")
    # The editor handles this selection itself; one made by the browser reaches it with a delay.
    page.keyboard.press("Shift+Home")
    link = page.get_by_role("button", name="insert link").first
    expect(link).not_to_have_class(re.compile("disabled"))
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_label("URL").fill("/fees/")
    page.keyboard.press("Enter")
    page.get_by_label("References").fill("*Why rest*, https://example.org/")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    article = Article.objects.get(slug="on-rest")
    assert article.body == (
        '<h2>Why  rest </h2><p>Two  spaces</p><p><a href="/fees/">The fees</a></p>'
    )
    assert article.references == (
        '<ol><li><em>Why rest</em>, <a href="https://example.org/" rel="noopener">'
        "https://example.org/</a></li></ol>"
    )
    assert "nbsp" not in article.body
    assert messages == []
    assert page.get_by_role("textbox", name="Text").inner_text().startswith("Why rest")


def test_pasted_html_is_cleaned(live_server, page) -> None:
    make_category(name="Daily life")
    open_new_article(page, live_server.url)
    page.locator("#id_title").press_sequentially("Pasted")
    page.select_option("#id_category", label="Daily life")
    page.get_by_role("textbox", name="Text").click()
    html = (
        '<p style="color:red" class="x">Word&nbsp;one<img src="https://elsewhere.example/x.png"></p>'
        '<p><a href="https://elsewhere.example/" target="_blank" rel="opener">link</a></p>'
    )
    page.evaluate(
        """html => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true});
            document.activeElement.dispatchEvent(event);
        }""",
        html,
    )
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    assert Article.objects.get(slug="pasted").body == (
        "<p>Word one[A picture could not be copied. Drop its file here.]</p>"
        '<p><a href="https://elsewhere.example/" rel="noopener">link</a></p>'
    )
