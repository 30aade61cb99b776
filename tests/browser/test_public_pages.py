"""Tests that public pages store nothing, log nothing and contact no other host."""

from zlib import crc32

import pytest
from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, PAGE_STATES, PageState
from tests.browser.page_watch import PageWatch, watch_page

pytestmark = pytest.mark.browser

PARTS = 4
BROWSER_STORAGE_SCRIPT = """async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: window.caches ? (await caches.keys()).length : 0,
    workers: (await navigator.serviceWorker?.getRegistrations() ?? []).length,
})"""
PRACTICE_ZONE = "America/Los_Angeles"
# The character counter, which JavaScript fills, and the clocks of time zones.
DIFFERING_TEXT = "[data-template], [data-zone-clock], .zone-clock"
NO_WORDS = "**/static/**"
NOTHING_STORED = {"local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}
# Chromium logs this line for every response that is not 2xx; a page cannot prevent it.
HTTP_ERROR_MESSAGE = "Failed to load resource: the server responded with a status of"


def share_of(site: DemoSite, part: int) -> list[str]:
    """Return one of ``PARTS`` shares of the public pages, so that processes can split the work.

    The share depends only on the path, because each process has its own site with other comments.
    """
    paths = [path for path in site.public_pages() if crc32(path.encode()) % PARTS == part]
    assert paths
    return paths


def unexpected_complaints(seen: PageWatch) -> list[str]:
    return [line for line in seen.complaints() if HTTP_ERROR_MESSAGE not in line]


def test_crawl_finds_every_public_page(site: DemoSite) -> None:
    found = site.public_pages()
    named = {surface.path for surface in PAGE_STATES if isinstance(surface.path, str)}
    # Private pages have no links to them.
    unlinked = {path for path in named if "?" in path} - {
        "/consultation/details/?kind=preferred_times",
        "/consultation/details/?kind=call_back",
    }
    unlinked |= {"/no-such-page/", "/consultation/details/"}
    assert named - unlinked <= set(found)
    assert len([path for path in found if path.startswith("/articles/")]) > 10


@pytest.mark.parametrize("part", range(PARTS))
def test_public_pages_log_nothing_and_store_nothing(
    page: Page, page_watch: PageWatch, site: DemoSite, part: int
) -> None:
    for path in share_of(site, part):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate(BROWSER_STORAGE_SCRIPT) == NOTHING_STORED, path
    assert page_watch.complaints() == []
    assert page_watch.responses_without_csp() == []
    assert page.context.cookies() == []


@pytest.mark.sampled
@pytest.mark.parametrize("surface", PAGE_STATES, ids=lambda surface: surface.name)
def test_page_states_log_nothing_and_store_nothing(
    page: Page, page_watch: PageWatch, site: DemoSite, surface: PageState
) -> None:
    surface.show(page, site)
    assert unexpected_complaints(page_watch) == []
    assert page_watch.responses_without_csp() == []
    assert page.evaluate(BROWSER_STORAGE_SCRIPT) == NOTHING_STORED
    assert page.context.cookies() == []


def test_private_pages_are_not_cached_or_indexed(site: DemoSite) -> None:
    own = site.ask()
    for path in (own, f"{own}cancel/", site.comment(ARTICLE_PATH), "/c/not-a-token/"):
        headers = site.get(path).headers
        assert "no-store" in headers["cache-control"], path
        assert "noindex" in headers.get("x-robots-tag", ""), path


@pytest.mark.parametrize("part", range(PARTS))
def test_page_text_is_the_same_without_javascript(
    site: DemoSite, new_page: NewPage, part: int
) -> None:
    # In the practice's own time zone: for other visitors, the script shows the times in their zone.
    with_script = new_page(timezone_id=PRACTICE_ZONE)
    without = new_page(java_script_enabled=False)
    # Only the text is compared, so style sheets, fonts and scripts are not fetched.
    without.route(NO_WORDS, lambda route: route.abort())
    for path in share_of(site, part):
        with_script.goto(path)
        without.goto(path, wait_until="domcontentloaded")
        told, told_without = (main_text(page) for page in (with_script, without))
        assert told == told_without, path


def main_text(page: Page) -> str:
    """Return the text of a page without what differs by design or by the minute."""
    texts = page.locator("main").evaluate(
        """(main, differing) => {
            const copy = main.cloneNode(true);
            copy.querySelectorAll(differing).forEach(part => part.remove());
            return copy.textContent;
        }""",
        DIFFERING_TEXT,
    )
    return " ".join(texts.split())


def test_fonts_are_loaded(page: Page, page_watch: PageWatch) -> None:
    page.goto(ARTICLE_PATH)
    loaded = page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts]"
        ".filter(font => font.status === 'loaded').map(font => font.family.replaceAll('\"', '')))"
    )
    assert any("Atkinson" in family for family in loaded), loaded
    assert any("Fraunces" in family for family in loaded), loaded


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/", "/no-such-page/", "/static/no-such-file.css", "/c/not-a-token/", "/healthz"]
)
def test_responses_set_no_cookie(site: DemoSite, method: str, path: str) -> None:
    answer = site.request(method, path, {} if method == "POST" else None)
    assert answer.status < 500
    assert "set-cookie" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_page_watch_detects_messages_requests_and_storage(page: Page, site: DemoSite) -> None:
    """Check that the tests above would notice messages, foreign requests and stored data."""
    watch = watch_page(page, site.url)
    page.route("https://elsewhere.example/**", lambda route: route.fulfill(body="there"))
    page.goto("/")
    page.evaluate(
        """async () => {
            console.log("a word");
            localStorage.setItem("key", "value");
            document.cookie = "a=b";
            const image = new Image();
            image.src = "https://elsewhere.example/x.png";
            document.body.setAttribute("onclick", "1");
            await new Promise(resolve => { image.onerror = image.onload = resolve; });
        }"""
    )
    assert any("a word" in line for line in watch.messages)
    assert any("elsewhere.example" in line for line in watch.complaints())
    assert page.evaluate(BROWSER_STORAGE_SCRIPT)["local"] == 1
    assert page.context.cookies() != []
