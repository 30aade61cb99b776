"""The page "What we collect" matches the forms, models and settings in force."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings as django_settings

from consultations.booking.forms import CancelForm, ConsultationForm, EmailCorrectionForm, SlotForm
from consultations.booking.models import Consultation, describe_retention, scheduled_deletion_at
from consultations.booking.workflow import decline_consultation
from consultations.comments.forms import CommentForm
from consultations.data_rights import collected, records
from consultations.data_rights.collected import CollectedItem, Storage
from consultations.data_rights.forms import RequestLinkForm
from consultations.data_rights.workflow import LINK_LIFETIME, purge_expired
from consultations.privacy import consent
from consultations.privacy.fields import EncryptedTextField
from pages.practice.profile import PracticeProfile
from tests.factories.consultations import NOW, consultation_form_data, make_consultation, make_staff
from tests.factories.pages import make_licence, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
# In every form, but not questions: the honeypot, the signed time and the idempotency key.
HIDDEN_FIELDS = {"website", "opened", "key"}


def documented_items(practice: PracticeProfile | None = None) -> list[CollectedItem]:
    sections = collected.collected_sections(practice or PracticeProfile())
    return [item for section in sections for item in section.items]


def documented_fields() -> set[str]:
    return {name for item in documented_items() for name in item.fields}


def documented_columns() -> dict[str, str]:
    return {column: item.stored for item in documented_items() for column in item.columns}


def model_field(name: str):
    model, field = name.split(".")
    return apps.get_model("consultations", model)._meta.get_field(field)


def test_every_form_field_is_documented() -> None:
    practice = make_practice(meets_by_video=True, answers_by_text=True)
    for _ in range(2):
        make_practitioner()
    make_licence()
    names = set(RequestLinkForm.base_fields) | set(CommentForm.base_fields)
    names |= set(ConsultationForm.base_fields) | set(SlotForm.base_fields)
    names |= set(CancelForm.base_fields) | set(EmailCorrectionForm.base_fields)
    assert set(ConsultationForm(practice=practice, now=NOW).fields) <= names
    assert names - HIDDEN_FIELDS - documented_fields() == set()


def test_undocumented_field_is_detected(monkeypatch) -> None:
    without_comments = [s for s in collected.SECTIONS if s.items is not collected.COMMENT_ITEMS]
    monkeypatch.setattr(collected, "SECTIONS", without_comments)
    assert "text" not in documented_fields()


def test_disabled_features_are_not_listed() -> None:
    def listed(**switches: bool) -> str:
        return " ".join(str(item.what) for item in documented_items(PracticeProfile(**switches)))

    assert "short note" in listed()
    assert "short note" not in listed(asks_note=False)
    assert "18 or older" in listed()
    assert "18 or older" not in listed(sees_minors=True)
    assert "Comments that are spam" not in listed(comments_are_on=False)


def test_link_lifetime_matches_page() -> None:
    assert str(collected.ONE_HOUR) == "One hour"
    assert LINK_LIFETIME.total_seconds() == 3_600


def test_documented_storage_matches_columns() -> None:
    assert len(documented_columns()) > 30
    for name, stored in documented_columns().items():
        is_encrypted = isinstance(model_field(name), EncryptedTextField)
        assert is_encrypted == (stored == Storage.ENCRYPTED), name
        is_hash = name.endswith(("fingerprint", ".digest", "RateCount.key"))
        assert is_hash == (stored == Storage.HASHED), name


def person_columns() -> set[str]:
    """Return the columns of every data category and its related rows."""
    models = [kind.model for kind in records.DATA_CATEGORIES]
    models += [part.model for kind in records.DATA_CATEGORIES for part in kind.parts]
    return {f"{model.__name__}.{field.name}" for model in models for field in model._meta.fields}


def test_every_encrypted_person_column_is_documented() -> None:
    encrypted = {
        name for name in person_columns() if isinstance(model_field(name), EncryptedTextField)
    }
    assert len(encrypted) > 20
    assert encrypted - set(documented_columns()) == set()


def test_every_person_fingerprint_is_documented() -> None:
    hashed = {name for name in person_columns() if name.endswith("fingerprint")}
    assert len(hashed) >= 8
    assert hashed - set(documented_columns()) == set()


def test_page_shows_every_item_and_makes_no_false_claims(client) -> None:
    make_practice()
    page = client.get("/privacy/what-we-collect/").content.decode()
    for item in documented_items():
        assert str(item.what) in page.replace("&#x27;", "'").replace("’", "’")
    assert "Whatever you write to us is encrypted" not in page
    assert "stored as they are" in page
    assert "365 days" in page


def test_documented_retention_days_follow_settings(settings) -> None:
    """Every number of days on the page is one of the settings that the purge uses."""
    # Not dir(settings): the fixture does not list the settings.
    names = {name for name in dir(django_settings) if name.endswith("_RETENTION_DAYS")}
    # One is in a sentence below the tables, the other is about staff.
    names -= {"AUDIT_RETENTION_DAYS", "INVITATION_RETENTION_DAYS"}
    assert len(names) >= 8
    for number, name in enumerate(sorted(names), start=1001):
        setattr(settings, name, number)
    periods = " ".join(str(item.kept_for) for item in documented_items())
    assert [name for name in names if str(getattr(settings, name)) not in periods] == []


def test_page_loads_nothing_external_and_sets_no_cookie(client) -> None:
    make_practice()
    response = client.get("/privacy/what-we-collect/")
    assert not response.cookies
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


# --- switches ---
LEGAL_PAGE_SWITCHES = {
    "covered_entity": "/notice-of-privacy-practices/",
    "shows_good_faith_estimate": "/good-faith-estimate/",
    "has_imprint": "/imprint/",
}


@pytest.mark.parametrize("switch", LEGAL_PAGE_SWITCHES)
def test_legal_page_and_its_links_follow_the_switch(client, switch) -> None:
    address = LEGAL_PAGE_SWITCHES[switch]
    for is_on in (True, False):
        make_practice(**{switch: is_on})
        page = client.get(address)
        assert page.status_code == (200 if is_on else 404)
        assert (f'href="{address}"' in client.get("/terms/").content.decode()) is is_on
        assert (address in client.get("/sitemap.xml").content.decode()) is is_on


def test_gdpr_mode_requires_explicit_consent_and_shows_rights(client) -> None:
    make_practice()
    before = client.get("/privacy/").content.decode()
    assert "GDPR" not in before
    assert submit_consultation_form(client).consent_version == "consultation-2:90"
    practice = make_practice(follows_gdpr=True)
    assert "Article 9(2)(a)" in client.get("/privacy/").content.decode()
    form = ConsultationForm(practice=practice, now=NOW)
    assert "expressly agree" in str(form.fields["consent"].label)
    row = submit_consultation_form(client)
    assert row.consent_version == "consultation-gdpr-2:90"


def submit_consultation_form(client) -> Consultation:
    make_licence()
    response = client.post("/consultation/details/", consultation_form_data())
    assert response.status_code == 303, response.content.decode()
    row = Consultation.objects.order_by("-created_at").first()
    assert row is not None
    return row


def test_changed_consent_wording_requires_new_version() -> None:
    """Changed wording changes what people have agreed to: add a version and keep the old one."""
    expected = {
        "consultation-2": "cd01",
        "consultation-gdpr-2": "05d1",
        "consultation-1": "6d1d",
        "consultation-gdpr-1": "cefa",
    }
    digests = {
        version: hashlib.sha256(str(words).encode()).hexdigest()[:4]
        for version, words in consent.CONSENT_TEXTS.items()
    }
    assert digests == expected


# --- the same deletion date everywhere ---
def test_admin_shows_consultation_deletion_date(client) -> None:
    make_practice()
    client.force_login(make_staff())
    row = make_consultation()
    page = f"/admin/consultations/consultation/{row.pk}/change/"
    assert "Will be deleted 90 days after it is closed" in client.get(page).content.decode()
    decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    day = "Sun, Aug 2"  # NOW is 4 May
    assert f"Will be deleted on {day}" in client.get(page).content.decode()


def test_agreed_retention_days_outlast_setting_change(client, settings) -> None:
    make_practice()
    early = submit_consultation_form(client)
    settings.CONSULTATION_RETENTION_DAYS = 200
    late = submit_consultation_form(client)
    assert early.consent_version == "consultation-2:90"
    assert late.consent_version == "consultation-2:200"
    assert "deleted 90 days" in consent.consent_text(early.consent_version)
    assert "deleted 200 days" in consent.consent_text(late.consent_version)
    assert describe_retention(early) == "Will be deleted 90 days after it is closed"
    for row in (early, late):
        decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    assert purge_expired(now=NOW + timedelta(days=90))["consultations"] == 1
    assert Consultation.objects.get() == late
    settings.CONSULTATION_RETENTION_DAYS = 30
    assert scheduled_deletion_at(late) == NOW + timedelta(days=30)
    assert purge_expired(now=NOW + timedelta(days=30))["consultations"] == 1


def test_consent_version_without_days_is_still_read() -> None:
    assert "deleted 90 days" in consent.consent_text("consultation-1")
    assert consent.consent_retention_days("") == 90
    assert consent.consent_text("") == consent.consent_text("unknown-7:9") == ""
