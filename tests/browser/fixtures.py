"""Fixtures for browser tests: one browser and demo site per process, new pages per test."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.demo_site import DemoSite, running_demo
from tests.browser.page_watch import PageWatch, watch_page

CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
)
# Generous, because the server shares two cores with everything else.
PATIENCE_MS = 30_000
NewPage = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


def find_chromium() -> str | None:
    """Return the path of Chromium: $CHROMIUM, set from ``bin/find-chromium``, or from the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


class SharedBrowser:
    """Start a browser for the first test that needs it, and close it before other tests.

    While it is open, an event loop runs in this thread. Django then refuses queries unless
    DJANGO_ALLOW_ASYNC_UNSAFE is set. Other tests must not run with either.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._patch = pytest.MonkeyPatch()

    def get(self) -> Browser:
        if self._browser is not None and not self._browser.is_connected():
            self.close()  # it crashed, which already failed the test that was running
        if self._browser is None:
            path = find_chromium()
            if path is None:
                pytest.skip("no Chromium is installed (Debian, Ubuntu: apt install chromium)")
            self._patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=path, args=CHROMIUM_ARGUMENTS.split()
            )
        return self._browser

    def close(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._browser = self._playwright = None
        self._patch.undo()


shared_browser = SharedBrowser()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None:
        shared_browser.close()


def pytest_sessionfinish() -> None:
    shared_browser.close()


@pytest.fixture
def chromium() -> Browser:
    return shared_browser.get()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def new_page(chromium: Browser, site: DemoSite) -> Iterator[NewPage]:
    """Return a factory for pages, each in its own browser context."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        options.setdefault("base_url", site.url)
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def page_watch(page: Page, site: DemoSite) -> PageWatch:
    """Record everything that ``page`` logs and fetches."""
    return watch_page(page, site.url)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visitor(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """Return a page, once with JavaScript and once without."""
    return new_page(java_script_enabled=request.param)


@pytest.fixture(scope="session")
def staff_cookies(site: DemoSite) -> Any:
    """Sign in once per demo site through the form, and return the browser state."""
    context = shared_browser.get().new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/admin/")
    page.fill("#id_login", site.login["username"])
    page.fill("#id_password", site.login["password"])
    page.press("#id_password", "Enter")
    page.wait_for_selector("#today-heading")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def staff(new_page: NewPage, staff_cookies: Any) -> Page:
    return new_page(storage_state=staff_cookies)
