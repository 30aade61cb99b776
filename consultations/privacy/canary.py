"""One encrypted row that shows whether the keys are the right ones.

With a wrong key the site would go on, storing new messages under a key nobody expects while the
old ones cannot be read. It must not start instead.
"""

import uuid as uuid_module

from django.db import IntegrityError, transaction

from consultations.privacy.encryption import CannotOpen
from consultations.privacy.models import KeyCanary

WORDS = "the keys are right"
# A fixed row: whoever comes second finds it instead of writing another.
ROW = uuid_module.UUID(int=1)


def check() -> bool:
    """True when the canary opens; the first call ever writes it."""
    row = KeyCanary.objects.filter(uuid=ROW).first() or _write()
    try:
        return row.words == WORDS
    except CannotOpen:
        return False


def _write() -> KeyCanary:
    try:
        with transaction.atomic():
            return KeyCanary.objects.create(uuid=ROW, words=WORDS)
    except IntegrityError:
        return KeyCanary.objects.get(uuid=ROW)
