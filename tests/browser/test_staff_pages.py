"""Tests that no staff page violates its Content-Security-Policy, signed in as the owner."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite
from tests.browser.page_watch import PageWatch, watch_page
from tools.fuzz.checks import NOT_FUZZED
from tools.fuzz.crawler import url_pattern

pytestmark = pytest.mark.browser

ADMIN_PATH = "/admin/"
LINKS_SCRIPT = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
# Logged only sometimes, depending on which of two fields is focused first.
AUTOFOCUS_MESSAGE = "Autofocus processing was blocked"
FILE_PATHS = re.compile(r"\.(ics|csv|json|svg|xml|txt|zip|jpg|webp|avif)$")


def visit_linked_pages(page: Page, home: str, start: str, most: int) -> list[str]:
    """Visit one linked page of each kind, ignoring links that only sort or filter."""
    todo, patterns, walked = [start], {url_pattern(start)}, list[str]()
    while todo and len(walked) < most:
        path = todo.pop(0)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        walked.append(path)
        for link in page.evaluate(LINKS_SCRIPT):
            found = urlsplit(link).path
            is_new = link.startswith(f"{home}{start}") and url_pattern(found) not in patterns
            if is_new and not re.match(NOT_FUZZED, found) and not FILE_PATHS.search(found):
                patterns.add(url_pattern(found))
                todo.append(found)
    assert todo == []
    return walked


def test_staff_pages_cause_no_console_messages_or_foreign_requests(
    staff: Page, site: DemoSite
) -> None:
    site.ask()
    watch = watch_page(staff, site.url)
    walked = visit_linked_pages(staff, site.url, ADMIN_PATH, most=250)
    assert len(walked) > 60
    assert {f"{ADMIN_PATH}account/", f"{ADMIN_PATH}pages/article/add/"} <= set(walked)
    assert [line for line in watch.complaints() if AUTOFOCUS_MESSAGE not in line] == []
    assert watch.responses_without_csp() == []


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/account/second-step/"])
def test_sign_in_pages_cause_no_console_messages(
    page: Page, page_watch: PageWatch, path: str
) -> None:
    page.goto(path)
    assert page.locator("#id_password").is_visible()
    assert page_watch.complaints() == []
    assert page_watch.responses_without_csp() == []
