"""Bring every encrypted cell under the newest key, in batches, resumable."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.apps import apps
from django.db import transaction

from consultations.privacy.encryption import CannotOpen, key_id_of, newest_key_id
from consultations.privacy.fields import EncryptedTextField, PrivateModel, Sealed

BATCH = 500


def private_models() -> list[type[PrivateModel]]:
    return [model for model in apps.get_models() if issubclass(model, PrivateModel)]


def encrypted_fields(model: type[PrivateModel]) -> list[EncryptedTextField]:
    return [field for field in model._meta.fields if isinstance(field, EncryptedTextField)]


def rotate() -> tuple[Counter[str], int]:
    """Re-seal rows that are under an older key; fingerprints follow. Counts rows by model, and
    those that cannot be read: they are left as they are and hold nothing else up.

    Each batch is its own transaction, so an interrupted run leaves whole rows and the next run
    goes on where it stopped.
    """
    done: Counter[str] = Counter()
    unreadable = 0
    for model in private_models():
        for batch in _batches(model):
            with transaction.atomic():
                for pk in batch:
                    row = model.objects.select_for_update().filter(pk=pk).first()
                    try:
                        done[model._meta.label] += row is not None and _reseal(row)
                    except CannotOpen:
                        unreadable += 1
    return +done, unreadable


def verify() -> tuple[Counter[int], int]:
    """Cells by key id, and the number of cells that cannot be opened."""
    by_key: Counter[int] = Counter()
    unreadable = 0
    for model in private_models():
        fields = encrypted_fields(model)
        for row in model.objects.order_by("pk").iterator(chunk_size=BATCH):
            for field in fields:
                held = row.__dict__.get(field.attname)
                if not isinstance(held, Sealed):
                    continue
                by_key[key_id_of(held.raw)] += 1
                try:
                    getattr(row, field.attname)
                except CannotOpen:
                    unreadable += 1
    return by_key, unreadable


def _reseal(row: PrivateModel) -> bool:
    old = [
        field.attname
        for field in encrypted_fields(type(row))
        if isinstance(held := row.__dict__.get(field.attname), Sealed)
        and key_id_of(held.raw) != newest_key_id()
    ]
    if not old:
        return False
    for name in old:
        text = getattr(row, name)
        row.__dict__["_opened"].pop(name)  # forget the old ciphertext, so that save() seals anew
        setattr(row, name, text)
    renewed = row.renew_fingerprints()
    # Past any guard in the model's own save(): rotation changes no meaning.
    super(PrivateModel, row).save(update_fields=[*old, *renewed])
    return True


def _batches(model: type[PrivateModel]) -> Iterator[list[UUID]]:
    keys = model.objects.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH])
