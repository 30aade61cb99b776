"""What the consultation form asks and what it takes, rule by rule."""

from datetime import timedelta

import pytest

from consultations.booking.choices import PREFERRED_TIMES
from consultations.booking.forms import ConsultationForm, offered_kinds, selectable_zones
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import NOW, consultation_post
from tests.factories.pages import make_licence, make_practice, make_practitioner, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice(answers_by_text=True)
    make_licence()


def form(practice=None, **answers) -> ConsultationForm:
    answers.setdefault("opened", sign_opened_at(NOW - timedelta(minutes=1)))
    practice = practice or make_practice()
    return ConsultationForm(consultation_post(**answers), practice=practice, now=NOW)


def faults(practice=None, **answers) -> set[str]:
    return set(form(practice, **answers).errors)


def taken(practice=None, **answers):
    filled = form(practice, **answers)
    assert filled.is_valid(), filled.errors
    return filled.details()


def test_the_form_as_most_people_fill_it() -> None:
    details = taken(name="  Ada   Lovelace ", email="Ada@MAIL.Example", note=" Line\r\n\r\n\r\nx ")
    assert (details.name, details.email) == ("Ada Lovelace", "Ada@mail.example")
    assert details.note == "Line\n\nx"
    assert (details.kind, details.channel, details.voicemail) == ("preferred_times", "email", "no")
    assert (details.preferred, details.zone) == (["mon-morning"], "America/New_York")
    assert details.is_adult


@pytest.mark.parametrize("name", ["Ж", "李小龙", "שרה", "José O’Neill-Smith", "x" * 100, "🌱"])
def test_a_name_in_any_script(name) -> None:
    assert taken(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "a\r\nBcc: b", "a\nb", "a\x00b", "a\u2028b"]
)
def test_a_name_that_cannot_be_used(name) -> None:
    assert faults(name=name) == {"name"}


GOOD_EMAILS = ["a@b.example", "first.last+tag@mail.example", f"{'x' * 60}@{'y' * 60}.example"]
BAD_EMAILS = [
    "", "a", "a@", "@b.example", "a@b", "a b@mail.example", "a@mail.example,b@mail.example",
    "a@mail.example;b@mail.example", "a@mail.example\r\nBcc: x@mail.example", "a\x00@mail.example",
    f"a@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.{'u' * 20}.example", "Ada <a@mail.example>",
]  # fmt: skip


@pytest.mark.parametrize("email", GOOD_EMAILS)
def test_an_address_that_is_taken(email) -> None:
    assert taken(email=email).email == email


@pytest.mark.parametrize("email", BAD_EMAILS)
def test_an_address_that_is_not(email) -> None:
    assert faults(email=email) == {"email"}


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
def test_a_number_as_people_write_it(typed, stored) -> None:
    assert taken(channel="call", phone=typed).phone == stored


@pytest.mark.parametrize("typed", ["", "123456", "1" * 16, "call me", "1\n234567", "5" * 41])
def test_a_number_that_cannot_be_called(typed) -> None:
    assert faults(channel="call", phone=typed) == {"phone"}


@pytest.mark.parametrize(
    ("channel", "missing"), [("email", {"email"}), ("call", {"phone"}), ("text", {"phone"})]
)
def test_the_chosen_way_needs_its_contact_and_no_other(channel, missing) -> None:
    practice = make_practice(answers_by_text=True)
    assert faults(practice, channel=channel, email="", phone="") == missing
    one = {"email": "ada@mail.example"} if channel == "email" else {"phone": "5035550142"}
    details = taken(practice, **{"channel": channel, "email": "", "phone": "", **one})
    assert bool(details.email) != bool(details.phone)


def test_the_waiting_list_needs_an_address_whatever_the_way() -> None:
    practice = make_practice(accepting="waitlist")
    asked = {"kind": "waitlist", "channel": "call", "phone": "5035550142"}
    assert faults(practice, **asked, email="") == {"email"}
    assert taken(practice, **asked).kind == "waitlist"


@pytest.mark.parametrize(
    ("accepting", "kinds"),
    [
        ("accepting", ["preferred_times", "call_back", "waitlist"]),
        ("waitlist", ["waitlist"]),
        ("closed", []),
    ],
)
def test_the_ways_follow_the_practices_status(accepting, kinds) -> None:
    practice = make_practice(accepting=accepting)
    assert offered_kinds(practice) == kinds
    for asked in ("slot", "waitlist", "preferred_times", "nonsense", ""):
        details_kind = form(practice, kind=asked).request_kind
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
def test_what_is_not_needed_is_not_asked(facts, gone, stays) -> None:
    fields = set(ConsultationForm(practice=make_practice(**facts), now=NOW).fields)
    assert not gone & fields
    assert stays <= fields
    assert not {"diagnosis", "birth_date", "address", "insurance", "gender"} & fields


def test_what_was_not_asked_is_not_stored_either() -> None:
    practice = make_practice(asks_note=False)
    assert taken(practice, note="sent by hand").note == ""


@pytest.mark.parametrize("field", ["consent", "adult"])
def test_both_ticks_are_needed(field) -> None:
    assert faults(**{field: ""}) == {field}


def test_someone_elsewhere_hears_it_before_anything_is_stored() -> None:
    filled = form(location="elsewhere")
    assert set(filled.errors) == {"location"}
    assert filled.is_out_of_area
    assert faults(location="") == faults(location="XX-YY") == {"location"}
    assert taken(location="US-OR").location == "US-OR"


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
def test_a_choice_nobody_offered_is_no_answer(field, value) -> None:
    assert faults(**{field: value}) == {field}


def test_left_out_choices_get_their_quiet_defaults() -> None:
    details = taken(voicemail="", service="", audience="", zone="", preferred=[], meeting="")
    assert (details.voicemail, details.service, details.audience) == ("no", "not_sure", "me")
    assert (details.zone, details.preferred) == ("America/Los_Angeles", [])


def test_all_21_times_may_suit() -> None:
    everything = [value for value, _label in PREFERRED_TIMES]
    assert len(everything) == 21
    assert taken(preferred=everything).preferred == everything


@pytest.mark.parametrize(("field", "most"), [("note", 500), ("access", 200)])
def test_optional_texts_have_their_length(field, most) -> None:
    assert faults(**{field: "x" * most}) == set()
    assert faults(**{field: "x" * (most + 1)}) == {field}


def test_a_published_service_may_be_wished_for() -> None:
    make_service(slug="grief", title="Grief")
    make_service(slug="draft", is_published=False)
    assert taken(service="grief").service == "grief"
    assert faults(service="draft") == {"service"}


def test_whom_one_talks_to_is_asked_only_where_there_is_a_choice() -> None:
    # The licence's practitioner is the only one.
    assert "practitioner" not in form().fields
    assert taken().practitioner is not None
    other = make_practitioner(slug="jo", is_bookable=True)
    make_practitioner(slug="away", is_bookable=False)
    assert taken(practitioner="jo").practitioner == other
    assert taken(practitioner="").practitioner is None
    assert faults(practitioner="away") == {"practitioner"}


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "../x", "<script>"])
def test_a_key_that_is_not_ours_is_replaced_without_a_word(key) -> None:
    filled = form(key=key)
    assert filled.is_valid()
    assert filled.cleaned_data["key"].isalnum()
    assert filled.cleaned_data["key"] != key


def test_a_faulty_form_keeps_its_key_for_the_second_try() -> None:
    filled = form(name="", key="abc123")
    assert not filled.is_valid()
    assert filled["key"].value() == "abc123"


def test_each_fresh_form_has_a_key_of_its_own() -> None:
    practice = make_practice()
    keys = {ConsultationForm(practice=practice, now=NOW).initial["key"] for _ in range(20)}
    assert len(keys) == 20


def test_the_agreement_prints_the_days_that_retention_uses(settings) -> None:
    settings.CONSULTATION_RETENTION_DAYS = 77
    assert "77 days" in str(form().fields["consent"].label)


def test_zones_are_places() -> None:
    zones = selectable_zones()
    assert {"America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu"} <= set(zones)
    assert not [zone for zone in zones if zone.startswith(("Etc/", "US/")) or "/" not in zone]
