"""Every kind of page that a visitor can meet, and the way to it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.demo_site import DemoSite

ARTICLE = "/articles/how-the-therapeutic-relationship-drives-real-change/"
CLOSED_ARTICLE = "/articles/what-happens-in-the-first-call/"
SEND_REQUEST = "text=Send the request"
BOOK_CALL = "text=Book this call"
POST_COMMENT = "text=Post Comment"


@dataclass(frozen=True)
class Surface:
    name: str
    path: str | Callable[[DemoSite], str]
    press: str = ""  # the button of the empty form: the page is then the one with the faults
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


def first(site: DemoSite, beginning: str) -> str:
    """The first page of the site below an address."""
    below = (path for path in site.public_pages() if path.startswith(beginning))
    return next(path for path in below if path != beginning)


PATHS = {
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
    "article": ARTICLE,
    "article without comments": CLOSED_ARTICLE,
    "search": "/search/",
    "search with results": "/search/?q=burnout",
    "search without results": "/search/?q=zzzyx",
    "consultation": "/consultation/",
    "times that suit": "/consultation/details/?kind=preferred_times",
    "call back": "/consultation/details/?kind=call_back",
    "patterns": "/patterns/",
}


def reply_address(site: DemoSite) -> str:
    html = site.get(ARTICLE).text
    public_id = html.split("?reply=", 1)[1].split("#", 1)[0]
    return f"{ARTICLE}?reply={public_id}"


def year_address(site: DemoSite) -> str:
    """The year of the newest article."""
    html = site.get(ARTICLE).text
    year = html.split('datetime="', 1)[1][:4]
    return f"/articles/{year}/"


def moving_to_a_time(site: DemoSite) -> str:
    start = site.free_time(5).split("start=", 1)[1]
    return f"{site.book()}move/?start={start}&zone=Asia/Kolkata"


def withdrawing(site: DemoSite) -> str:
    return f"{site.comment(ARTICLE)}withdraw/"


SURFACES = [
    *(Surface(name, path) for name, path in PATHS.items()),
    Surface("answering a comment", reply_address),
    Surface("practitioner", lambda site: first(site, "/about/")),
    Surface("service", lambda site: first(site, "/services/")),
    Surface("category", lambda site: first(site, "/articles/category/")),
    Surface("tag", lambda site: first(site, "/articles/tag/")),
    Surface("year", year_address),
    Surface("not found", "/no-such-page/", status=404),
    Surface("request", lambda site: site.ask()),
    Surface("taking a request back", lambda site: f"{site.ask()}cancel/"),
    Surface("free times far away", "/consultation/?zone=Asia/Kolkata"),
    Surface("details of a time", lambda site: site.free_time()),
    Surface("faulty details of a time", lambda site: site.free_time(1), press=BOOK_CALL),
    Surface("arranged call", lambda site: site.book()),
    Surface("moving a call", lambda site: f"{site.book()}move/"),
    Surface("moving to a time", moving_to_a_time),
    Surface("cancelling a call", lambda site: f"{site.book()}cancel/"),
    Surface("own comment", lambda site: site.comment(ARTICLE)),
    Surface("taking a comment back", withdrawing),
    Surface("faulty request", "/consultation/details/", press=SEND_REQUEST),
    Surface("faulty comment", ARTICLE, press=POST_COMMENT),
]
