"""System checks that FIELD_KEYS open what is stored, and that covered entities' email uses TLS.

One encrypted row, the canary, shows whether the keys are the right ones. With a wrong key the site
would store new messages under an unexpected key while the old ones cannot be read, so it must not
start.
"""

import logging
import uuid as uuid_module
from collections.abc import Iterator, Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, IntegrityError, transaction

from consultations.privacy import rotation
from consultations.privacy.encryption import DecryptionError, read_key_id
from consultations.privacy.fields import EncryptedValue, PrivateModel, unreadable_fields
from consultations.privacy.models import KeyCanary
from pages.practice.models import PracticeProfile

log = logging.getLogger(__name__)

CANARY_TEXT = "the keys are right"
# A fixed id, so that two processes starting at once create only one row.
CANARY_UUID = uuid_module.UUID(int=1)
SAMPLE_SIZE = 5
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "")


def verify_keys() -> bool:
    """Tell whether the keys decrypt the canary; the first call on a new database creates it."""
    row = KeyCanary.objects.filter(uuid=CANARY_UUID).first()
    if row is None:
        if not _is_new_or_readable():
            # Not a new database: it holds values that these keys cannot decrypt.
            return False
        row = _create_canary()
    encrypted = row.__dict__["words"]
    try:
        return row.words == CANARY_TEXT
    except DecryptionError:
        return _repair_if_damaged(row, encrypted)


def _repair_if_damaged(row: KeyCanary, encrypted: EncryptedValue) -> bool:
    """Rewrite the canary if its key decrypts other values: then only this row is corrupt."""
    key_id = read_key_id(encrypted.raw)
    if not any(known_id == key_id for known_id, _key in settings.FIELD_KEYS):
        return False
    if not any(_can_decrypt_with(key_id, other, names) for other, names in _sample_rows()):
        return False
    log.error("the key canary was damaged and is written again; the keys are the right ones")
    row.words = CANARY_TEXT
    row.save(update_fields=["words"])
    return True


def _can_decrypt_with(key_id: int, row: PrivateModel, names: list[str]) -> bool:
    with_key = [name for name in names if read_key_id(row.__dict__[name].raw) == key_id]
    return len(unreadable_fields(row, with_key)) < len(with_key)


def _sample_rows() -> Iterator[tuple[PrivateModel, list[str]]]:
    """Yield some rows of every private model, with the names of their encrypted fields in use."""
    for model in rotation.private_models():
        names = [field.attname for field in rotation.encrypted_fields(model)]
        for row in model.objects.order_by("pk")[:SAMPLE_SIZE]:
            yield (
                row,
                [name for name in names if isinstance(row.__dict__.get(name), EncryptedValue)],
            )


def _is_new_or_readable() -> bool:
    """Tell whether the database has no encrypted values yet, or at least one is readable."""
    is_empty = True
    for row, names in _sample_rows():
        if len(unreadable_fields(row, names)) < len(names):
            return True
        is_empty = is_empty and not names
    return is_empty


def _create_canary() -> KeyCanary:
    try:
        with transaction.atomic():
            return KeyCanary.objects.create(uuid=CANARY_UUID, words=CANARY_TEXT)
    except IntegrityError:
        return KeyCanary.objects.get(uuid=CANARY_UUID)


@register(Tags.database)
def check_field_keys(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Report keys that do not fit the database. Run by migrate, ``check --database default``."""
    if not databases:
        return []
    try:
        if verify_keys():
            return []
    except DatabaseError:
        return []  # no table yet: the first migration is about to create it
    return [
        Error(
            "FIELD_KEYS cannot open what is stored in this database.",
            hint="Give the keys that were in use, newest first; see docs/operations.md.",
            id="privacy.E003",
        )
    ]


@register(Tags.database)
def check_covered_entity_email_encryption(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Warn a HIPAA covered entity whose email leaves this machine without TLS.

    Only a warning, so that turning on ``covered_entity`` does not stop the site.
    """
    if not databases or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    uses_tls = getattr(settings, "EMAIL_USE_TLS", False) or getattr(
        settings, "EMAIL_USE_SSL", False
    )
    if uses_tls or settings.EMAIL_HOST in LOCAL_HOSTS:
        return []
    try:
        is_covered = PracticeProfile.load().covered_entity
    except DatabaseError:
        return []
    if not is_covered:
        return []
    return [
        Warning(
            "Mails of a HIPAA covered entity would leave without encryption.",
            hint="Use smtp+tls:// or smtp+ssl:// in EMAIL_URL.",
            id="privacy.W004",
        )
    ]
