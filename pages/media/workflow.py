"""Store and delete pictures."""

import hashlib
from datetime import datetime
from pathlib import PurePath
from typing import Protocol
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from pages.media import decoding, files
from pages.media.decoding import DecodedPicture, InvalidPicture
from pages.media.models import Picture, VariantState
from pages.text.outline import single_line

__all__ = ["InvalidPicture", "delete_picture", "make_variants", "store_picture"]

MAX_NAME_CHARS = 120


class ReadableFile(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def store_picture(
    file: ReadableFile,
    *,
    alt: str,
    is_decorative: bool,
    caption: str,
    by: User | None,
    now: datetime,
    name: str = "",
    credit: str = "",
) -> Picture:
    """Check, decode and store an uploaded picture, with its alt text and other details.

    Raises InvalidPicture with a message for the user if the file or its details can't be used.
    """
    alt, caption, credit = (single_line(text) for text in (alt, caption, credit))
    if not alt and not is_decorative:
        raise InvalidPicture(
            _("Say what the picture shows, or mark it as decorative, for people who cannot see it.")
        )
    data = file.read(decoding.MAX_BYTES + 1)
    return save_picture(
        decoding.decode_picture(data),
        digest=hashlib.sha256(data).hexdigest(),
        name=single_line(name) or picture_name_from_file(file),
        alt=alt[:300],
        is_decorative=is_decorative,
        caption=caption[:500],
        credit=credit[:200],
        by=by,
        now=now,
    )


def save_picture(
    decoded: DecodedPicture, *, by: User | None, now: datetime, **words: object
) -> Picture:
    """Save a decoded picture with its master and first variant.

    The files are written before the row: a row without files would show as a broken picture, while
    files without a row are removed by the worker.
    """
    uuid = uuid4()
    image = decoded.image
    first = f"{files.first_variant_width(image.width)}.jpg"
    try:
        files.write_picture_file(uuid, files.MASTER_FILE_NAME, files.encode_master(image))
        files.write_picture_file(uuid, first, files.encode_variant(image, first))
        with transaction.atomic():
            return Picture.objects.create(
                uuid=uuid,
                width=image.width,
                height=image.height,
                uploaded_at=now,
                uploaded_by=by,
                **words,
            )
    except BaseException:
        files.remove_picture_files(uuid)
        raise


def make_variants(picture: Picture) -> None:
    """Make all variants that don't exist yet. After an interruption, call it again to continue."""
    missing = [
        name
        for name in files.variant_names(picture.width)
        if not files.picture_path(picture.uuid, name).exists()
    ]
    if missing:
        with Image.open(picture.master_path, formats=["JPEG"]) as master:
            image = master.convert("RGB")
        for name in missing:
            files.write_picture_file(picture.uuid, name, files.encode_variant(image, name))
    _set_variant_state(picture, VariantState.MADE)


def mark_variants_failed(picture: Picture) -> None:
    """Record that variants could not be made.

    The first variant is still served, and staff can see that the others are missing.
    """
    _set_variant_state(picture, VariantState.BAD)


def delete_picture(picture: Picture) -> None:
    """Delete the row, and its files once the transaction commits."""
    uuid = picture.uuid
    picture.delete()
    transaction.on_commit(lambda: files.remove_picture_files(uuid))


def picture_name_from_file(file: object) -> str:
    """Return a name for the library based on the uploaded file's name. Never used in URLs."""
    stem = PurePath(str(getattr(file, "name", "") or "").replace("\\", "/")).stem
    words = single_line(stem.replace("_", " ").replace("-", " "))
    return words[:MAX_NAME_CHARS] or _("Picture")


def _set_variant_state(picture: Picture, state: VariantState) -> None:
    # Update only this column, because staff may be editing the details at the same time.
    Picture.objects.filter(pk=picture.pk).update(variants=state)
    picture.variants = state
