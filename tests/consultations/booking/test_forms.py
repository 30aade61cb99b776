"""Tests for the consultation form: its fields and validation rules."""

from datetime import timedelta

import pytest

from consultations.booking.choices import PREFERRED_TIMES
from consultations.booking.forms import ConsultationForm, allowed_request_kinds, zone_choices
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import NOW, consultation_form_data
from tests.factories.pages import make_licence, make_practice, make_practitioner, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice(answers_by_text=True)
    make_licence()


def make_form(practice=None, **answers) -> ConsultationForm:
    answers.setdefault("opened", sign_opened_at(NOW - timedelta(minutes=1)))
    practice = practice or make_practice()
    return ConsultationForm(consultation_form_data(**answers), practice=practice, now=NOW)


def error_fields(practice=None, **answers) -> set[str]:
    return set(make_form(practice, **answers).errors)


def valid_details(practice=None, **answers):
    filled = make_form(practice, **answers)
    assert filled.is_valid(), filled.errors
    return filled.details()


def test_typical_form_is_cleaned() -> None:
    details = valid_details(
        name="  Ada   Lovelace ", email="Ada@MAIL.Example", note=" Line\r\n\r\n\r\nx "
    )
    assert (details.name, details.email) == ("Ada Lovelace", "Ada@mail.example")
    assert details.note == "Line\n\nx"
    assert (details.kind, details.channel, details.voicemail) == ("preferred_times", "email", "no")
    assert (details.preferred, details.zone) == (["mon-morning"], "America/New_York")
    assert details.is_adult


@pytest.mark.parametrize("name", ["Ж", "李小龙", "שרה", "José O’Neill-Smith", "x" * 100, "🌱"])
def test_name_in_any_script_is_accepted(name) -> None:
    assert valid_details(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "a\r\nBcc: b", "a\nb", "a\x00b", "a\u2028b"]
)
def test_invalid_name_is_rejected(name) -> None:
    assert error_fields(name=name) == {"name"}


GOOD_EMAILS = ["a@b.example", "first.last+tag@mail.example", f"{'x' * 60}@{'y' * 60}.example"]
BAD_EMAILS = [
    "", "a", "a@", "@b.example", "a@b", "a b@mail.example", "a@mail.example,b@mail.example",
    "a@mail.example;b@mail.example", "a@mail.example\r\nBcc: x@mail.example", "a\x00@mail.example",
    f"a@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.{'u' * 20}.example", "Ada <a@mail.example>",
]  # fmt: skip


@pytest.mark.parametrize("email", GOOD_EMAILS)
def test_valid_email_is_accepted(email) -> None:
    assert valid_details(email=email).email == email


@pytest.mark.parametrize("email", BAD_EMAILS)
def test_invalid_email_is_rejected(email) -> None:
    assert error_fields(email=email) == {"email"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("(503) 555-0142", "+15035550142"),
        ("+44 20 7946 0018", "+442079460018"),
        ("503 555 0142 x7", "+15035550142 ext. 7"),
        ("+1 (503) 555-0142, ext. 12345", "+15035550142 ext. 12345"),
        ("+15035550142 ext. 7", "+15035550142 ext. 7"),
        ("1234567", "1234567"),
        ("+99 1234567", "+991234567"),
        ("٥٠٣ ٥٥٥ ٠١٤٢", "+15035550142"),
    ],
)
def test_phone_number_is_normalized(typed, stored) -> None:
    assert valid_details(channel="call", phone=typed).phone == stored


@pytest.mark.parametrize("typed", ["", "123456", "1" * 16, "call me", "1\n234567", "5" * 41])
def test_invalid_phone_number_is_rejected(typed) -> None:
    assert error_fields(channel="call", phone=typed) == {"phone"}


@pytest.mark.parametrize(
    ("channel", "missing"), [("email", {"email"}), ("call", {"phone"}), ("text", {"phone"})]
)
def test_channel_requires_only_its_own_contact(channel, missing) -> None:
    practice = make_practice(answers_by_text=True)
    assert error_fields(practice, channel=channel, email="", phone="") == missing
    one = {"email": "ada@mail.example"} if channel == "email" else {"phone": "5035550142"}
    details = valid_details(practice, **{"channel": channel, "email": "", "phone": "", **one})
    assert bool(details.email) != bool(details.phone)


def test_waitlist_requires_email_for_every_channel() -> None:
    practice = make_practice(accepting="waitlist")
    asked = {"kind": "waitlist", "channel": "call", "phone": "5035550142"}
    assert error_fields(practice, **asked, email="") == {"email"}
    assert valid_details(practice, **asked).kind == "waitlist"


@pytest.mark.parametrize(
    ("accepting", "kinds"),
    [
        ("accepting", ["preferred_times", "call_back", "waitlist"]),
        ("waitlist", ["waitlist"]),
        ("closed", []),
    ],
)
def test_request_kinds_follow_practice_status(accepting, kinds) -> None:
    practice = make_practice(accepting=accepting)
    assert allowed_request_kinds(practice) == kinds
    for asked in ("slot", "waitlist", "preferred_times", "nonsense", ""):
        details_kind = make_form(practice, kind=asked).request_kind
        assert details_kind == (asked if asked in kinds else next(iter(kinds), ""))


@pytest.mark.parametrize(
    ("facts", "gone", "stays"),
    [
        ({"answers_by_call": False, "answers_by_text": False}, {"phone", "voicemail"}, {"email"}),
        ({"answers_by_call": False}, {"voicemail"}, {"phone"}),
        ({"is_licence_bound": False}, {"location"}, {"name"}),
        ({"asks_note": False}, {"note"}, {"access"}),
        ({"sees_minors": True}, {"adult"}, {"consent"}),
        ({"meets_by_video": False}, {"meeting"}, {"zone"}),
        ({"accepting": "waitlist"}, {"start"}, {"zone", "preferred"}),
    ],
)
def test_unneeded_fields_are_removed(facts, gone, stays) -> None:
    fields = set(ConsultationForm(practice=make_practice(**facts), now=NOW).fields)
    assert not gone & fields
    assert stays <= fields
    assert not {"diagnosis", "birth_date", "address", "insurance", "gender"} & fields


def test_removed_field_is_not_stored() -> None:
    practice = make_practice(asks_note=False)
    assert valid_details(practice, note="sent by hand").note == ""


@pytest.mark.parametrize("field", ["consent", "adult"])
def test_consent_and_adult_are_required(field) -> None:
    assert error_fields(**{field: ""}) == {field}


def test_out_of_area_location_is_rejected() -> None:
    filled = make_form(location="elsewhere")
    assert set(filled.errors) == {"location"}
    assert filled.is_out_of_area
    assert error_fields(location="") == error_fields(location="XX-YY") == {"location"}
    assert valid_details(location="US-OR").location == "US-OR"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "pigeon"),
        ("voicemail", "sing"),
        ("service", "unknown"),
        ("audience", "nobody"),
        ("meeting", "moon"),
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("preferred", ["mon-midnight"]),
        ("channel", ""),
    ],
)
def test_unoffered_choice_is_rejected(field, value) -> None:
    assert error_fields(**{field: value}) == {field}


def test_missing_choices_use_defaults() -> None:
    details = valid_details(
        voicemail="", service="", audience="", zone="", preferred=[], meeting=""
    )
    assert (details.voicemail, details.service, details.audience) == ("no", "not_sure", "me")
    assert (details.zone, details.preferred) == ("America/Los_Angeles", [])


def test_all_preferred_times_can_be_chosen() -> None:
    everything = [value for value, _label in PREFERRED_TIMES]
    assert len(everything) == 21
    assert valid_details(preferred=everything).preferred == everything


@pytest.mark.parametrize(("field", "most"), [("note", 500), ("access", 200)])
def test_optional_texts_have_max_length(field, most) -> None:
    assert error_fields(**{field: "x" * most}) == set()
    assert error_fields(**{field: "x" * (most + 1)}) == {field}


def test_only_published_service_can_be_chosen() -> None:
    make_service(slug="grief", title="Grief")
    make_service(slug="draft", is_published=False)
    assert valid_details(service="grief").service == "grief"
    assert error_fields(service="draft") == {"service"}


def test_practitioner_is_asked_only_with_several_bookable() -> None:
    # The practice has only one practitioner, the one with the license.
    assert "practitioner" not in make_form().fields
    assert valid_details().practitioner is not None
    other = make_practitioner(slug="jo", is_bookable=True)
    make_practitioner(slug="away", is_bookable=False)
    assert valid_details(practitioner="jo").practitioner == other
    assert valid_details(practitioner="").practitioner is None
    assert error_fields(practitioner="away") == {"practitioner"}


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "../x", "<script>"])
def test_invalid_key_is_replaced(key) -> None:
    filled = make_form(key=key)
    assert filled.is_valid()
    assert filled.cleaned_data["key"].isalnum()
    assert filled.cleaned_data["key"] != key


def test_invalid_form_keeps_its_key() -> None:
    filled = make_form(name="", key="abc123")
    assert not filled.is_valid()
    assert filled["key"].value() == "abc123"


def test_each_new_form_has_a_unique_key() -> None:
    practice = make_practice()
    keys = {ConsultationForm(practice=practice, now=NOW).initial["key"] for _ in range(20)}
    assert len(keys) == 20


def test_consent_label_states_retention_days(settings) -> None:
    settings.CONSULTATION_RETENTION_DAYS = 77
    assert "77 days" in str(make_form().fields["consent"].label)


def test_zone_choices_name_places_and_include_the_practice() -> None:
    choices = dict(zone_choices("America/Los_Angeles"))
    assert choices["America/Los_Angeles"] == "Los Angeles (Pacific Time)"
    assert choices["Africa/Lagos"] == "Lagos Time"
    assert not [zone for zone in choices if zone.startswith(("Etc/", "US/"))]
    # A practice may be set to a zone that is not listed.
    assert "Etc/GMT+8" in dict(zone_choices("Etc/GMT+8"))
