"""Bring every encrypted cell under the newest key, in batches, resumable."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from django.apps import apps
from django.db import transaction

from consultations.privacy.encryption import DecryptionError, newest_key_id, read_key_id
from consultations.privacy.fields import EncryptedTextField, EncryptedValue, PrivateModel
from consultations.privacy.fields import unreadable_fields as unreadable_cells

BATCH_SIZE = 500
# SQLite lets one write at a time and keeps no queue: without a pause others would hardly get in.
PAUSE_SECONDS = 0.05


def private_models() -> list[type[PrivateModel]]:
    return [model for model in apps.get_models() if issubclass(model, PrivateModel)]


def encrypted_fields(model: type[PrivateModel]) -> list[EncryptedTextField]:
    return [field for field in model._meta.fields if isinstance(field, EncryptedTextField)]


def rotate_keys() -> tuple[Counter[str], int]:
    """Re-seal cells that are under an older key; fingerprints follow. Counts rows by model, and
    those with a cell that cannot be read: that cell is left as it is and holds nothing else up.

    Each batch is its own transaction, so an interrupted run leaves whole rows and the next run
    goes on where it stopped. Between batches others get to write.
    """
    done: Counter[str] = Counter()
    unreadable = 0
    for model in private_models():
        for batch in _iter_batches(model):
            with transaction.atomic():
                for pk in batch:
                    row = model.objects.select_for_update().filter(pk=pk).first()
                    if row is None:
                        continue  # deleted since the list was made
                    is_done, is_whole = _reencrypt_row(row)
                    done[model._meta.label] += is_done
                    unreadable += not is_whole
            time.sleep(PAUSE_SECONDS)
    return +done, unreadable


def count_values_by_key() -> tuple[Counter[int], int]:
    """Cells by key id, and the number of cells that cannot be opened."""
    by_key: Counter[int] = Counter()
    unreadable = 0
    for model in private_models():
        fields = encrypted_fields(model)
        for row in model.objects.order_by("pk").iterator(chunk_size=BATCH_SIZE):
            for field in fields:
                held = row.__dict__.get(field.attname)
                if not isinstance(held, EncryptedValue):
                    continue
                by_key[read_key_id(held.raw)] += 1
                try:
                    getattr(row, field.attname)
                except DecryptionError:
                    unreadable += 1
    return by_key, unreadable


def _reencrypt_row(row: PrivateModel) -> tuple[bool, bool]:
    """Was anything sealed anew, and could everything be that had to?"""
    old = [
        field.attname
        for field in encrypted_fields(type(row))
        if isinstance(held := row.__dict__.get(field.attname), EncryptedValue)
        and read_key_id(held.raw) != newest_key_id()
    ]
    closed = unreadable_cells(row, old)
    names = [name for name in old if name not in closed]
    if not names:
        return False, not closed
    for name in names:
        text = getattr(row, name)
        row.__dict__["_opened"].pop(name)  # forget the old ciphertext, so that save() seals anew
        setattr(row, name, text)
    with suppress(DecryptionError):  # of an address that cannot be read nothing is computed
        names += row.renew_fingerprints()
    # Past any guard in the model's own save(): rotation changes no meaning.
    super(PrivateModel, row).save(update_fields=names)
    return True, not closed


def _iter_batches(model: type[PrivateModel]) -> Iterator[list[UUID]]:
    keys = model.objects.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH_SIZE])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH_SIZE])
