"""A walk over every page: nothing is set, nothing is said, nobody else is called."""

from zlib import crc32

import pytest
from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.surfaces import ARTICLE, SURFACES, Surface
from tests.browser.watching import Watch, watch

pytestmark = pytest.mark.browser

PARTS = 4
STORED = """async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: window.caches ? (await caches.keys()).length : 0,
    workers: (await navigator.serviceWorker?.getRegistrations() ?? []).length,
})"""
NO_WORDS = "**/static/**"
NOTHING_STORED = {"local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}
# The browser itself writes this line about an answer that is no 2xx; no page can keep it from that.
STATUS_LINE = "Failed to load resource: the server responded with a status of"


def share_of(site: DemoSite, part: int) -> list[str]:
    """One of ``PARTS`` shares of the public pages, so that two processes can walk at once.

    By the address alone: the other process walks a site of its own, with other comments in it.
    """
    paths = [path for path in site.public_pages() if crc32(path.encode()) % PARTS == part]
    assert paths
    return paths


def complaints(seen: Watch) -> list[str]:
    return [line for line in seen.complaints() if STATUS_LINE not in line]


def test_the_walk_finds_the_whole_site(site: DemoSite) -> None:
    found = site.public_pages()
    named = {surface.path for surface in SURFACES if isinstance(surface.path, str)}
    # What is asked for has no link to it.
    unlinked = {path for path in named if "?" in path} - {
        "/consultation/details/?kind=preferred_times",
        "/consultation/details/?kind=call_back",
    }
    unlinked |= {"/no-such-page/", "/consultation/details/"}
    assert named - unlinked <= set(found)
    assert len([path for path in found if path.startswith("/articles/")]) > 10


@pytest.mark.parametrize("part", range(PARTS))
def test_every_public_page_is_quiet_and_keeps_nothing(
    page: Page, watched: Watch, site: DemoSite, part: int
) -> None:
    for path in share_of(site, part):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate(STORED) == NOTHING_STORED, path
    assert watched.complaints() == []
    assert watched.without_policy() == []
    assert page.context.cookies() == []


@pytest.mark.sampled
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_page_in_any_state_is_quiet_and_keeps_nothing(
    page: Page, watched: Watch, site: DemoSite, surface: Surface
) -> None:
    surface.show(page, site)
    assert complaints(watched) == []
    assert watched.without_policy() == []
    assert page.evaluate(STORED) == NOTHING_STORED
    assert page.context.cookies() == []


def test_secret_pages_are_kept_by_nobody(site: DemoSite) -> None:
    own = site.ask()
    for path in (own, f"{own}cancel/", site.comment(ARTICLE), "/c/not-a-token/"):
        headers = site.get(path).headers
        assert "no-store" in headers["cache-control"], path
        assert "noindex" in headers.get("x-robots-tag", ""), path


@pytest.mark.parametrize("part", range(PARTS))
def test_a_page_says_the_same_without_script(site: DemoSite, new_page: NewPage, part: int) -> None:
    with_script, without = new_page(), new_page(java_script_enabled=False)
    # Only the words are looked at; what they look like without script is fetched for nobody.
    without.route(NO_WORDS, lambda route: route.abort())
    for path in share_of(site, part):
        with_script.goto(path)
        without.goto(path, wait_until="domcontentloaded")
        told, told_without = (words_of(page) for page in (with_script, without))
        assert told == told_without, path


def words_of(page: Page) -> str:
    """The words of a page, less the one line that script changes: the count of characters."""
    texts = page.locator("main").evaluate(
        """main => {
            const copy = main.cloneNode(true);
            copy.querySelectorAll("[data-count]").forEach(line => line.remove());
            return copy.textContent;
        }"""
    )
    return " ".join(texts.split())


def test_the_typefaces_are_there(page: Page, watched: Watch) -> None:
    page.goto(ARTICLE)
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
def test_answers_of_any_kind_set_no_cookie(site: DemoSite, method: str, path: str) -> None:
    answer = site.request(method, path, {} if method == "POST" else None)
    assert answer.status < 500
    assert "set-cookie" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_watch_sees_what_it_looks_for(page: Page, site: DemoSite) -> None:
    """The tests above prove an absence: this proves that a presence would have been seen."""
    seen = watch(page, site.url)
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
    assert any("a word" in line for line in seen.messages)
    assert any("elsewhere.example" in line for line in seen.complaints())
    assert page.evaluate(STORED)["local"] == 1
    assert page.context.cookies() != []
