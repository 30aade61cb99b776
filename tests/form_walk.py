"""One walk that sends marked words through every form, as visitors and as staff.

It takes down which forms were bound and which routes were asked, so that a new one which is not on
the walk turns the test red.
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
from consultations.booking.urls import urlpatterns as of_booking
from consultations.comments.models import Comment
from consultations.comments.urls import urlpatterns as of_comments
from consultations.data_rights.models import DataLink
from consultations.data_rights.urls import urlpatterns as of_data_rights
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
# Forms that take no word of or about a visitor, or are never used but through another one.
FORMS_NOT_SUBMITTED = {
    "ScreenedForm": "only what stands on it",
    "VisitorForm": "only what stands on it",
    "WordsForm": "only what stands on it",
    "BusySourceForm": "a calendar of a practitioner",
    "DateOverrideForm": "hours of a practitioner",
    "TimeOffForm": "hours of a practitioner",
    "WeeklyWindowForm": "hours of a practitioner",
}


def text_form_names() -> set[str]:
    """All forms of ours that have a box to type in, but those by which staff sign in."""

    def below(kind: type[BaseForm]) -> Iterator[type[BaseForm]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    def has_a_box(form: type[BaseForm]) -> bool:
        fields: dict[str, forms.Field] = getattr(form, "base_fields", {})
        return any(isinstance(field, forms.CharField) for field in fields.values())

    ours = (one for one in below(BaseForm) if one.__module__.startswith("consultations."))
    asked = (one for one in ours if not one.__module__.startswith("consultations.access."))
    return {one.__name__ for one in asked if has_a_box(one)}


def visitor_routes() -> set[str]:
    patterns = [*of_booking, *of_comments, *of_data_rights]
    return {str(one.pattern) for one in patterns if isinstance(one, URLPattern)}


class FormWalk(SiteWalk):
    """``secret`` may be found nowhere in clear; ``public`` is what the practice published."""

    def __init__(self, *args: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(*args)
        self.secret: dict[str, str] = {}
        self.public: dict[str, str] = {}
        for what in ("agent", "referer", "cookie"):
            self.secret[what] = f"{what}-{uuid4().hex}"
        self.bound: set[str] = set()
        self.routes: set[str] = set()
        bind = BaseForm.__init__

        def noted(form: BaseForm, data: Any = None, *rest: Any, **options: Any) -> None:
            if data is not None:
                self.bound.add(type(form).__name__)
            bind(form, data, *rest, **options)

        monkeypatch.setattr(BaseForm, "__init__", noted)

    # --- words ---
    def word(self, what: str, *, public: bool = False) -> str:
        kept = self.public if public else self.secret
        kept[what] = f"{what} {uuid4().hex[:10]} ναι <b>&心"
        return kept[what]

    def address(self, what: str) -> str:
        local = f"{what.replace(' ', '.')}.{uuid4().hex[:10]}"
        self.secret[f"address: {what}"] = f"{local}@Mail.example"
        return self.secret[f"address: {what}"]

    def phone(self, what: str) -> str:
        self.secret[f"phone: {what}"] = f"+1503{uuid4().int % 9_000_000 + 1_000_000}"
        return self.secret[f"phone: {what}"]

    def person(self, what: str) -> dict[str, str]:
        said = {name: self.word(f"{what} {name}") for name in ("name", "note", "access")}
        opened = sign_opened_at(timezone.now() - timedelta(minutes=1))
        return {**said, "email": self.address(what), "phone": self.phone(what), "opened": opened}

    # --- asking ---
    def ask(
        self, who: Any, method: str, path: str, data: Any = None, *, typed: bool = False
    ) -> Any:
        """``typed``: the address line itself is what a visitor typed, into a search for one."""
        loud = {
            "HTTP_USER_AGENT": self.secret["agent"],
            "HTTP_REFERER": f"http://testserver/?{self.secret['referer']}",
            "HTTP_X_FORWARDED_FOR": self.secret["agent"],
            "HTTP_ACCEPT_LANGUAGE": self.secret["agent"],
        }
        if who is self.client:
            loud["HTTP_COOKIE"] = f"words={self.secret['cookie']}"
        answer = getattr(who, method)(path, data, **loud)
        assert answer.status_code < 500, path
        if (match := getattr(answer, "resolver_match", None)) is not None:
            self.routes.add(match.route)
        if typed:
            self.heads += [f"{name}: {value}" for name, value in answer.headers.items()]
            self.titles += re.findall(r"<title>.*?</title>", answer.content.decode(), re.DOTALL)
        else:
            self.note(answer)
        return answer

    def post(self, path: str, data: dict[str, Any], *, status: int = 303) -> str:
        answer = self.ask(self.client, "post", path, data)
        assert answer.status_code == status, (path, answer.content.decode()[:3000])
        return answer.headers.get("Location", "")

    def staff_post(self, path: str, data: dict[str, Any]) -> Any:
        answer = self.ask(self.staff, "post", path, data)
        assert answer.status_code < 400, (path, re.findall("errorlist.*", answer.content.decode()))
        assert "login" not in answer.headers.get("Location", "")
        return answer

    def page(self, path: str) -> str:
        return self.ask(self.client, "get", path).content.decode()

    # --- the walk ---
    def go(self) -> None:
        self.book_slots()
        self.request_calls()
        self.answer_offers()
        self.post_comments()
        self.moderate()
        self.request_own_data()
        self.handle_data_request()
        self.move_in()
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
        """The consultation of whoever called themselves so."""
        name = self.secret[f"{what} name"]
        return next(row for row in Consultation.objects.all() if row.name == name)

    def last_offered_start(self, path: str) -> str:
        """The last time offered there: the first one may be too near to be moved by now."""
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
        for number, (what, answer) in enumerate((("times", "yes"), ("call back", "no")), start=1):
            row = self.row(what)
            offer = {"start_at_0": f"2035-03-0{number}", "start_at_1": "10:00"}
            page = f"/admin/consultations/consultation/{row.pk}/"
            self.staff_post(f"{page}act/offer/", {**offer, "practitioner": practitioner})
            self.post(row.get_absolute_url(), {"answer": answer})
        self.staff_post(f"{page}change/", {"staff_notes": self.word("note of staff")})
        self.staff_post(f"{page}act/decline/", {"reason": "full"})
        added = {
            **self.person("added"), "channel": "email", "voicemail": "no", "meeting": "phone",
            "zone": "America/Los_Angeles", "key": "",
            "type": str(ConsultationType.objects.all()[0].pk),
            "practitioner": practitioner, "start_at_0": "2035-04-02", "start_at_1": "11:00",
        }  # fmt: skip
        self.staff_post("/admin/consultations/consultation/add/", added)
        assert self.row("added").status == "confirmed"

    def post_comments(self) -> None:
        self.mine: dict[str, str] = {}
        for what in ("shown", "waits", "answer"):
            public = what == "shown"
            said = {
                "name": self.word(f"{what} by", public=public),
                "text": self.word(f"{what} words", public=public),
                "email": self.address(what),
                "wants_notice": "on",
            }
            self.mine[what] = self.post(COMMENTS_PATH, said)
        waits = self.mine["waits"]
        self.page(waits)
        self.page(f"{waits}edit/")
        edited = {"name": self.word("edited by", public=True), "text": self.word("edited words")}
        self.post(f"{waits}edit/", edited)
        self.post(f"{waits}edit/", {"name": self.word("too short"), "text": ""}, status=422)
        self.post(f"{waits}notices/", {"wanted": "yes"})

    def comment(self, what: str) -> Comment:
        return Comment.objects.get(public_id=self.public_id(self.mine[what]))

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
        self.post(f"{self.mine['answer']}withdraw/", {})

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

    def move_in(self) -> None:
        brought = [
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
        item = wp_item(1, "Rest", creator="lr", comments=brought)
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
