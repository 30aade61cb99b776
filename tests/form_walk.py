"""Submit marked words through every form, as visitors and as staff.

The walk records which forms were bound and which routes were requested, so the test fails when a
new form or route is not part of it.
"""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core.management import call_command
from django.forms.forms import BaseForm
from django.urls import URLPattern
from django.utils import timezone

from consultations.booking.calendars import feed
from consultations.booking.hours import BookingMode, ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.urls import urlpatterns as booking_urlpatterns
from consultations.comments.models import Comment
from consultations.comments.urls import urlpatterns as comment_urlpatterns
from consultations.data_rights.models import DataLink
from consultations.data_rights.urls import urlpatterns as data_rights_urlpatterns
from consultations.privacy import control_links
from consultations.privacy.fingerprints import email_fingerprint
from consultations.visitors.forms import sign_opened_at
from pages.practice.models import Practitioner
from tests.factories.booking import make_type, make_window
from tests.factories.wordpress import wp_author, wp_comment, wp_item, wxr_file
from tests.test_privacy import ARTICLE_PATH, COMMENTS_PATH, DETAILS_PATH, FORM_CHOICES, SiteWalk

DATA_REQUEST_PATH, FIND_PERSON_PATH = "/your-data/", "/admin/consultations/tombstone/person/"
MODERATION_PATH = "/admin/consultations/comment/"
PASSWORD = "a long quiet river"
# Forms that take no visitor data, and base classes.
FORMS_NOT_SUBMITTED = {
    "ScreenedForm": "a base class",
    "VisitorForm": "a base class",
    "BaseCommentForm": "a base class",
    "AddedTextMixin": "a base class",
    "BusySourceForm": "a practitioner's calendar",
    "DateOverrideForm": "a practitioner's hours",
    "TimeOffForm": "a practitioner's hours",
    "WeeklyWindowForm": "a practitioner's hours",
}


def text_form_names() -> set[str]:
    """Return the names of our forms with a text field, without those that staff sign in with."""

    def subclasses(kind: type[BaseForm]) -> Iterator[type[BaseForm]]:
        for subclass in kind.__subclasses__():
            yield subclass
            yield from subclasses(subclass)

    def has_text_field(form: type[BaseForm]) -> bool:
        fields: dict[str, forms.Field] = getattr(form, "base_fields", {})
        return any(isinstance(field, forms.CharField) for field in fields.values())

    return {
        form.__name__
        for form in subclasses(BaseForm)
        if form.__module__.startswith("consultations.")
        and not form.__module__.startswith("consultations.accounts.")
        and has_text_field(form)
    }


def visitor_routes() -> set[str]:
    patterns = [*booking_urlpatterns, *comment_urlpatterns, *data_rights_urlpatterns]
    return {str(entry.pattern) for entry in patterns if isinstance(entry, URLPattern)}


class FormWalk(SiteWalk):
    """A walk through every form.

    The words in ``secret`` must appear nowhere in plaintext; those in ``public`` were published.
    """

    def __init__(self, *args: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(*args)
        self.secret: dict[str, str] = {}
        self.public: dict[str, str] = {}
        for what in ("agent", "referer", "cookie"):
            self.secret[what] = f"{what}-{uuid4().hex}"
        self.bound: set[str] = set()
        self.routes: set[str] = set()
        bind = BaseForm.__init__

        def record_and_bind(form: BaseForm, data: Any = None, *rest: Any, **options: Any) -> None:
            if data is not None:
                self.bound.add(type(form).__name__)
            bind(form, data, *rest, **options)

        monkeypatch.setattr(BaseForm, "__init__", record_and_bind)

    # --- words ---
    def word(self, what: str, *, public: bool = False) -> str:
        words = self.public if public else self.secret
        words[what] = f"{what} {uuid4().hex[:10]} ναι <b>&心"
        return words[what]

    def address(self, what: str) -> str:
        local = f"{what.replace(' ', '.')}.{uuid4().hex[:10]}"
        self.secret[f"address: {what}"] = f"{local}@Mail.example"
        return self.secret[f"address: {what}"]

    def phone(self, what: str) -> str:
        self.secret[f"phone: {what}"] = f"+1503{uuid4().int % 9_000_000 + 1_000_000}"
        return self.secret[f"phone: {what}"]

    def person(self, what: str) -> dict[str, str]:
        texts = {name: self.word(f"{what} {name}") for name in ("name", "note", "access")}
        opened = sign_opened_at(timezone.now() - timedelta(minutes=1))
        return {**texts, "email": self.address(what), "phone": self.phone(what), "opened": opened}

    # --- requests ---
    def ask(
        self, who: Any, method: str, path: str, data: Any = None, *, typed: bool = False
    ) -> Any:
        """Send a request with marked headers; ``typed`` when its query string is visitor input."""
        headers = {
            "HTTP_USER_AGENT": self.secret["agent"],
            "HTTP_REFERER": f"http://testserver/?{self.secret['referer']}",
            "HTTP_X_FORWARDED_FOR": self.secret["agent"],
            "HTTP_ACCEPT_LANGUAGE": self.secret["agent"],
        }
        if who is self.client:
            headers["HTTP_COOKIE"] = f"words={self.secret['cookie']}"
        response = getattr(who, method)(path, data, **headers)
        assert response.status_code < 500, path
        if (match := getattr(response, "resolver_match", None)) is not None:
            self.routes.add(match.route)
        if typed:
            self.heads += [f"{name}: {value}" for name, value in response.headers.items()]
            self.titles += re.findall(r"<title>.*?</title>", response.content.decode(), re.DOTALL)
        else:
            self.note(response)
        return response

    def post(self, path: str, data: dict[str, Any], *, status: int = 303) -> str:
        response = self.ask(self.client, "post", path, data)
        assert response.status_code == status, (path, response.content.decode()[:3000])
        return response.headers.get("Location", "")

    def staff_post(self, path: str, data: dict[str, Any]) -> Any:
        response = self.ask(self.staff, "post", path, data)
        assert response.status_code < 400, (
            path,
            re.findall("errorlist.*", response.content.decode()),
        )
        assert "login" not in response.headers.get("Location", "")
        return response

    def page(self, path: str) -> str:
        return self.ask(self.client, "get", path).content.decode()

    def word_emails(self) -> None:
        """Change the wording of an email, and send a test of it."""
        page = "/admin/consultations/emailtext/consultation_confirmed/change/"
        text = {"subject": "Talk on {time}", "body": "{time}\n\n{private link}", "version": "0"}
        self.staff_post(page, text | {"_test": "1"})
        self.staff_post(page, text)

    # --- the walk ---
    def go(self) -> None:
        self.word_emails()
        self.book_slots()
        self.request_calls()
        self.answer_offers()
        self.post_comments()
        self.moderate()
        self.request_own_data()
        self.handle_data_request()
        self.import_wordpress()
        self.search_and_probe_urls()
        call_command("worker", "--once")

    def book_slots(self) -> None:
        person = Practitioner.objects.all()[0]
        for weekday in range(7):
            make_window(person, weekday)
        make_type(slug="at-once")
        make_type(slug="by-mail", mode=BookingMode.EMAIL_CONFIRM)
        self.book("slot", "at-once")
        self.post(self.row("slot").get_absolute_url(), {"email": self.address("put right")})
        own = self.row("slot").get_absolute_url()
        self.post(f"{own}move/", {"start": self.last_offered_start(f"{own}move/")})
        self.page(f"{own}calendar.ics")
        self.page(feed.feed_path(person))
        self.page(f"{own}cancel/")
        self.post(f"{own}cancel/", {"reason": self.word("reason for cancelling")})
        self.book("by mail", "by-mail")
        row = self.row("by mail")
        token = control_links.make_token("hold-confirm", row.public_id, row.token_version)
        self.page(f"/consultation/confirm/{token}/")
        self.post(f"/consultation/confirm/{token}/", {})

    def book(self, what: str, kind: str) -> None:
        start = self.last_offered_start(f"/consultation/?type={kind}")
        asked = self.person(what) | FORM_CHOICES | {"kind": "slot", "type": kind, "zone": "UTC"}
        self.post(DETAILS_PATH, asked | {"start": start, "key": uuid4().hex})

    def row(self, what: str) -> Consultation:
        """Return the consultation whose visitor used the name ``what``."""
        name = self.secret[f"{what} name"]
        return next(row for row in Consultation.objects.all() if row.name == name)

    def last_offered_start(self, path: str) -> str:
        """Return the last start offered on a page: the first may be too soon to be moved."""
        found = re.findall(r"start=(\d{4}-\d\d-\d\dT\d\d%3A\d\dZ)", self.page(path))
        assert found, path
        return str(found[-1]).replace("%3A", ":")

    def request_calls(self) -> None:
        for what, more in (
            ("times", {}),
            ("call back", {"kind": "call_back", "channel": "call"}),
            ("decoy", {"website": self.word("into the decoy")}),
        ):
            self.post(DETAILS_PATH, self.person(what) | FORM_CHOICES | more | {"key": uuid4().hex})
        faulty = self.person("faulty") | {"email": self.word("no address")}
        self.post(DETAILS_PATH, faulty | FORM_CHOICES, status=422)
        self.ask(self.client, "get", "/consultation/", self.person("in the query"), typed=True)

    def answer_offers(self) -> None:
        practitioner = str(Practitioner.objects.all()[0].pk)
        for number, (what, response) in enumerate((("times", "yes"), ("call back", "no")), start=1):
            row = self.row(what)
            offer = {"start_at_0": f"2035-03-0{number}", "start_at_1": "10:00"}
            page = f"/admin/consultations/consultation/{row.pk}/"
            self.staff_post(f"{page}act/offer/", {**offer, "practitioner": practitioner})
            self.post(row.get_absolute_url(), {"answer": response})
        self.staff_post(f"{page}change/", {"staff_notes": self.word("note of staff")})
        self.staff_post(f"{page}act/decline/", {"reason": "full"})
        added = {
            **self.person("added"), "channel": "email", "voicemail": "no", "meeting": "phone",
            "zone": "America/Los_Angeles", "key": "",
            "type": str(ConsultationType.objects.all()[0].pk),
            "practitioner": practitioner, "start_at_0": "2035-04-02", "start_at_1": "11:00",
        }  # fmt: skip
        self.staff_post("/admin/consultations/consultation/add/", added)
        booked = self.row("added")
        assert booked.status == "confirmed"
        acts = f"/admin/consultations/consultation/{booked.pk}/act/"
        kind = {"added_text": "Talk to you soon."}
        later = {"practitioner": practitioner, "start_at_0": "2035-04-03", "start_at_1": "11:00"}
        self.staff_post(f"{acts}move/", later | kind)
        # A sentence that repeats what the person told us is not sent.
        for typed in (booked.name, booked.email, booked.phone):
            refused = self.ask(self.staff, "post", f"{acts}cancel/", {"added_text": typed})
            assert refused.status_code == 422
        self.staff_post(f"{acts}cancel/", kind)
        self.work_without_a_time(added, practitioner)

    def work_without_a_time(self, added: dict[str, str], practitioner: str) -> None:
        admin = "/admin/consultations/consultation/"
        added = {**added, **self.person("on video"), "meeting": "video", "start_at_1": "14:00"}
        self.staff_post(f"{admin}add/", added)
        video = {"video_url": "https://meet.example.org/room"}
        self.staff_post(f"{admin}{self.row('on video').pk}/act/link/", video)
        request = {**added, **self.person("on the phone"), "kind": "call_back"}
        self.staff_post(f"{admin}add-request/", request)
        row = self.row("on the phone")
        call = {"outcome": "no_answer", "note": self.word("note of a call back")}
        self.staff_post(f"{admin}{row.pk}/act/call-back/", call)
        self.staff_post(f"{admin}{row.pk}/act/waitlist/", {})
        away = {
            "practitioner": practitioner,
            "first": "2035-05-01",
            "all_day": "on",
            "label": "Off",
        }
        self.staff_post(f"{admin}block/", away)

    def post_comments(self) -> None:
        self.manage_paths: dict[str, str] = {}
        for what in ("shown", "waits", "answer"):
            public = what == "shown"
            typed = {
                "name": self.word(f"{what} by", public=public),
                "text": self.word(f"{what} words", public=public),
                "email": self.address(what),
                "wants_notice": "on",
            }
            self.manage_paths[what] = self.post(COMMENTS_PATH, typed)
        waits = self.manage_paths["waits"]
        self.page(waits)
        self.page(f"{waits}edit/")
        edited = {"name": self.word("edited by", public=True), "text": self.word("edited words")}
        self.post(f"{waits}edit/", edited)
        self.post(f"{waits}edit/", {"name": self.word("too short"), "text": ""}, status=422)
        self.post(f"{waits}notices/", {"wanted": "yes"})

    def comment(self, what: str) -> Comment:
        return Comment.objects.get(public_id=self.public_id(self.manage_paths[what]))

    def moderate(self) -> None:
        shown = self.comment("shown")
        self.staff_post(f"{MODERATION_PATH}{shown.pk}/change/", {"_verb": "approve"})
        reply = {"text": self.word("reply", public=True), "press": "publish"}
        self.staff_post(f"{MODERATION_PATH}{shown.pk}/reply/", reply)
        waits = self.comment("waits")
        self.staff_post(f"{MODERATION_PATH}{waits.pk}/reveal/", {})
        self.staff_post(
            f"{MODERATION_PATH}{waits.pk}/redact/", {"text": self.word("redacted", public=True)}
        )
        self.staff_post(f"{MODERATION_PATH}search/", {"q": self.secret["address: shown"]})
        self.staff_post(f"{MODERATION_PATH}search/", {"q": self.word("searched by staff")})
        spam = self.comment("answer")
        self.staff_post(
            MODERATION_PATH, {"do": f"spam:{spam.pk}", "seen": f"{spam.pk}:{spam.revision}"}
        )
        link = f"{COMMENTS_PATH}{shown.public_id}/"
        self.page(link)
        self.post(f"{link}report/", {"why": self.word("why reported")})
        self.post(f"{self.manage_paths['answer']}withdraw/", {})

    def request_own_data(self) -> None:
        address = self.secret["address: decoy"]
        self.post(DATA_REQUEST_PATH, {"email": address})
        self.post(DATA_REQUEST_PATH, {"email": self.word("no address either")}, status=422)
        own = DataLink.objects.get().get_absolute_url()
        self.page(own)
        row = self.row("decoy")
        prefix = row.reference.lower()
        corrected = {
            f"{prefix}-name": self.word("corrected name"),
            f"{prefix}-phone": self.phone("corrected"),
            f"{prefix}-note": self.word("corrected note"),
            f"{prefix}-access_needs": self.word("corrected needs"),
        }
        self.post(own, {"act": "correct", "record": row.reference, **corrected})
        for kind in ("json", "html"):
            file = self.client.post(own, {"act": kind})
            assert corrected[f"{prefix}-name"] in html.unescape(file.content.decode())
            self.heads += [f"{name}: {value}" for name, value in file.headers.items()]

    def handle_data_request(self) -> None:
        find = {"contact": self.secret["address: decoy"]}
        self.staff_post(FIND_PERSON_PATH, find)
        row = Consultation.objects.get(email_fingerprint=email_fingerprint(find["contact"]))
        prefix = row.reference.lower()
        right = {f"{prefix}-name": self.word("by staff"), f"{prefix}-note": self.word("staff note")}
        self.staff_post(FIND_PERSON_PATH, find | right | {"act": f"correct:{row.reference}"})
        sure = find | {"reason": "asked", "password": PASSWORD}
        assert self.staff.post(FIND_PERSON_PATH, sure | {"act": "json"}).status_code == 200
        self.ask(self.staff, "post", FIND_PERSON_PATH, {"contact": self.word("nobody found")})

    def import_wordpress(self) -> None:
        comments = [
            wp_comment(
                number,
                self.word(f"imported {state}", public=state == "1"),
                name=self.word(f"imported by {state}", public=state == "1"),
                email=self.address(f"imported{number}"),
                approved=state,
            )
            for number, state in enumerate(("1", "0", "spam", "trash"), start=1)
        ]
        file = self.folder.parent / "export.xml"
        item = wp_item(1, "Rest", creator="lr", comments=comments)
        file.write_bytes(wxr_file(wp_author("lr", "L. R."), item))
        call_command("import_wordpress", str(file), "--json")
        file.unlink()

    def search_and_probe_urls(self) -> None:
        self.ask(self.client, "get", "/search/", {"q": self.word("searched for")}, typed=True)
        for path in (f"/c/{uuid4().hex}/", f"/your-data/{uuid4().hex}/", "/nowhere/"):
            self.ask(self.client, "post", path, {"note": self.word("to nowhere")})
        self.page(ARTICLE_PATH)
        self.page("/privacy/what-we-collect/")
        for path in ("/admin/", "/admin/consultations/auditentry/", MODERATION_PATH):
            self.ask(self.staff, "get", path)
