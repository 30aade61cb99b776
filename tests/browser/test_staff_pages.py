"""A walk over every kind of staff page as the owner: no page is refused anything by its policy."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite
from tests.browser.page_watch import Watch, watch
from tools.fuzz.checks import NOT_FUZZED
from tools.fuzz.crawler import url_pattern

pytestmark = pytest.mark.browser

START = "/admin/"
LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
# Said, or not, by which of two fields was quicker to take the focus.
THE_BROWSERS_OWN = "Autofocus processing was blocked"
FILES = re.compile(r"\.(ics|csv|json|svg|xml|txt|zip|jpg|webp|avif)$")


def walk(page: Page, home: str, start: str, most: int) -> list[str]:
    """One page of each shape that links lead to; those that only sort or filter are left out."""
    todo, patterns, walked = [start], {url_pattern(start)}, list[str]()
    while todo and len(walked) < most:
        path = todo.pop(0)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        walked.append(path)
        for link in page.evaluate(LINKS):
            found = urlsplit(link).path
            is_new = link.startswith(f"{home}{start}") and url_pattern(found) not in patterns
            if is_new and not re.match(NOT_FUZZED, found) and not FILES.search(found):
                patterns.add(url_pattern(found))
                todo.append(found)
    assert todo == []
    return walked


def test_every_kind_of_staff_page_is_quiet(staff: Page, site: DemoSite) -> None:
    site.ask()
    seen = watch(staff, site.url)
    walked = walk(staff, site.url, START, most=250)
    assert len(walked) > 60
    assert {f"{START}account/", f"{START}pages/article/add/"} <= set(walked)
    assert [line for line in seen.complaints() if THE_BROWSERS_OWN not in line] == []
    assert seen.responses_without_csp() == []


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/account/second-step/"])
def test_the_way_in_is_quiet(page: Page, watched: Watch, path: str) -> None:
    page.goto(path)
    assert page.locator("#id_password").is_visible()
    assert watched.complaints() == []
    assert watched.responses_without_csp() == []
