"""Run the demo site in a temporary directory, with gunicorn, hashed static files and a worker."""

import contextlib
import email
import html
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.core.signing import Signer

PROJECT = Path(__file__).resolve().parent.parent.parent
PAUSE_SECONDS = 0.05
FORM_PATH = "/consultation/details/"
COMMENT_PERMALINK = re.compile(r"/articles/[^/]+/comments/[0-9a-f]{24}/")
# Crawl at most this many similar pages, such as the forms of the free slots or the report pages of
# comments.
MOST_OF_A_KIND = 3
KEY_OF_A_COMMENT = re.compile(r"/[0-9a-f]{24}/")
Result = TypeVar("Result")


def wait_for(look: Callable[[], Result | None], what: str, seconds: float = 30) -> Result:
    """Poll until there is a result; fail, naming ``what``, if there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"{what}: not seen within {seconds} seconds")


def mime_part(mail: Message, kind: str) -> str:
    """Return the decoded text of the first part of this content type."""
    body = next(part for part in mail.walk() if part.get_content_type() == kind)
    return bytes(body.get_payload(decode=True)).decode()


@dataclass(frozen=True)
class PageResponse:
    status: int
    headers: dict[str, str]
    text: str


class LinkParser(HTMLParser):
    """Collect the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("a", "link"):
            self.found += [value for name, value in attrs if name == "href" and value]


@dataclass
class DemoSite:
    url: str
    data: Path
    _public: list[str] = field(default_factory=list)

    @property
    def login(self) -> dict[str, str]:
        return json.loads((self.data / "keys" / "demo_login.json").read_text(encoding="utf-8"))

    def request(self, method: str, path: str, fields: dict[str, str] | None = None) -> PageResponse:
        """Send a request without cookies or an Origin header, like a non-browser client."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        body = urlencode(fields) if fields is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        named = {name.lower(): value for name, value in response.getheaders()}
        return PageResponse(response.status, named, text)

    def get(self, path: str) -> PageResponse:
        """Get a page; the form of a consultation is opened at the address with its key."""
        response = self.request("GET", path)
        target = response.headers.get("location", "")
        return self.request("GET", target) if target.startswith(f"{FORM_PATH}?") else response

    def stamp(self, *, seconds_ago: int = 60) -> str:
        """Return the signed timestamp of a form opened that many seconds ago.

        An automated browser fills in forms too fast and would be treated as a bot.
        """
        key = (self.data / "keys" / "secret_key").read_text(encoding="ascii").strip()
        signer = Signer(key=key, salt="consultations.form-opened.v1", sep="~", fallback_keys=[])
        return signer.sign(str(int(time.time()) - seconds_ago))

    def ask(self, **answers: str) -> str:
        """Send a valid consultation request and return the path of its private page."""
        fields = {
            "name": "Noor",
            "channel": "email",
            "email": "noor@example.org",
            "location": "US-OR",
            "kind": "preferred_times",
            "preferred": "mon-morning",
            "adult": "on",
            "consent": "on",
            "opened": self.stamp(),
            **answers,
        }
        return self._own_page(FORM_PATH, fields)

    def count_consultations(self) -> int:
        with contextlib.closing(sqlite3.connect(self.data / "db.sqlite3")) as database:
            (count,) = database.execute(
                "SELECT count(*) FROM consultations_consultation"
            ).fetchone()
        return int(count)

    def free_time(self, number: int = 0, zone: str = "Asia/Kolkata") -> str:
        """Return the URL of the form for one of the open slots."""
        page = self.get(f"/consultation/?zone={zone}").text
        links = re.findall(r'class="slot" href="([^"]+)"', page)
        return html.unescape(links[number])

    def book(self, **answers: str) -> str:
        """Book the first open slot from another time zone and return its private page's path."""
        chosen = dict(parse_qsl(urlsplit(self.free_time()).query))
        fields = {"kind": "slot", "preferred": "", "meeting": "video", **chosen, **answers}
        return self.ask(**fields)

    def comment(self, article: str, **answers: str) -> str:
        """Send a valid comment and return the path of its private page."""
        fields = {
            "name": "Ash",
            "email": "ash@example.org",
            "text": "The part about pace helped.",
            "opened": self.stamp(),
            **answers,
        }
        return self._own_page(f"{article}comments/", fields)

    def _own_page(self, path: str, fields: dict[str, str]) -> str:
        answer = self.request("POST", path, fields)
        assert answer.status == 303, answer.text
        return answer.headers["location"]

    def mails(self) -> list[Message]:
        """Return all sent emails, oldest first."""
        files = sorted((self.data / "mail").glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes()) for file in files]

    def mails_to(self, address: str) -> list[Message]:
        return [mail for mail in self.mails() if address in str(mail["To"])]

    def public_pages(self) -> list[str]:
        """Crawl the site and return the paths of all public pages, from links and the sitemap."""
        if not self._public:
            self._public = sorted(self._crawl())
        return self._public

    def _crawl(self) -> set[str]:
        pages: set[str] = set()
        listed = re.findall(r"<loc>([^<]+)</loc>", self.get("/sitemap.xml").text)
        todo = ["/", "/patterns/", "/search/", *(urlsplit(address).path for address in listed)]
        seen, shapes = set(todo), Counter(map(kind_of, todo))
        while todo:
            path = todo.pop()
            answer = self.get(path)
            if COMMENT_PERMALINK.fullmatch(path) and answer.status == 302:
                # A comment's permalink redirects to its current place.
                target = urlsplit(answer.headers["location"])
                answer = self.get(f"{target.path}?{target.query}" if target.query else target.path)
                assert f'id="{target.fragment}"' in answer.text, path
                continue
            assert answer.status == 200, (path, answer.status)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            pages.add(path)
            for found in self._inside(path, answer.text):
                if found not in seen and shapes[kind_of(found)] < MOST_OF_A_KIND:
                    shapes[kind_of(found)] += 1
                    seen.add(found)
                    todo.append(found)
        return pages

    def _inside(self, page: str, source: str) -> Iterator[str]:
        reader = LinkParser()
        reader.feed(source)
        for href in reader.found:
            parts = urlsplit(urljoin(self.url + page, href))
            # Reply links differ in their query only. The links on a form contain its key, which is
            # another one whenever the form is opened.
            is_repeat = any(f"{name}=" in parts.query for name in ("reply", "key"))
            is_ours = f"{parts.scheme}://{parts.netloc}" == self.url and not is_repeat
            # The pattern page has example links without a target.
            if is_ours and page != "/patterns/" and not parts.path.startswith("/static/"):
                yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def kind_of(address: str) -> str:
    """Return a URL's shape: without query values and comment keys."""
    parts = urlsplit(address)
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    return KEY_OF_A_COMMENT.sub("/#/", parts.path) + "?" + "&".join(names)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_demo(data: Path) -> Iterator[DemoSite]:
    """Run the same command as ``make demo`` and stop it at the end."""
    port = free_port()
    # The demo must not inherit settings from the environment or from the tests.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {
        **kept,
        "SITE_MODE": "demo",
        "DATA_DIR": str(data),
        "PORT": str(port),
        "RATE_LIMIT_SCALE": "0",
        "WEB_CONCURRENCY": "1",
    }
    log = data / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--demo"],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A separate process group, so that a signal to the tests does not stop the site.
            start_new_session=True,
        )
    try:
        site = DemoSite(f"http://127.0.0.1:{port}", data)
        wait_for(lambda: is_ready(site, process, log), "the demo", seconds=90)
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def is_ready(site: DemoSite, process: subprocess.Popen[Any], log: Path) -> bool:
    assert process.poll() is None, f"The demo stopped: {log.read_text()}"
    try:
        return site.get("/readyz").status == 200 and "Ctrl-C" in log.read_text()
    except OSError:
        return False
