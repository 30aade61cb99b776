"""The practice's profile: its one row, and what follows from its settings."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from pages.practice.models import OpeningHours, PracticeProfile
from tests.factories.pages import make_opening_hours, make_practice, make_practitioner
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.django_db


def test_load_returns_defaults_on_empty_database() -> None:
    practice = PracticeProfile.load()
    assert practice.pk is None
    assert practice.name == "Our practice"
    assert practice.call_to_action().url == "/consultation/"


def test_saving_keeps_single_practice_row() -> None:
    PracticeProfile.objects.create(name="One")
    PracticeProfile.objects.create(name="Two")
    PracticeProfile(name="Three").save()
    assert list(PracticeProfile.objects.values_list("pk", "name")) == [(1, "Three")]


@pytest.mark.parametrize(
    ("accepting", "badge", "label"),
    [
        ("accepting", "Accepting new clients", "Book a free consultation"),
        ("waitlist", "Waiting list open", "Join the waiting list"),
        ("closed", "Not accepting new clients", "Find help elsewhere"),
    ],
)
def test_accepting_status_changes_badge_and_call_to_action(client, accepting, badge, label) -> None:
    make_practice(accepting=accepting)
    home = client.get("/").content.decode()
    assert badge in home
    assert label in home
    for path in ("/about/", "/services/", "/fees/", "/faq/", "/contact/", "/what-to-expect/"):
        assert label in client.get(path).content.decode(), path


def test_call_to_action_note_names_meeting_ways() -> None:
    practice = make_practice(meets_by_phone=True, meets_by_video=True, meets_in_person=True)
    assert practice.call_to_action().note == (
        "20 minutes, by phone, by video or in person. Free, with no commitment."
    )
    assert (
        make_practice(meets_by_phone=False, meets_by_video=False, meets_in_person=False)
        .call_to_action()
        .note
        == "20 minutes. Free, with no commitment."
    )


def test_channels_and_meetings_follow_settings() -> None:
    practice = make_practice(
        answers_by_email=True,
        answers_by_call=False,
        answers_by_text=True,
        meets_by_phone=False,
        meets_by_video=True,
        meets_in_person=False,
    )
    assert practice.channels() == [("email", "Email"), ("text", "Text message")]
    assert practice.meetings() == [("video", "Video")]


def test_sender_name_prefers_discreet_name() -> None:
    assert make_practice().sender_name == "Quiet Room Counselling"
    make_practitioner(name="Robin Example")
    assert make_practice().sender_name == "Robin"
    assert make_practice(discreet_name="QR").sender_name == "QR"


def test_hidden_address_appears_on_no_page(client) -> None:
    make_practice(address="12 Hidden Street\nPortland", address_is_hidden=True)
    for path in ("/", "/contact/", "/about/", "/crisis/"):
        assert b"Hidden Street" not in client.get(path).content
    make_practice(address="12 Hidden Street\nPortland", address_is_hidden=False)
    assert b"12 Hidden Street" in client.get("/contact/").content


@pytest.mark.parametrize(
    "facts", [{"time_zone": "../etc/passwd"}, {"country": "usa"}, {"currency": "$"}]
)
def test_invalid_practice_values_are_rejected(facts) -> None:
    practice = make_practice()
    for name, value in facts.items():
        setattr(practice, name, value)
    with pytest.raises(ValidationError):
        practice.full_clean()


def test_opening_hours_must_end_after_start() -> None:
    make_opening_hours()
    with pytest.raises(IntegrityError):
        OpeningHours.objects.create(weekday=1, opens_at="17:00", closes_at="09:00")


def test_contact_page_leads_to_the_office_without_a_foreign_map(client) -> None:
    make_practice(
        address="12 River Street\nPortland",
        address_is_hidden=False,
        directions="Ring twice.\n\nThe bus stops at the door.",
        office_picture=make_picture(alt="A door"),
    )  # fmt: skip
    page = client.get("/contact/").content.decode()
    assert '<a href="geo:0,0?q=12%20River%20Street%2C%20Portland">' in page
    assert "openstreetmap.org</a>" in page  # the link says where it leads
    assert "<p>Ring twice.</p>" in page
    assert 'alt="A door"' in page
    assert "<iframe" not in page
    make_practice(address_is_hidden=True)
    page = client.get("/contact/").content.decode()
    for words in ("River Street", "geo:", "openstreetmap", "Ring twice", "A door"):
        assert words not in page, words
