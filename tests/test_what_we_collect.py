"""The page that tells what is collected, held against the forms and models in force."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps

from consultations.booking.forms import AddressForm, CancelForm, ConsultationForm, SlotForm
from consultations.booking.models import Consultation
from consultations.comments.forms import CommentForm
from consultations.data_rights import records
from consultations.data_rights.forms import AskForm
from consultations.privacy import consent
from consultations.privacy.fields import EncryptedTextField
from pages.practice.profile import PracticeProfile
from pages.site_pages import data_map
from tests.factories.consultations import NOW, consultation_post, make_consultation, make_staff
from tests.factories.pages import make_licence, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
# What every form carries and nobody is asked: the decoy, the signed time, the one-time key.
CARRIED = {"website", "opened", "key"}


def told(practice: PracticeProfile | None = None) -> list[data_map.CollectedItem]:
    rows = data_map.occasions(practice or PracticeProfile())
    return [item for occasion in rows for item in occasion.items]


def fields_told() -> set[str]:
    return {name for item in told() for name in item.fields}


def columns_told() -> dict[str, str]:
    return {column: item.stored for item in told() for column in item.columns}


def column(name: str):
    model, field = name.split(".")
    return apps.get_model("consultations", model)._meta.get_field(field)


def test_every_field_of_every_form_is_told() -> None:
    practice = make_practice(meets_by_video=True, answers_by_text=True)
    for _ in range(2):
        make_practitioner()
    make_licence()
    asked = set(AskForm.base_fields) | set(CommentForm.base_fields)
    asked |= set(ConsultationForm.base_fields) | set(SlotForm.base_fields)
    asked |= set(CancelForm.base_fields) | set(AddressForm.base_fields)
    drawn = set(ConsultationForm(practice=practice, now=NOW).fields)
    assert drawn <= asked
    assert asked - CARRIED - fields_told() == set()


def test_a_field_that_is_not_told_would_be_seen(monkeypatch) -> None:
    monkeypatch.setattr(data_map, "_comment", list)
    assert "text" not in fields_told()


def test_it_says_of_every_column_how_it_is_stored() -> None:
    assert len(columns_told()) > 30
    for name, stored in columns_told().items():
        is_sealed = isinstance(column(name), EncryptedTextField)
        assert is_sealed == (stored == data_map.ENCRYPTED), name
        is_hash = name.endswith(("fingerprint", ".digest", "RateCount.key"))
        assert is_hash == (stored == data_map.HASHED), name


def columns_held() -> set[str]:
    """Of every record of a person, and of what belongs to it."""
    models = [kind.model for kind in records.KINDS]
    models += [part.model for kind in records.KINDS for part in kind.parts]
    return {f"{model.__name__}.{field.name}" for model in models for field in model._meta.fields}


def test_every_encrypted_column_of_a_persons_records_is_told() -> None:
    sealed = {name for name in columns_held() if isinstance(column(name), EncryptedTextField)}
    assert len(sealed) > 20
    assert sealed - set(columns_told()) == set()


def test_every_fingerprint_of_a_person_is_told() -> None:
    hashed = {name for name in columns_held() if name.endswith("fingerprint")}
    assert len(hashed) >= 8
    assert hashed - set(columns_told()) == set()


def test_the_page_says_all_of_it_and_claims_no_more(client) -> None:
    make_practice()
    page = client.get("/privacy/what-we-collect/").content.decode()
    for item in told():
        assert item.what in page.replace("&#x27;", "'").replace("’", "’")
    assert "Whatever you write to us is encrypted" not in page
    assert "stored as they are" in page
    assert "365 days" in page


def test_days_are_those_after_which_it_is_deleted(settings) -> None:
    """Each number that stands on the page is one of the settings that the purge obeys."""
    names = [name for name in dir(settings) if name.endswith("_RETENTION_DAYS")]
    for number, name in enumerate(names, start=1001):
        setattr(settings, name, number)
    said = " ".join(item.how_long for item in told())
    # Of these two the page speaks in a sentence of its own, or not at all.
    apart = {"AUDIT_RETENTION_DAYS"}
    assert [n for n in names if n not in apart and str(getattr(settings, n)) not in said] == []


def test_it_contacts_nobody_and_sets_nothing(client) -> None:
    make_practice()
    response = client.get("/privacy/what-we-collect/")
    assert not response.cookies
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


# --- switches ---
SWITCHES = {
    "covered_entity": "/notice-of-privacy-practices/",
    "shows_good_faith_estimate": "/good-faith-estimate/",
    "has_imprint": "/imprint/",
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_legal_page_is_there_linked_and_listed_or_not_at_all(client, switch) -> None:
    address = SWITCHES[switch]
    for is_on in (True, False):
        make_practice(**{switch: is_on})
        page = client.get(address)
        assert page.status_code == (200 if is_on else 404)
        assert (f'href="{address}"' in client.get("/terms/").content.decode()) is is_on
        assert (address in client.get("/sitemap.xml").content.decode()) is is_on


def test_under_the_gdpr_people_agree_expressly_and_learn_their_rights(client) -> None:
    make_practice()
    before = client.get("/privacy/").content.decode()
    assert "GDPR" not in before
    assert make_consultation_by_post(client).consent_version == "consultation-1:90"
    practice = make_practice(follows_gdpr=True)
    assert "Article 9(2)(a)" in client.get("/privacy/").content.decode()
    form = ConsultationForm(practice=practice, now=NOW)
    assert "expressly agree" in str(form.fields["consent"].label)
    row = make_consultation_by_post(client)
    assert row.consent_version == "consultation-gdpr-1:90"


def make_consultation_by_post(client) -> Consultation:
    make_licence()
    response = client.post("/consultation/details/", consultation_post())
    assert response.status_code == 303, response.content.decode()
    row = Consultation.objects.order_by("-created_at").first()
    assert row is not None
    return row


def test_a_changed_wording_gets_a_new_version() -> None:
    """Whoever changes words changes what people have agreed to: add a version, keep the old."""
    known = {
        "consultation-1": "6d1d",
        "consultation-gdpr-1": "cefa",
    }
    found = {
        version: hashlib.sha256(str(words).encode()).hexdigest()[:4]
        for version, words in consent.WORDINGS.items()
    }
    assert found == known


# --- the same day everywhere ---
def test_the_admin_says_when_a_consultation_goes(client) -> None:
    from consultations.booking import workflow

    make_practice()
    client.force_login(make_staff())
    row = make_consultation()
    page = f"/admin/consultations/consultation/{row.pk}/change/"
    assert "Will be deleted 90 days after it is closed" in client.get(page).content.decode()
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    day = "2026-08-02"  # NOW is 4 May
    assert f"Will be deleted on {day}" in client.get(page).content.decode()


def test_days_that_somebody_agreed_to_hold_when_the_practice_keeps_others_longer(
    client, settings
) -> None:
    from consultations.booking import models as booking_models
    from consultations.booking import workflow
    from consultations.data_rights import workflow as data_rights_workflow

    make_practice()
    early = make_consultation_by_post(client)
    settings.CONSULTATION_RETENTION_DAYS = 200
    late = make_consultation_by_post(client)
    assert early.consent_version == "consultation-1:90"
    assert late.consent_version == "consultation-1:200"
    assert "deleted 90 days" in consent.wording(early.consent_version)
    assert "deleted 200 days" in consent.wording(late.consent_version)
    assert booking_models.describe_retention(early) == "Will be deleted 90 days after it is closed"
    for row in (early, late):
        workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    assert data_rights_workflow.purge_expired(now=NOW + timedelta(days=90))["consultations"] == 1
    assert Consultation.objects.get() == late
    settings.CONSULTATION_RETENTION_DAYS = 30
    assert booking_models.scheduled_deletion_at(late) == NOW + timedelta(days=30)
    assert data_rights_workflow.purge_expired(now=NOW + timedelta(days=30))["consultations"] == 1


def test_a_wording_of_before_its_days_were_noted_is_still_read() -> None:
    assert "deleted 90 days" in consent.wording("consultation-1")
    assert consent.days_kept("") == 90
    assert consent.wording("") == consent.wording("unknown-7:9") == ""
