"""One encrypted row that shows whether the keys are the right ones.

With a wrong key the site would go on, storing new messages under a key nobody expects while the
old ones cannot be read. It must not start instead.
"""

import uuid as uuid_module

from django.db import IntegrityError, transaction

from consultations.privacy import rotation
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fields import Sealed, unreadable
from consultations.privacy.models import KeyCanary

WORDS = "the keys are right"
# A fixed row: whoever comes second finds it instead of writing another.
ROW = uuid_module.UUID(int=1)
SAMPLE = 5


def check() -> bool:
    """True when the canary opens; the first call ever writes it."""
    row = KeyCanary.objects.filter(uuid=ROW).first()
    if row is None:
        if not _something_opens():
            # Not a new database: somebody's words are here, and not these keys'.
            return False
        row = _write()
    try:
        return row.words == WORDS
    except CannotOpen:
        return False


def _something_opens() -> bool:
    """Of a database without a canary: is nothing sealed in it, or can at least one cell be read?"""
    is_empty = True
    for model in rotation.private_models():
        names = [field.attname for field in rotation.encrypted_fields(model)]
        for row in model.objects.order_by("pk")[:SAMPLE]:
            sealed = [name for name in names if isinstance(row.__dict__.get(name), Sealed)]
            if len(unreadable(row, sealed)) < len(sealed):
                return True
            is_empty = is_empty and not sealed
    return is_empty


def _write() -> KeyCanary:
    try:
        with transaction.atomic():
            return KeyCanary.objects.create(uuid=ROW, words=WORDS)
    except IntegrityError:
        return KeyCanary.objects.get(uuid=ROW)
