"""The check that a covered entity sends email over an encrypted connection."""

import pytest
from django.core.checks import run_checks

from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
REMOTE_SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.example.com",
    "EMAIL_USE_TLS": False,
    "EMAIL_USE_SSL": False,
}


@pytest.mark.parametrize(
    ("is_covered", "changes", "is_warned"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"EMAIL_USE_TLS": True}, False),
        (True, {"EMAIL_USE_SSL": True}, False),
        (True, {"EMAIL_HOST": "localhost"}, False),
        (True, {"EMAIL_BACKEND": "consultations.outbox.eml_files.EmailBackend"}, False),
    ],
)
def test_covered_entity_is_warned_of_unencrypted_email(
    settings, is_covered, changes, is_warned
) -> None:
    make_practice(covered_entity=is_covered)
    for name, value in {**REMOTE_SMTP, **changes}.items():
        setattr(settings, name, value)
    check_ids = {message.id for message in run_checks(databases=["default"])}
    assert ("privacy.W004" in check_ids) is is_warned
