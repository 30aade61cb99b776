"""List every kind of page and state that a visitor can see, and how to reach it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite

ARTICLE_PATH = "/articles/how-the-therapeutic-relationship-drives-real-change/"
CLOSED_ARTICLE_PATH = "/articles/what-happens-in-the-first-call/"
SEND_REQUEST_BUTTON = "text=Send the request"
BOOK_CALL_BUTTON = ".form-end button"
POST_COMMENT_BUTTON = "text=Post Comment"


@dataclass(frozen=True)
class PageState:
    name: str
    path: str | Callable[[DemoSite], str]
    press: str = ""  # a button to click on the empty form, which then shows its errors
    status: int = 200

    def address(self, site: DemoSite) -> str:
        return self.path if isinstance(self.path, str) else self.path(site)

    def show(self, page: Page, site: DemoSite) -> None:
        answer = page.goto(self.address(site))
        if self.press:
            with page.expect_navigation() as navigation:
                page.click(self.press)
            answer = navigation.value
        assert answer is not None
        assert answer.status == (422 if self.press else self.status), (self.name, answer.status)


def first_page_below(site: DemoSite, beginning: str) -> str:
    """Return the first public page below a path."""
    below = (path for path in site.public_pages() if path.startswith(beginning))
    return next(path for path in below if path != beginning)


STATIC_PAGE_PATHS = {
    "home": "/",
    "about": "/about/",
    "services": "/services/",
    "fees": "/fees/",
    "what to expect": "/what-to-expect/",
    "questions": "/faq/",
    "contact": "/contact/",
    "crisis": "/crisis/",
    "privacy": "/privacy/",
    "what we collect": "/privacy/what-we-collect/",
    "your data": "/your-data/",
    "your data, sent": "/your-data/?sent",
    "accessibility": "/accessibility/",
    "terms": "/terms/",
    "comment policy": "/comment-policy/",
    "notice of privacy practices": "/notice-of-privacy-practices/",
    "good faith estimate": "/good-faith-estimate/",
    "articles": "/articles/",
    "article": ARTICLE_PATH,
    "article without comments": CLOSED_ARTICLE_PATH,
    "search": "/search/",
    "search with results": "/search/?q=burnout",
    "search without results": "/search/?q=zzzyx",
    "consultation": "/consultation/",
    "times that suit": "/consultation/details/?kind=preferred_times",
    "call back": "/consultation/details/?kind=call_back",
    "patterns": "/patterns/",
}


def reply_path(site: DemoSite) -> str:
    html = site.get(ARTICLE_PATH).text
    public_id = html.split("?reply=", 1)[1].split("#", 1)[0]
    return f"{ARTICLE_PATH}?reply={public_id}"


def newest_year_path(site: DemoSite) -> str:
    """Return the path of the archive of the newest article's year."""
    html = site.get(ARTICLE_PATH).text
    year = html.split('datetime="', 1)[1][:4]
    return f"/articles/{year}/"


def move_confirmation_path(site: DemoSite) -> str:
    start = site.free_time(5).split("start=", 1)[1]
    return f"{site.book()}move/?start={start}&zone=Asia/Kolkata"


def withdraw_comment_path(site: DemoSite) -> str:
    return f"{site.comment(ARTICLE_PATH)}withdraw/"


PAGE_STATES = [
    *(PageState(name, path) for name, path in STATIC_PAGE_PATHS.items()),
    PageState("answering a comment", reply_path),
    PageState("practitioner", lambda site: first_page_below(site, "/about/")),
    PageState("service", lambda site: first_page_below(site, "/services/")),
    PageState("category", lambda site: first_page_below(site, "/articles/category/")),
    PageState("tag", lambda site: first_page_below(site, "/articles/tag/")),
    PageState("year", newest_year_path),
    PageState("not found", "/no-such-page/", status=404),
    PageState("request", lambda site: site.ask()),
    PageState("taking a request back", lambda site: f"{site.ask()}cancel/"),
    PageState("free times far away", "/consultation/?zone=Asia/Kolkata"),
    PageState("no free times", "/consultation/?from=9999-12-31"),
    PageState("time zones", "/consultation/?choose=zone"),
    PageState("unknown place", "/consultation/?choose=zone&find=zzyzx"),
    PageState("a time that has passed", "/consultation/?gone=2026-01-05T17:00Z"),
    PageState("details of a call by phone", lambda site: site.free_time() + "&meeting=phone"),
    PageState("details of a time", lambda site: site.free_time()),
    PageState("faulty details of a time", lambda site: site.free_time(1), press=BOOK_CALL_BUTTON),
    PageState("arranged call", lambda site: site.book()),
    PageState("moving a call", lambda site: f"{site.book()}move/"),
    PageState("moving to a time", move_confirmation_path),
    PageState("cancelling a call", lambda site: f"{site.book()}cancel/"),
    PageState("own comment", lambda site: site.comment(ARTICLE_PATH)),
    PageState("taking a comment back", withdraw_comment_path),
    PageState("faulty request", "/consultation/details/", press=SEND_REQUEST_BUTTON),
    PageState("faulty comment", ARTICLE_PATH, press=POST_COMMENT_BUTTON),
]
