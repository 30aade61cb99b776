"""The one list: nothing personal is missing from it, and what is found is all and only theirs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from consultations.booking import workflow as booking
from consultations.booking.models import Consultation
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.data_rights import erasure, export, records
from consultations.data_rights.models import DataLink
from consultations.data_rights.people import Person, by_email, sharing_phone
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import EncryptedTextField, PrivateModel
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_in,
    make_mail,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
PHONE = "+15035550142"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


# --- the list itself ---
def models_of_ours() -> list:
    return [one for one in apps.get_models() if one._meta.app_label == "consultations"]


def listed() -> set[str]:
    kinds = {kind.model.__name__ for kind in records.KINDS}
    parts = {part.model.__name__ for kind in records.KINDS for part in kind.parts}
    return kinds | parts


def unlisted(models: list) -> list[str]:
    return [
        model.__name__
        for model in models
        if not model._meta.proxy and model.__name__ not in listed() | set(records.ELSEWHERE)
    ]


def test_every_model_is_on_the_list_or_has_its_reason() -> None:
    assert unlisted(models_of_ours()) == []


def test_the_list_names_nothing_that_is_gone() -> None:
    assert (listed() | set(records.ELSEWHERE)) - {one.__name__ for one in models_of_ours()} == set()
    assert listed() & set(records.ELSEWHERE) == set()


def test_a_model_of_visitors_words_cannot_be_excused(monkeypatch) -> None:
    """Whatever has a person's words and an address to find it by is a record."""
    for model in models_of_ours():
        if not issubclass(model, PrivateModel) or model.__name__ in listed():
            continue
        names = {field.name for field in model._meta.fields}
        assert not names & {"email", "phone", "email_fingerprint", "phone_fingerprint"}, model
    monkeypatch.setattr(records, "KINDS", records.KINDS[1:])
    assert "Consultation" in unlisted(models_of_ours())


def test_every_kind_is_forgotten_some_day() -> None:
    for kind in records.KINDS:
        assert [due for due in kind.due if due.rows(NOW).model is kind.model], kind.name


def test_an_export_leaves_out_by_name_only() -> None:
    """A new encrypted column is handed out unless somebody decides otherwise here."""
    left_out = {
        f"{kind.name}.{field.name}": field.name in kind.own_work
        for kind in records.KINDS
        for field in kind.model._meta.fields
        if isinstance(field, EncryptedTextField) and field.name in kind.hidden | kind.own_work
    }
    assert left_out == {
        "consultations.staff_notes": True,  # handed out when staff say so
        "comments.former_redaction": False,
        "mails.html": False,
        "mails.unsubscribe": False,
    }


# --- all and only theirs ---
def make_household() -> None:
    """Two people with one phone, each with everything; and a third who left the number only."""
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


def test_an_export_holds_all_and_only_theirs() -> None:
    make_household()
    data = export.build_export_data(by_email(" ADA@Mail.example"), now=NOW)
    kinds = [record["of"] for record in data["records"]]
    assert kinds == ["consultations", "comments", "mails", "links"]
    text = json.dumps(data, ensure_ascii=False)
    for words in ("Ada Household", "Note of Ada", "Ada writes", "Words of Ada", PHONE):
        assert words in text
    for words in ("Ben", "ben@", "Cem"):
        assert words not in text
    page = export.render_export_page(by_email("ada@mail.example"), now=NOW)
    assert "Note of Ada" in page
    assert "Words of Ada" in page
    assert "Ben" not in page
    assert "Cem" not in page


def test_the_page_says_it_in_words() -> None:
    make_consultation(email="ada@mail.example", service="not_sure")
    make_comment(email="ada@mail.example", approved=True)
    page = export.render_export_page(by_email("ada@mail.example"), now=NOW)
    for words in (
        "Will be deleted 90 days after it is closed.",
        "Stays until it is taken back, or taken down.",
        "You may use what I write here to answer me. It is deleted 90 days",
        "To: Needs an answer",
        "not sure",
        "consultation received",
    ):
        assert words in page, words


def test_history_and_mails_are_part_of_it() -> None:
    row = make_consultation(email="ada@mail.example")
    booking.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    data = export.build_export_data(by_email("ada@mail.example"), now=NOW)
    asked = data["records"][0]
    assert [event["after"] for event in asked["history"]] == ["requested", "declined"]
    mails = [one for one in data["records"] if one["of"] == "mails"]
    assert len(mails) == 2
    assert asked["deleted_at"] == (NOW + timedelta(days=90)).isoformat()


def test_no_secret_and_no_note_of_the_practice_leaves_with_it() -> None:
    row = make_consultation(email="ada@mail.example")
    row.staff_notes = "Zwetschgenkompott"
    row.save()
    data = json.dumps(export.build_export_data(by_email("ada@mail.example"), now=NOW))
    assert "/c/" in data
    assert row.public_id not in data
    assert "Zwetschgenkompott" not in data
    page = export.render_export_page(by_email("ada@mail.example"), now=NOW)
    assert "You may ask us for them" in page
    handed = export.build_export_data(by_email("ada@mail.example"), now=NOW, with_own_work=True)
    assert handed["records"][0]["held"]["staff_notes"] == "Zwetschgenkompott"


def test_a_writer_is_not_told_what_was_taken_for_spam() -> None:
    comments.mark_as_spam(make_comment(email="ada@mail.example"), by=None, now=NOW)
    data = json.dumps(export.build_export_data(by_email("ada@mail.example"), now=NOW))
    assert "spam" not in data
    assert '"status": "waiting"' in data


def test_it_says_when_an_address_goes_from_a_comment_that_stays(settings) -> None:
    settings.COMMENT_EMAIL_RETENTION_DAYS = 180
    settings.COMMENT_SPAM_RETENTION_DAYS = 15
    make_comment(email="ada@mail.example", text="Stays", approved=True)
    comments.mark_as_spam(make_comment(email="ada@mail.example"), by=None, now=NOW)
    data = export.build_export_data(by_email("ada@mail.example"), now=NOW)
    days = [
        (one["deleted_at"], one["address_removed_at"])
        for one in data["records"]
        if one["of"] == "comments"
    ]
    after = {days: (NOW + timedelta(days=days)).isoformat() for days in (15, 180)}
    assert sorted(days, key=str) == [(after[15], None), (None, after[180])]
    page = export.render_export_page(by_email("ada@mail.example"), now=NOW)
    assert "The email address in it will be removed on 31 October 2026." in page


def test_one_cell_that_cannot_be_opened_says_so_alone() -> None:
    row = make_consultation(name="Ada", email="ada@mail.example", note="A note")
    tamper(row, "note")
    page = export.render_export_page(by_email("ada@mail.example"), now=NOW)
    assert "cannot be read" in page
    assert "Ada" in page


def test_replies_of_the_practice_are_nobodys_data() -> None:
    parent = make_comment(email="ada@mail.example", approved=True)
    comments.reply_to_comment(parent, text="Thank you.", by=make_staff(), now=NOW)
    assert Comment.objects.count() == 2
    assert len(records.comments_of(by_email("ada@mail.example"))) == 1


def test_nobody_is_found_under_nothing() -> None:
    make_consultation(email="", phone=PHONE, channel="call", kind="call_back", name="")
    make_consultation(email="a@mail.example", phone="")
    for person in (Person(), by_email(""), by_email("  ")):
        assert [rows for _kind, rows in records.held(person) if rows] == []


def test_a_number_stands_for_everybody_who_left_it() -> None:
    make_household()
    people = sharing_phone(PHONE)
    assert people == [
        Person(email="ada@mail.example"),
        Person(email="ben@mail.example"),
        Person(phone=PHONE, name="cem household"),
    ]
    found = records.consultations_of(people[2])
    assert [row.name for row in found] == ["Cem Household"]


def test_what_was_written_before_the_keys_changed_is_found_too(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_household()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    make_consultation(name="Ada later", email="ada@mail.example")
    assert len(records.consultations_of(by_email("ada@mail.example"))) == 2
    assert len(sharing_phone(PHONE)) == 3


# --- erasing ---
def erase(email: str) -> list:
    return records.erase_all(by_email(email), by=None, now=NOW)


def test_erasing_takes_all_and_only_theirs() -> None:
    make_household()
    ben = export.build_export_data(by_email("ben@mail.example"), now=NOW)
    assert len(erase("ada@mail.example")) == 4
    assert export.build_export_data(by_email("ada@mail.example"), now=NOW)["records"] == []
    assert export.build_export_data(by_email("ben@mail.example"), now=NOW) == ben
    assert Consultation.objects.count() == 2


def test_a_live_call_is_called_off_and_only_the_practice_is_told() -> None:
    row = make_consultation_in("confirmed", email="ada@mail.example")
    OutgoingEmail.objects.update(state="sent", sent_at=NOW)
    erase("ada@mail.example")
    mail = OutgoingEmail.objects.get()
    assert (mail.message, mail.about, mail.state) == (
        "consultation_called_off",
        row.uuid,
        "waiting",
    )
    assert "ada" not in mail.to


def test_its_time_is_free_again_also_inside_the_cut_off() -> None:
    from consultations.booking.claims import TimeClaim

    make_consultation_in("confirmed", start_at=NOW + timedelta(minutes=30))
    assert TimeClaim.objects.exists()
    erase("ada@mail.example")
    assert not TimeClaim.objects.exists()
    assert OutgoingEmail.objects.filter(message="consultation_called_off").exists()


@pytest.mark.parametrize(
    "status", ["requested", "confirmed", "declined", "expired", "completed", "no_show"]
)
def test_whatever_state_it_is_in(status) -> None:
    make_consultation_in(status)
    assert erase("ada@mail.example")
    assert not Consultation.objects.exists()


def test_a_damaged_record_is_erased_all_the_same() -> None:
    row = make_consultation_in("confirmed", email="ada@mail.example")
    for name in ("email", "name"):
        tamper(row, name)
    records.erase_all(by_email("ada@mail.example"), by=None, now=NOW)
    assert not Consultation.objects.exists()


def test_a_comment_that_staff_moved_since_it_was_listed_is_erased_too() -> None:
    listed = make_comment(email="ada@mail.example", approved=True)
    comments.reply_to_comment(listed, text="Thank you.", by=make_staff(), now=NOW)
    comments.trash_comment(Comment.objects.get(pk=listed.pk), by=None, now=NOW)
    erasure.erase_comment(listed, by=None, now=NOW)
    row = Comment.objects.get(pk=listed.pk)
    assert (row.status, row.text, row.email) == ("withdrawn", "", "")


def test_an_answered_comment_leaves_an_empty_place() -> None:
    parent = make_comment(email="ada@mail.example", name="Ada", approved=True)
    reply = comments.reply_to_comment(parent, text="Thank you.", by=make_staff(), now=NOW)
    erase("ada@mail.example")
    parent.refresh_from_db()
    reply.refresh_from_db()
    assert (parent.name, parent.email, parent.text, parent.published_html) == ("", "", "", "")
    assert parent.email_fingerprint == parent.published_name == ""
    assert (reply.parent, reply.text) == (parent, "Thank you.")


def test_a_comment_without_answers_is_gone() -> None:
    make_comment(email="ada@mail.example", approved=True)
    erase("ada@mail.example")
    assert not Comment.objects.exists()


def test_mails_without_a_record_go_too() -> None:
    make_mail(to="Ada@mail.example")
    kept = make_mail(to="ben@mail.example")
    erase("ada@mail.example")
    assert OutgoingEmail.objects.get() == kept
