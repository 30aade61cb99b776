"""One encrypted row that shows whether the keys are the right ones.

With a wrong key the site would go on, storing new messages under a key nobody expects while the
old ones cannot be read. It must not start instead.
"""

import logging
import uuid as uuid_module
from collections.abc import Iterator, Sequence
from typing import Any

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
# A fixed row: whoever comes second finds it instead of writing another.
CANARY_UUID = uuid_module.UUID(int=1)
SAMPLE_SIZE = 5


def verify_keys() -> bool:
    """True when the canary opens; the first call ever writes it."""
    row = KeyCanary.objects.filter(uuid=CANARY_UUID).first()
    if row is None:
        if not _is_new_or_readable():
            # Not a new database: somebody's words are here, and not these keys'.
            return False
        row = _create_canary()
    sealed = row.__dict__["words"]
    try:
        return row.words == CANARY_TEXT
    except DecryptionError:
        return _repair_if_damaged(row, sealed)


def _repair_if_damaged(row: KeyCanary, sealed: EncryptedValue) -> bool:
    """Its key is here and opens other cells: then the cell was harmed, and is written anew."""
    key_id = read_key_id(sealed.raw)
    if not any(known == key_id for known, _key in settings.FIELD_KEYS):
        return False
    if not any(_can_open_with(key_id, other, names) for other, names in _sample_rows()):
        return False
    log.error("the key canary was damaged and is written anew; the keys are the right ones")
    row.words = CANARY_TEXT
    row.save(update_fields=["words"])
    return True


def _can_open_with(key_id: int, row: PrivateModel, names: list[str]) -> bool:
    under = [name for name in names if read_key_id(row.__dict__[name].raw) == key_id]
    return len(unreadable_fields(row, under)) < len(under)


def _sample_rows() -> Iterator[tuple[PrivateModel, list[str]]]:
    """Some rows of every kind, with their sealed cells."""
    for model in rotation.private_models():
        names = [field.attname for field in rotation.encrypted_fields(model)]
        for row in model.objects.order_by("pk")[:SAMPLE_SIZE]:
            yield (
                row,
                [name for name in names if isinstance(row.__dict__.get(name), EncryptedValue)],
            )


def _is_new_or_readable() -> bool:
    """Of a database without a canary: is nothing sealed in it, or can at least one cell be read?"""
    is_empty = True
    for row, sealed in _sample_rows():
        if len(unreadable_fields(row, sealed)) < len(sealed):
            return True
        is_empty = is_empty and not sealed
    return is_empty


def _create_canary() -> KeyCanary:
    try:
        with transaction.atomic():
            return KeyCanary.objects.create(uuid=CANARY_UUID, words=CANARY_TEXT)
    except IntegrityError:
        return KeyCanary.objects.get(uuid=CANARY_UUID)


# System checks: the keys open what is stored.

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "")


@register(Tags.database)
def check_field_keys(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run by migrate and by ``check --database default``: never start on with a wrong key."""
    if not databases:
        return []
    try:
        if verify_keys():
            return []
    except DatabaseError:
        return []  # no table yet: the first migration is about to make it
    return [
        Error(
            "FIELD_KEYS cannot open what is stored in this database.",
            hint="Give the keys that were in use, newest first; see docs/operations.md.",
            id="privacy.E003",
        )
    ]


@register(Tags.database)
def check_covered_entity_email_encryption(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """HIPAA: what leaves the machine leaves by TLS. A warning, so that the switch stops no site."""
    if not databases or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    by_tls = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    if by_tls or settings.EMAIL_HOST in LOCAL_HOSTS:
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
