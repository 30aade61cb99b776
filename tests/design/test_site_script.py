"""The progressive enhancements of site.js, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.design.stylesheets import STATIC_DIR

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    # Never resolved: every request is answered by the route below.
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<p>there"))
    yield page
    page.close()


def load_html(page: Page, html: str, address: str = "http://site.example/") -> None:
    body = f"<!doctype html><title>t</title><body>{html}"
    page.route(
        address.split("#")[0], lambda route: route.fulfill(content_type="text/html", body=body)
    )
    page.goto(address)
    page.add_script_tag(path=STATIC_DIR / "js" / "site.js")


def test_character_count_is_shown(page: Page) -> None:
    load_html(
        page,
        '<textarea id="note"></textarea>'
        '<p data-count="note" data-template="{used} of 500 characters used">Up to 500</p>',
    )
    page.fill("textarea", "hello")
    assert page.text_content("p") == "5 of 500 characters used"


def test_double_submit_sends_one_post(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    load_html(
        page,
        '<form method="post" action="/send" target="elsewhere"><button>Send</button></form>'
        '<iframe name="elsewhere"></iframe>',
    )
    # The request event arrives some time after the press that caused it.
    with page.expect_request(lambda request: request.method == "POST"):
        page.click("button")
    page.wait_for_selector("button[aria-busy=true]")
    page.click("button")
    with page.expect_request("**/later"):
        page.evaluate("fetch('/later')")
    assert sent.count("POST") == 1


def test_get_form_can_be_resubmitted(page: Page) -> None:
    load_html(
        page,
        '<form action="/search" target="elsewhere"><button>Search</button></form>'
        '<iframe name="elsewhere"></iframe>',
    )
    page.click("button")
    assert page.get_attribute("button", "aria-busy") is None
    assert page.get_attribute("form", "data-sent") is None


def test_triple_shift_leaves_and_replaces_history(page: Page) -> None:
    page.goto("http://site.example/before")
    load_html(
        page, '<a href="http://weather.example/" data-leave>Leave</a>', "http://site.example/now"
    )
    for _press in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("http://weather.example/")
    page.go_back()
    assert page.url == "http://site.example/before"


def test_typing_capitals_does_not_trigger_quick_exit(page: Page) -> None:
    load_html(page, '<a href="http://weather.example/" data-leave>Leave</a><input>')
    page.focus("input")
    for letter in "ABC":
        page.keyboard.press(f"Shift+{letter}")
    assert page.url == "http://site.example/"
    assert page.input_value("input") == "ABC"


def test_url_fragment_opens_its_question(page: Page) -> None:
    load_html(
        page,
        '<details id="cry"><summary>What if I cry?</summary>Both happen.</details>',
        "http://site.example/faq/#cry",
    )
    assert page.get_attribute("details", "open") is not None
