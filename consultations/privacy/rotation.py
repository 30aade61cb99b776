"""Encrypt every value again under the newest key, in batches that can be interrupted."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from django.apps import apps
from django.db import transaction

from consultations.privacy.encryption import DecryptionError, newest_key_id, read_key_id
from consultations.privacy.fields import (
    EncryptedTextField,
    EncryptedValue,
    PrivateModel,
    unreadable_fields,
)

BATCH_SIZE = 500
# SQLite allows one writer and has no queue: without a pause, other writers would hardly get a turn.
PAUSE_SECONDS = 0.05


def private_models() -> list[type[PrivateModel]]:
    """Return every model that can have encrypted fields."""
    return [model for model in apps.get_models() if issubclass(model, PrivateModel)]


def encrypted_fields(model: type[PrivateModel]) -> list[EncryptedTextField]:
    """Return the encrypted fields of a model."""
    return [field for field in model._meta.fields if isinstance(field, EncryptedTextField)]


def rotate_keys() -> tuple[Counter[str], int]:
    """Encrypt values under an older key again, and renew the fingerprints of their rows.

    Returns the number of changed rows by model, and the number of rows with an unreadable value,
    which is left as it is. Each batch is its own transaction, so the next run continues where an
    interrupted one stopped, and others can write between batches.
    """
    changed: Counter[str] = Counter()
    unreadable = 0
    for model in private_models():
        for batch in _iter_batches(model):
            with transaction.atomic():
                for pk in batch:
                    row = model.objects.select_for_update().filter(pk=pk).first()
                    if row is None:
                        continue  # deleted since the batch was read
                    is_changed, is_readable = _reencrypt_row(row)
                    changed[model._meta.label] += is_changed
                    unreadable += not is_readable
            time.sleep(PAUSE_SECONDS)
    return +changed, unreadable


def count_values_by_key() -> tuple[Counter[int], int]:
    """Return the number of values by key id, and the number of unreadable values."""
    by_key: Counter[int] = Counter()
    unreadable = 0
    for model in private_models():
        fields = encrypted_fields(model)
        for row in model.objects.order_by("pk").iterator(chunk_size=BATCH_SIZE):
            for field in fields:
                value = row.__dict__.get(field.attname)
                if not isinstance(value, EncryptedValue):
                    continue
                by_key[read_key_id(value.raw)] += 1
                try:
                    getattr(row, field.attname)
                except DecryptionError:
                    unreadable += 1
    return by_key, unreadable


def _reencrypt_row(row: PrivateModel) -> tuple[bool, bool]:
    """Return whether any value was encrypted again, and whether all outdated ones were readable."""
    outdated = [
        field.attname
        for field in encrypted_fields(type(row))
        if isinstance(value := row.__dict__.get(field.attname), EncryptedValue)
        and read_key_id(value.raw) != newest_key_id()
    ]
    unreadable = unreadable_fields(row, outdated)
    names = [name for name in outdated if name not in unreadable]
    if not names:
        return False, not unreadable
    for name in names:
        text = getattr(row, name)
        row.__dict__["_opened"].pop(name)  # or save() would keep the old ciphertext
        setattr(row, name, text)
    with suppress(DecryptionError):  # an unreadable address keeps its old fingerprint
        names += row.renew_fingerprints()
    # Skips the model's own save(), whose side effects a rotation must not have.
    super(PrivateModel, row).save(update_fields=names)
    return True, not unreadable


def _iter_batches(model: type[PrivateModel]) -> Iterator[list[UUID]]:
    keys = model.objects.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH_SIZE])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH_SIZE])
