"""Tests for performance budgets: transferred bytes, number of requests and layout shift."""

import gzip
from typing import Any

import pytest
from playwright.sync_api import Page, Response

from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH

pytestmark = pytest.mark.browser

KIB = 1024
# The demo's portraits are drawings; with photographs a page may weigh up to 200.
LIMITS_KIB = {"document": 12, "stylesheet": 10, "script": 4, "font": 72, "image": 16}
# The pages of a consultation have a stylesheet and a script more, which no other page loads.
BOOKER_LIMITS_KIB = {**LIMITS_KIB, "stylesheet": 15, "script": 6, "fetch": 12}
PAGE_LIMIT_KIB = 110
MAX_REQUESTS = 8
LAYOUT_SHIFT_SCRIPT = """() => new Promise(resolve => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({type: "layout-shift", buffered: true});
    // Two frames later everything that was on its way has been drawn and reported.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
})"""


def transferred_bytes(response: Response) -> int:
    """Return the size in transit, with pages compressed as by the proxy and files as served."""
    if 300 <= response.status < 400:
        return 0  # a redirect has no body
    body = response.body()
    is_page = response.request.resource_type in ("document", "fetch")
    if is_page and "content-encoding" not in response.headers:
        return len(gzip.compress(body, 6))
    return response.request.sizes()["responseBodySize"]


def load_page(page: Page, path: str) -> list[Response]:
    """Load a page and return all its responses."""
    responses: list[Response] = []

    def note(response: Response) -> None:
        if not 300 <= response.status < 400:  # the form redirects to the address with its key
            responses.append(response)

    page.on("response", note)
    page.goto(path, wait_until="load")
    page.evaluate("document.fonts.ready")
    page.remove_listener("response", note)
    return responses


@pytest.mark.parametrize(
    "path", [ARTICLE_PATH, "/", "/consultation/", "/consultation/details/", "/fees/"]
)
def test_first_view_meets_size_budgets(page: Page, path: str) -> None:
    responses = load_page(page, path)
    assert len(responses) <= MAX_REQUESTS, [one.url for one in responses]
    sizes: dict[str, int] = {}
    for response in responses:
        kind = response.request.resource_type
        sizes[kind] = sizes.get(kind, 0) + transferred_bytes(response)
    limits = BOOKER_LIMITS_KIB if "/consultation/" in path else LIMITS_KIB
    over = {kind: size for kind, size in sizes.items() if size > limits.get(kind, 4) * KIB}
    assert over == {}
    assert {"document", "stylesheet", "script", "font"} <= sizes.keys()
    assert sum(sizes.values()) <= PAGE_LIMIT_KIB * KIB, sizes


def test_static_files_are_compressed_and_immutable(page: Page) -> None:
    for response in load_page(page, ARTICLE_PATH):
        if response.request.resource_type in ("stylesheet", "script"):
            assert response.headers["content-encoding"] in ("gzip", "br"), response.url
            assert "immutable" in response.headers["cache-control"], response.url


def test_second_view_fetches_only_the_document(page: Page, site: DemoSite) -> None:
    load_page(page, ARTICLE_PATH)
    pending: dict[str, str] = {}
    session = page.context.new_cdp_session(page)

    def ask(event: dict[str, Any]) -> None:
        if event["type"] != "Other":  # such as the icon, which browsers fetch at any time
            pending[event["requestId"]] = event["request"]["url"]

    def answer(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            pending.pop(event["requestId"], None)

    def remember(event: dict[str, Any]) -> None:
        pending.pop(event["requestId"], None)

    session.on("Network.requestWillBeSent", ask)
    session.on("Network.requestServedFromCache", remember)
    session.on("Network.responseReceived", answer)
    session.send("Network.enable")
    page.goto("/fees/")
    page.evaluate("document.fonts.ready")
    assert list(pending.values()) == [f"{site.url}/fees/"]


@pytest.mark.parametrize(
    "path", [ARTICLE_PATH, "/", "/articles/", "/consultation/", "/consultation/details/"]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_have_no_layout_shift(new_page: NewPage, path: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(path, wait_until="load")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(LAYOUT_SHIFT_SCRIPT) == 0


def test_layout_shift_is_detected(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        """() => new Promise(resolve => requestAnimationFrame(() => {
            const box = document.createElement("div");
            box.style.height = "200px";
            document.body.prepend(box);
            requestAnimationFrame(() => requestAnimationFrame(resolve));
        }))"""
    )
    assert page.evaluate(LAYOUT_SHIFT_SCRIPT) > 0
