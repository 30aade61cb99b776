"""Submit marked words through the forms, then search for them everywhere.

Each search that must find nothing is also run where it must find something.
"""

import re
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import connection
from django.template import engines

from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.management.commands.worker import Command as Worker
from consultations.outbox.models import OutgoingEmail
from tests.factories.pages import make_whole_site
from tests.leak_search import LogCapture, capture_logs, email_places, find_words

DETAILS_PATH = "/consultation/details/"
ARTICLE_PATH = "/articles/reading-2/"
COMMENTS_PATH = f"{ARTICLE_PATH}comments/"
PUBLIC_PATHS = [
    "/",
    "/about/",
    "/articles/",
    ARTICLE_PATH,
    "/articles/feed/rss/",
    "/articles/feed/atom/",
    "/articles/category/daily-life/",
    "/articles/tag/sleep/",
    "/sitemap.xml",
    "/robots.txt",
    "/.well-known/security.txt",
    "/search/?q=reading",
    "/consultation/",
    DETAILS_PATH,
    "/privacy/",
    "/privacy/what-we-collect/",
    "/contact/",
    "/nowhere/",
    "/c/nothing/",
    "/comments/manage/nothing/",
    "/healthz",
    "/readyz",
]


def make_marked_words() -> dict[str, dict[str, str]]:
    """Return random marked words in several scripts, new at each call."""
    mark = uuid4().hex[:10]
    return {
        "asked": {
            "name": f"Жанна Qz{mark}",
            "email": f"Asked.{mark}@example.com",
            "phone": f"+1503555{int(mark[:4], 16) % 9000 + 1000}",
            "note": f"Lately I cannot sleep ναι {mark} <b>note</b> & 心配",
            "access": f"Dolmetscherin für Gebärden {mark}",
        },
        "published": {
            "name": f"Public إسم {mark}",
            "email": f"Published.{mark}@example.com",
            "text": f"A comment that everybody may read {mark} & more עברית",
        },
        "waiting": {
            "name": f"Waiting 名前 {mark}",
            "email": f"Waiting.{mark}@example.com",
            "text": f"A comment that nobody has read yet {mark} ไทย",
        },
    }


FORM_CHOICES = {
    "channel": "email",
    "location": "US-OR",
    "meeting": "phone",
    "preferred": "mon-morning",
    "adult": "on",
    "consent": "on",
    "kind": "preferred_times",
}


class SiteWalk:
    """Records everything the site outputs while visitors write and staff answer."""

    def __init__(self, client: Any, staff: Any, folder: Path, logs: LogCapture) -> None:
        self.client, self.staff, self.folder, self.logs = client, staff, folder, logs
        self.words = make_marked_words()
        self.addresses: list[str] = []
        self.heads: list[str] = []
        self.titles: list[str] = []

    def go(self) -> None:
        asked = self.send(DETAILS_PATH, self.words["asked"] | FORM_CHOICES | {"key": uuid4().hex})
        published = self.send(COMMENTS_PATH, self.words["published"])
        waiting = self.send(COMMENTS_PATH, self.words["waiting"])
        # Invalid forms too: what they echo must be stored nowhere.
        self.note(self.client.post(DETAILS_PATH, self.words["asked"]))
        self.note(self.client.post(COMMENTS_PATH, {**self.words["waiting"], "email": ""}))
        for own in (asked, published, waiting):
            self.note(self.client.get(own))
        self.approve(Comment.objects.get(public_id=self.public_id(published)))
        self.visit_admin()
        call_command("worker", "--once")

    def send(self, path: str, words: dict[str, str]) -> str:
        response = self.client.post(path, words)
        assert response.status_code == 303, response.content.decode()[:2000]
        self.note(response)
        return response.headers["Location"]

    def note(self, response: Any) -> None:
        self.addresses.append(
            response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"]
        )
        self.heads += [f"{name}: {value}" for name, value in response.headers.items()]
        self.titles += re.findall(r"<title>.*?</title>", response.content.decode(), re.DOTALL)

    def public_id(self, address: str) -> str:
        return address.split("/")[3].partition("-")[0]

    def approve(self, comment: Comment) -> None:
        """Approve through the admin page, so that the admin's history is written."""
        page = f"/admin/consultations/comment/{comment.pk}/change/"
        self.note(self.staff.get(page))
        response = self.staff.post(page, {"_verb": "approve", "reply": ""})
        assert response.status_code == 303
        self.note(response)
        comment.refresh_from_db()
        assert comment.status == "approved"

    def visit_admin(self) -> None:
        for model in ("consultation", "comment", "outgoingemail"):
            self.note(self.staff.get(f"/admin/consultations/{model}/"))
        row = Consultation.objects.get()
        page = f"/admin/consultations/consultation/{row.pk}/change/"
        self.note(self.staff.get(page))
        self.note(self.staff.post(page, {"staff_notes": self.words["asked"]["note"]}))
        self.note(self.staff.get(f"/admin/consultations/consultation/{row.pk}/history/"))

    # --- places to search ---
    def all_marked_words(self) -> dict[str, str]:
        return {
            f"{who} {what}": word for who, has in self.words.items() for what, word in has.items()
        }

    def unpublished_words(self) -> dict[str, str]:
        public = ("published name", "published text")
        return {name: word for name, word in self.all_marked_words().items() if name not in public}

    def database(self) -> dict[str, bytes]:
        """Return all column values by table and, on SQLite, the database files."""
        places: dict[str, bytes] = {}
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                places[f"table {table}"] = b"\n".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode()
                    for row in cursor.fetchall()
                    for v in row
                )
        if connection.vendor == "sqlite":
            file = str(connection.settings_dict["NAME"])
            present = [
                Path(file + end) for end in ("", "-wal", "-shm") if Path(file + end).exists()
            ]
            assert present
            places |= {path.name: path.read_bytes() for path in present}
        for session in Session.objects.all():
            # Stored compressed: words would not be visible in the row.
            places[f"session {session.pk[:4]}"] = str(session.get_decoded()).encode()
        return places

    def public_pages(self) -> dict[str, bytes]:
        responses = {path: self.client.get(path) for path in PUBLIC_PATHS}
        for response in responses.values():
            self.note(response)
            assert not response.cookies
        return {path: response.content for path, response in responses.items()}

    def response_metadata(self) -> dict[str, bytes]:
        return {
            "addresses": "\n".join(self.addresses).encode(),
            "headers": "\n".join(self.heads).encode(),
            "titles": "\n".join(self.titles).encode(),
        }

    def admin_log_text(self) -> dict[str, bytes]:
        entries = list(LogEntry.objects.all())
        assert entries
        return {
            "admin history": "\n".join(
                f"{one.object_repr} {one.change_message}" for one in entries
            ).encode()
        }


@pytest.fixture
def captured_logs():
    with capture_logs() as logs:
        yield logs


@pytest.fixture
def site_walk(transactional_db, client, admin_client, settings, tmp_path, captured_logs):
    """Uses transactional_db, so that what is searched in the database file was committed."""
    settings.RATE_LIMIT_SCALE = 0
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.SITE_URL = "http://testserver"
    make_whole_site()
    return SiteWalk(client, admin_client, tmp_path / "mail", captured_logs)


def test_marked_words_never_appear_in_plaintext(site_walk, capfd):
    site_walk.go()
    pages = site_walk.public_pages()
    secret = site_walk.unpublished_words()
    assert find_words(secret, site_walk.database()) == []
    assert find_words(secret, pages) == []
    everything = site_walk.all_marked_words()
    assert find_words(everything, email_places(site_walk.folder)) == []
    assert find_words(everything, site_walk.logs.places()) == []
    assert find_words(everything, site_walk.response_metadata()) == []
    assert find_words(everything, site_walk.admin_log_text()) == []
    out, err = capfd.readouterr()
    assert find_words(everything, {"stdout": out.encode(), "stderr": err.encode()}) == []


def test_leak_search_covers_real_output(site_walk):
    """Public text is found where it belongs, so the searches above do search something."""
    site_walk.go()
    public = {"text": site_walk.words["published"]["text"]}
    assert f"{ARTICLE_PATH}: text (in HTML)" in find_words(public, site_walk.public_pages())
    assert "table consultations_comment: text (in HTML)" in find_words(public, site_walk.database())
    mails = [path.read_bytes() for path in site_walk.folder.glob("*.eml")]
    assert sum(f"To: {requester_email(site_walk)}".encode() in mail for mail in mails) == 1
    assert len(mails) >= 3
    assert "consultation/details/?" in site_walk.response_metadata()["addresses"].decode()
    assert "Location: /c/" in site_walk.response_metadata()["headers"].decode()
    assert site_walk.logs.lines()


def requester_email(walk: SiteWalk) -> str:
    return walk.words["asked"]["email"]


def test_leak_search_detects_missing_encryption(site_walk, monkeypatch):
    header = b"\1\1" + b"0" * 12
    encryption = "consultations.privacy.encryption"
    monkeypatch.setattr(
        f"{encryption}.encrypt", lambda plaintext, *, associated_data: header + plaintext.encode()
    )
    monkeypatch.setattr(
        f"{encryption}.decrypt",
        lambda encrypted, *, associated_data: encrypted[len(header) :].decode(),
    )
    site_walk.go()
    found = find_words(site_walk.unpublished_words(), site_walk.database())
    for name in site_walk.unpublished_words():
        assert any(f": {name} (plain)" in line for line in found), name
    if connection.vendor == "sqlite":
        assert [line for line in found if "sqlite3" in line]


def test_leak_search_detects_note_in_email(site_walk, monkeypatch):
    from consultations.booking import emails

    context = emails.visitor_context
    monkeypatch.setattr(
        emails,
        "visitor_context",
        lambda row, practice, **extra: context(row, practice, **extra) | {"added_text": row.note},
    )
    site_walk.go()
    assert find_words({"note": site_walk.words["asked"]["note"]}, email_places(site_walk.folder))


@pytest.mark.parametrize("shape", ["plain", "md5", "sha1", "sha256", "base64", "form", "upper"])
def test_leak_search_recognizes_each_encoding(shape):
    import base64
    import hashlib
    from urllib.parse import quote_plus

    word = "Ann.Example@example.com"
    hidden = {
        "plain": word,
        "md5": hashlib.md5(word.lower().encode()).hexdigest().upper(),
        "sha1": hashlib.sha1(word.encode()).hexdigest(),
        "sha256": hashlib.sha256(word.encode()).hexdigest(),
        "base64": base64.b64encode(f"x{word} and more".encode()).decode(),
        "form": quote_plus(word),
        "upper": word.upper(),
    }[shape]
    assert find_words({"email": word}, {"here": f"before {hidden} after".encode()})
    assert find_words({"email": word}, {"here": b"before and after"}) == []


# --- errors ---


def failing_function(word: str) -> Any:
    """Return a function that fails with the word in its message and in its local variables."""

    def fail(*args: Any, **options: Any) -> Any:
        local = f"local {word}"
        raise RuntimeError(f"{local} {args} {options}")

    return fail


def submit_and_collect_paths(walk: SiteWalk) -> dict[str, str]:
    asked = walk.send(DETAILS_PATH, walk.words["asked"] | FORM_CHOICES | {"key": uuid4().hex})
    waiting = walk.send(COMMENTS_PATH, walk.words["waiting"])
    return {
        "manage": asked,
        "cancel": f"{asked}cancel/",
        "comment": waiting,
        "withdraw": f"{waiting}withdraw/",
        "details": DETAILS_PATH,
        "submit": COMMENTS_PATH,
    }


BROKEN_VIEWS = [
    ("details", "consultations.booking.workflow.request_consultation"),
    ("manage", "consultations.booking.manage_views.manage_page_context"),
    ("cancel", "consultations.booking.workflow.withdraw_consultation"),
    ("submit", "consultations.comments.workflow.submit_comment"),
    ("comment", "consultations.comments.manage_views._page_context"),
    ("withdraw", "consultations.comments.workflow.withdraw_comment"),
    ("details", "consultations.booking.models.Consultation.save"),
    ("submit", "consultations.comments.models.Comment.save"),
    ("details", "consultations.booking.views.render"),
    ("manage", "consultations.booking.manage_views.render"),
]


@pytest.mark.parametrize(("page", "breaks"), BROKEN_VIEWS)
def test_broken_view_leaks_nothing(site_walk, monkeypatch, capfd, page, breaks):
    places = submit_and_collect_paths(site_walk)
    site_walk.words["asked"]["note"] += " again"
    word = site_walk.words["asked"]["note"]
    monkeypatch.setattr(breaks, failing_function(word))
    site_walk.client.raise_request_exception = False
    response = site_walk.client.generic(
        *build_request(page, places, site_walk, is_read=breaks.endswith("render"))
    )
    assert response.status_code == 500
    assert not response.cookies
    token = {"token": places["manage"].split("/")[2], "other": places["comment"].split("/")[3]}
    secrets = site_walk.all_marked_words() | token
    # Python's default formatter would have logged the word, so the test can fail.
    assert find_words({"note": word}, site_walk.logs.default_format_places())
    assert find_words(secrets, site_walk.logs.places()) == []
    assert (
        find_words(secrets, {"page": response.content, "head": str(response.headers).encode()})
        == []
    )
    out, err = capfd.readouterr()
    assert find_words(secrets, {"stdout": out.encode(), "stderr": err.encode()}) == []
    errors = [line for line in site_walk.logs.lines() if line.get("status") == 500]
    assert [line["error"] for line in errors] == ["RuntimeError"]
    # The page shows the reference under which the error was logged.
    assert str(errors[0]["reference"]) in response.content.decode()
    assert "988" in response.content.decode()


def build_request(
    page: str, places: dict[str, str], walk: SiteWalk, *, is_read: bool
) -> tuple[str, ...]:
    from urllib.parse import urlencode

    kind = "application/x-www-form-urlencoded"
    if is_read and page == "details":
        return ("GET", f"{DETAILS_PATH}?key={uuid4().hex}")
    if is_read or page in ("manage", "comment"):
        return ("GET", f"{places[page]}")
    sent = {
        "details": walk.words["asked"] | FORM_CHOICES | {"key": uuid4().hex},
        "submit": walk.words["published"],
    }.get(page, {})
    return ("POST", places[page], urlencode(sent), kind)


def test_template_error_leaks_nothing(site_walk, monkeypatch):
    places = submit_and_collect_paths(site_walk)
    word = site_walk.words["asked"]["note"]

    def render(request, template, context, **options):
        broken = engines["django"].from_string("{% include name %}{{ name.no.such }}")
        return broken.render({"name": word}, request)

    monkeypatch.setattr("consultations.booking.manage_views.render", render)
    site_walk.client.raise_request_exception = False
    response = site_walk.client.get(places["manage"])
    assert response.status_code == 500
    assert find_words({"note": word}, site_walk.logs.default_format_places())
    assert (
        find_words(
            site_walk.all_marked_words(), site_walk.logs.places() | {"page": response.content}
        )
        == []
    )


QUOTING_ERRORS = [
    lambda mail: SMTPDataError(554, f"rejected: {mail.body} {mail.to[0]}".encode()),
    lambda mail: SMTPRecipientsRefused({mail.to[0]: (550, mail.to[0].encode())}),
    lambda mail: OSError(f"cannot reach {mail.to[0]}"),
    lambda mail: ValueError(f"bad address {mail.to[0]}"),
]


@pytest.mark.parametrize("refusal", QUOTING_ERRORS)
def test_smtp_error_text_is_not_logged(site_walk, monkeypatch, capfd, refusal):
    def send(mail: EmailMultiAlternatives, **options: Any) -> int:
        errors.append(str(refusal(mail)))
        raise refusal(mail)

    errors: list[str] = []
    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    asked = site_walk.send(
        DETAILS_PATH, site_walk.words["asked"] | FORM_CHOICES | {"key": uuid4().hex}
    )
    call_command("worker", "--once")
    secrets = site_walk.all_marked_words() | {"token": asked.split("/")[2]}
    assert find_words(secrets, {"server": "\n".join(errors).encode()})
    assert find_words(secrets, site_walk.logs.places()) == []
    last_errors = "\n".join(OutgoingEmail.objects.values_list("last_error", flat=True))
    assert last_errors
    assert find_words(secrets, {"last failure": last_errors.encode()}) == []
    listed = site_walk.staff.get("/admin/consultations/outgoingemail/")
    assert find_words(secrets, {"admin": listed.content}) == []
    out, err = capfd.readouterr()
    assert find_words(secrets, {"stdout": out.encode(), "stderr": err.encode()}) == []


def test_failed_task_logs_no_visitor_data(site_walk):
    word = site_walk.words["asked"]["note"]
    task = failing_function(word)
    Worker().run_safely(task)
    assert find_words({"note": word}, site_walk.logs.default_format_places())
    assert find_words({"note": word}, site_walk.logs.places()) == []
    errors = [line for line in site_walk.logs.lines() if line["level"] == "ERROR"]
    assert [line["error"] for line in errors] == ["RuntimeError"]


def test_model_repr_shows_no_personal_data(site_walk):
    site_walk.go()
    shown = [
        f"{row} {row!r} {row.__dict__['_state']}"
        for model in (Consultation, Comment, OutgoingEmail)
        for row in model.objects.all()
    ]
    assert find_words(site_walk.all_marked_words(), {"printed": "\n".join(shown).encode()}) == []
