"""Data categories: every personal model is listed, and finding, exporting and erasing are exact."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from consultations.booking import workflow as booking
from consultations.booking.claims import TimeClaim
from consultations.booking.local_time import format_datetime_in_zone
from consultations.booking.models import Consultation
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.data_rights import erasure, export, records
from consultations.data_rights.models import DataLink
from consultations.data_rights.people import Person, people_with_phone, person_with_email
from consultations.outbox.delivery import deliver_due
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import EncryptedTextField, PrivateModel
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_email,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice

pytestmark = pytest.mark.django_db
PHONE = "+15035550142"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


# --- list of models ---
def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label == "consultations"]


def listed_model_names() -> set[str]:
    kinds = {kind.model.__name__ for kind in records.DATA_CATEGORIES}
    parts = {part.model.__name__ for kind in records.DATA_CATEGORIES for part in kind.parts}
    return kinds | parts


def unlisted_model_names(models: list[type[Model]]) -> list[str]:
    return [
        model.__name__
        for model in models
        if not model._meta.proxy
        and model.__name__ not in listed_model_names() | set(records.EXCLUDED_MODELS)
    ]


def test_every_model_is_listed_or_excluded() -> None:
    assert unlisted_model_names(own_models()) == []


def test_listed_and_excluded_models_exist() -> None:
    existing = {model.__name__ for model in own_models()}
    assert (listed_model_names() | set(records.EXCLUDED_MODELS)) - existing == set()
    assert listed_model_names() & set(records.EXCLUDED_MODELS) == set()


def test_models_with_contact_data_cannot_be_excluded(monkeypatch) -> None:
    """A model with encrypted text and contact data to find it by must be a category."""
    for model in own_models():
        if not issubclass(model, PrivateModel) or model.__name__ in listed_model_names():
            continue
        names = {field.name for field in model._meta.fields}
        assert not names & {"email", "phone", "email_fingerprint", "phone_fingerprint"}, model
    monkeypatch.setattr(records, "DATA_CATEGORIES", records.DATA_CATEGORIES[1:])
    assert "Consultation" in unlisted_model_names(own_models())


def test_every_category_has_a_retention_rule() -> None:
    for kind in records.DATA_CATEGORIES:
        models = {rule.rows(NOW).model for rule in kind.retention_rules}
        assert kind.model in models, kind.name


def test_export_omits_only_named_encrypted_fields() -> None:
    """A new encrypted column is exported unless it is listed here."""
    omitted = {
        f"{kind.name}.{field.name}": field.name in kind.own_work
        for kind in records.DATA_CATEGORIES
        for field in kind.model._meta.fields
        if isinstance(field, EncryptedTextField) and field.name in kind.hidden | kind.own_work
    }
    assert omitted == {
        "consultations.staff_notes": True,  # exported if staff choose to
        "comments.former_redaction": False,
        "mails.html": False,
        "mails.unsubscribe": False,
    }


# --- finding and exporting ---
def make_household() -> None:
    """Create two people with one phone and all kinds of data, and a third without an email."""
    for minute, name in enumerate(("Ada", "Ben")):
        at = NOW + timedelta(minutes=minute)
        email = f"{name.lower()}@mail.example"
        row = make_consultation(
            name=f"{name} Household", email=email, phone=PHONE, note=f"Note of {name}", now=at
        )
        booking.withdraw_consultation(row, now=at)
        make_comment(name=f"{name} writes", email=email.upper(), text=f"Words of {name}")
        DataLink.objects.create(email=email, created_at=NOW, expires_at=NOW + timedelta(hours=1))
    facts: Any = {"email": "", "phone": PHONE, "channel": "call", "kind": "call_back"}
    make_consultation(name="Cem Household", now=NOW + timedelta(minutes=5), **facts)


def test_export_holds_exactly_one_persons_data() -> None:
    make_household()
    data = export.build_export_data(person_with_email(" ADA@Mail.example"), now=NOW)
    kinds = [record["of"] for record in data["records"]]
    assert kinds == ["consultations", "comments", "mails", "links"]
    text = json.dumps(data, ensure_ascii=False)
    for words in ("Ada Household", "Note of Ada", "Ada writes", "Words of Ada", PHONE):
        assert words in text
    for words in ("Ben", "ben@", "Cem"):
        assert words not in text
    page = export.render_export_page(person_with_email("ada@mail.example"), now=NOW)
    assert "Note of Ada" in page
    assert "Words of Ada" in page
    assert "Ben" not in page
    assert "Cem" not in page


def test_export_page_shows_readable_labels() -> None:
    make_consultation(email="ada@mail.example", service="not_sure")
    make_comment(email="ada@mail.example", approved=True)
    page = export.render_export_page(person_with_email("ada@mail.example"), now=NOW)
    for words in (
        "Will be deleted 90 days after it is closed.",
        "Stays until you withdraw it or we remove it.",
        "I agree that you may use my answers to reply to me. They are deleted 90 days",
        "Received; we’ll answer (you)",
        "Not sure yet",
    ):
        assert words in page, words


def test_export_includes_history_and_emails() -> None:
    row = make_consultation(email="ada@mail.example")
    booking.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    data = export.build_export_data(person_with_email("ada@mail.example"), now=NOW)
    consultation = data["records"][0]
    assert [event["after"] for event in consultation["history"]] == ["requested", "declined"]
    emails = [record for record in data["records"] if record["of"] == "mails"]
    assert len(emails) == 2
    assert consultation["deleted_at"] == (NOW + timedelta(days=90)).isoformat()


def test_copies_of_sent_emails_are_shown_without_private_links() -> None:
    row = make_consultation(email="ada@mail.example", zone="Asia/Tokyo")
    deliver_due(NOW)
    copy = row.sent.get()
    person = person_with_email("ada@mail.example")
    [record] = [one for one in export.collect_records(person) if one.kind.name == "consultations"]
    assert len(record.history) == row.events.count()
    [(label, [items])] = record.other_parts
    assert label == "Emails we sent"
    assert {item.label: item.words for item in items} == {
        "Subject": copy.subject,
        "Text": copy.text,
        "Sent": format_datetime_in_zone(copy.created_at, "Asia/Tokyo"),
    }
    page = export.render_export_page(person, now=NOW)
    assert "<h4>Emails we sent</h4>" in page
    assert "(private link)" in page
    assert row.public_id not in page


def test_export_omits_secret_links_and_staff_notes() -> None:
    row = make_consultation(email="ada@mail.example")
    row.staff_notes = "Zwetschgenkompott"
    row.save()
    data = json.dumps(export.build_export_data(person_with_email("ada@mail.example"), now=NOW))
    assert "/c/" in data
    assert row.public_id not in data
    assert "Zwetschgenkompott" not in data
    page = export.render_export_page(person_with_email("ada@mail.example"), now=NOW)
    assert "You may ask us for them" in page
    with_own_work = export.build_export_data(
        person_with_email("ada@mail.example"), now=NOW, with_own_work=True
    )
    assert with_own_work["records"][0]["held"]["staff_notes"] == "Zwetschgenkompott"


def test_export_hides_spam_status() -> None:
    comments.mark_as_spam(make_comment(email="ada@mail.example"), by=None, now=NOW)
    data = json.dumps(export.build_export_data(person_with_email("ada@mail.example"), now=NOW))
    assert "spam" not in data
    assert '"status": "waiting"' in data


def test_export_states_when_comment_email_is_removed(settings) -> None:
    settings.COMMENT_EMAIL_RETENTION_DAYS = 180
    settings.COMMENT_SPAM_RETENTION_DAYS = 15
    make_comment(email="ada@mail.example", text="Stays", approved=True)
    comments.mark_as_spam(make_comment(email="ada@mail.example"), by=None, now=NOW)
    data = export.build_export_data(person_with_email("ada@mail.example"), now=NOW)
    dates = [
        (record["deleted_at"], record["address_removed_at"])
        for record in data["records"]
        if record["of"] == "comments"
    ]
    after = {days: (NOW + timedelta(days=days)).isoformat() for days in (15, 180)}
    assert sorted(dates, key=str) == [(after[15], None), (None, after[180])]
    page = export.render_export_page(person_with_email("ada@mail.example"), now=NOW)
    assert "Its email address will be removed on Oct. 31, 2026." in page


def test_export_marks_unreadable_field() -> None:
    row = make_consultation(name="Ada", email="ada@mail.example", note="A note")
    tamper(row, "note")
    page = export.render_export_page(person_with_email("ada@mail.example"), now=NOW)
    assert "cannot be read" in page
    assert "Ada" in page


def test_practice_replies_are_not_personal_data() -> None:
    parent = make_comment(email="ada@mail.example", approved=True)
    comments.reply_to_comment(parent, text="Thank you.", by=make_staff(), now=NOW)
    assert Comment.objects.count() == 2
    assert len(records.find_comments(person_with_email("ada@mail.example"))) == 1


def test_empty_contact_finds_nothing() -> None:
    make_consultation(email="", phone=PHONE, channel="call", kind="call_back", name="")
    make_consultation(email="a@mail.example", phone="")
    for person in (Person(), person_with_email(""), person_with_email("  ")):
        assert [rows for _category, rows in records.find_records(person) if rows] == []


def test_shared_phone_lists_each_person() -> None:
    make_household()
    people = people_with_phone(PHONE)
    assert people == [
        Person(email="ada@mail.example"),
        Person(email="ben@mail.example"),
        Person(phone=PHONE, name="cem household"),
    ]
    rows = records.find_consultations(people[2])
    assert [row.name for row in rows] == ["Cem Household"]


def test_records_are_found_across_key_rotation(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_household()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    make_consultation(name="Ada later", email="ada@mail.example")
    assert len(records.find_consultations(person_with_email("ada@mail.example"))) == 2
    assert len(people_with_phone(PHONE)) == 3


# --- erasing ---
def erase_person(email: str) -> list:
    return records.erase_records(person_with_email(email), by=None, now=NOW)


def test_erasure_removes_exactly_one_persons_data() -> None:
    make_household()
    ben = export.build_export_data(person_with_email("ben@mail.example"), now=NOW)
    assert len(erase_person("ada@mail.example")) == 4
    assert export.build_export_data(person_with_email("ada@mail.example"), now=NOW)["records"] == []
    assert export.build_export_data(person_with_email("ben@mail.example"), now=NOW) == ben
    assert Consultation.objects.count() == 2


def test_erasure_cancels_live_call_and_notifies_practice() -> None:
    row = make_consultation_with_status("confirmed", email="ada@mail.example")
    OutgoingEmail.objects.update(state="sent", sent_at=NOW)
    erase_person("ada@mail.example")
    mail = OutgoingEmail.objects.get()
    assert (mail.message, mail.about, mail.state) == (
        "consultation_called_off",
        row.uuid,
        "waiting",
    )
    assert "ada" not in mail.to


def test_erasure_frees_the_slot_even_after_cutoff() -> None:
    make_consultation_with_status("confirmed", start_at=NOW + timedelta(minutes=30))
    assert TimeClaim.objects.exists()
    erase_person("ada@mail.example")
    assert not TimeClaim.objects.exists()
    assert OutgoingEmail.objects.filter(message="consultation_called_off").exists()


@pytest.mark.parametrize(
    "status", ["requested", "confirmed", "declined", "expired", "completed", "no_show"]
)
def test_erasure_works_in_every_status(status) -> None:
    make_consultation_with_status(status)
    assert erase_person("ada@mail.example")
    assert not Consultation.objects.exists()


def test_damaged_record_is_erased() -> None:
    row = make_consultation_with_status("confirmed", email="ada@mail.example")
    for name in ("email", "name"):
        tamper(row, name)
    records.erase_records(person_with_email("ada@mail.example"), by=None, now=NOW)
    assert not Consultation.objects.exists()


def test_comment_moderated_after_listing_is_erased() -> None:
    listed = make_comment(email="ada@mail.example", approved=True)
    comments.reply_to_comment(listed, text="Thank you.", by=make_staff(), now=NOW)
    comments.trash_comment(Comment.objects.get(pk=listed.pk), by=None, now=NOW)
    erasure.erase_comment(listed, by=None, now=NOW)
    row = Comment.objects.get(pk=listed.pk)
    assert (row.status, row.text, row.email) == ("withdrawn", "", "")


def test_erased_comment_with_replies_leaves_a_placeholder() -> None:
    parent = make_comment(email="ada@mail.example", name="Ada", approved=True)
    reply = comments.reply_to_comment(parent, text="Thank you.", by=make_staff(), now=NOW)
    erase_person("ada@mail.example")
    parent.refresh_from_db()
    reply.refresh_from_db()
    assert (parent.name, parent.email, parent.text, parent.published_html) == ("", "", "", "")
    assert parent.email_fingerprint == parent.published_name == ""
    assert (reply.parent, reply.text) == (parent, "Thank you.")


def test_erased_comment_without_replies_is_deleted() -> None:
    make_comment(email="ada@mail.example", approved=True)
    erase_person("ada@mail.example")
    assert not Comment.objects.exists()


def test_erasure_deletes_unrelated_emails_to_the_person() -> None:
    make_email(to="Ada@mail.example")
    kept = make_email(to="ben@mail.example")
    erase_person("ada@mail.example")
    assert OutgoingEmail.objects.get() == kept


# --- what a person reads ---
def test_page_reads_without_keys_codes_or_calendar_text() -> None:
    make_practice(time_zone="America/Los_Angeles")
    make_licence(jurisdiction="Oregon", jurisdiction_code="US-OR")
    row = make_consultation_with_status(
        "confirmed", email="ada@mail.example", zone="America/New_York",
        location="US-OR", service="couples-counseling",
    )  # fmt: skip
    comment = make_comment(email="ada@mail.example", approved=True)
    OutgoingEmail.objects.create(
        key="k1", message="consultation_booked", about=row.uuid, to="ada@mail.example",
        sender="Ash", subject="Your call", text="See you then.", calendar="BEGIN:VCALENDAR",
        next_at=NOW, created_at=NOW,
    )  # fmt: skip
    person = person_with_email("ada@mail.example")
    page = export.render_export_page(person, now=NOW)
    for words in (
        f"Request {row.reference}",
        f"Comment on “{comment.article.title}”",
        "Oregon",
        "Couples counseling",
        "A calendar file (.ics)",
        "Your call",
        "(you)",
    ):
        assert words in page, words
    for code in ("US-OR", "BEGIN:VCALENDAR", "America/", "consultation_booked", "couples-c"):
        assert code not in page, code
    text = json.dumps(export.build_export_data(person, now=NOW))
    for value in ("US-OR", "BEGIN:VCALENDAR", "America/New_York", "consultation_booked"):
        assert value in text, value


def test_times_are_local_to_the_visitor_or_else_the_practice() -> None:
    make_practice(time_zone="America/Los_Angeles")
    make_consultation(email="ada@mail.example", zone="Asia/Tokyo", now=NOW)
    make_comment(email="ada@mail.example", approved=True)
    person = person_with_email("ada@mail.example")
    for record in export.collect_records(person):
        zone = "Asia/Tokyo" if record.kind.name == "consultations" else "America/Los_Angeles"
        received = next(item for item in record.items if item.name == "created_at")
        assert received.words == format_datetime_in_zone(record.row.created_at, zone)
        assert bool(record.history) is bool(record.kind.parts)
        assert all(line.endswith(")") for line in record.history)
