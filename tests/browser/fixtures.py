"""A browser for each module, one demo site for each process that runs tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
NewPage = Callable[..., Page]


def find_chromium() -> str | None:
    """Return the path of Chromium from ``bin/find-chromium``, else from the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module: while it runs, an event loop runs in this thread.

    Django refuses queries beside one, unless it is told; no other test is to see either.
    """
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed (Debian, Ubuntu: apt install chromium)")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def new_page(chromium: Browser, site: DemoSite) -> Iterator[NewPage]:
    """Return a factory of pages, each in its own browser context."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        options.setdefault("base_url", site.url)
        context = chromium.new_context(**options)
        context.set_default_timeout(20_000)
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
    """Watch what ``page`` logs and fetches from the start."""
    return watch_page(page, site.url)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visitor(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A page with JavaScript, then one without."""
    return new_page(java_script_enabled=request.param)


@pytest.fixture(scope="module")
def staff_cookies(chromium: Browser, site: DemoSite) -> Any:
    """Signed in once for a module, by the form."""
    context = chromium.new_context(base_url=site.url)
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
