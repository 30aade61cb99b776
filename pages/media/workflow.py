"""Taking pictures in, and letting them go."""

import hashlib
from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from pages.media import decoding, files
from pages.media.decoding import Decoded, InvalidPicture
from pages.media.models import Picture, VariantState

__all__ = ["InvalidPicture", "delete_picture", "make_variants", "store_picture"]

NAME_LENGTH = 120


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def store_picture(
    file: Readable,
    *,
    alt: str,
    is_decorative: bool,
    caption: str,
    by: Any,
    now: datetime,
    name: str = "",
    credit: str = "",
) -> Picture:
    """Checks, cleans and keeps a picture; `Refused` says kindly why not.

    The files are written first: a row without files would be a hole in a page, files without
    a row are swept away by the worker.
    """
    alt, caption, credit = (_one_line(text) for text in (alt, caption, credit))
    if not alt and not is_decorative:
        raise InvalidPicture(
            _("Say what the picture shows, or mark it as decorative, for people who cannot see it.")
        )
    data = file.read(decoding.MAX_BYTES + 1)
    return keep(
        decoding.decode(data),
        digest=hashlib.sha256(data).hexdigest(),
        name=_one_line(name) or name_of(file),
        alt=alt[:300],
        is_decorative=is_decorative,
        caption=caption[:500],
        credit=credit[:200],
        by=by,
        now=now,
    )


def keep(decoded: Decoded, *, by: Any, now: datetime, **words: Any) -> Picture:
    uuid = uuid4()
    image = decoded.image
    first = f"{files.first_variant_width(image.width)}.jpg"
    try:
        files.write(uuid, files.MASTER, files.encode_master(image))
        files.write(uuid, first, files.encode_variant(image, first))
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
        files.remove(uuid)
        raise


def make_variants(picture: Picture) -> None:
    """Every size that is not there yet; called again after a stop, it goes on where it was."""
    missing = [
        name
        for name in files.variant_names(picture.width)
        if not files.path(picture.uuid, name).exists()
    ]
    if missing:
        with Image.open(picture.master_path, formats=["JPEG"]) as master:
            image = master.convert("RGB")
        for name in missing:
            files.write(picture.uuid, name, files.encode_variant(image, name))
    _mark(picture, VariantState.MADE)


def mark_bad(picture: Picture) -> None:
    """Its first size is still served; staff see that the others are missing."""
    _mark(picture, VariantState.BAD)


def delete_picture(picture: Picture) -> None:
    """The row now, the files once that is certain."""
    uuid = picture.uuid
    picture.delete()
    transaction.on_commit(lambda: files.remove(uuid))


def name_of(file: Any) -> str:
    """The name of the chosen file, for finding it in the library; never part of an address."""
    stem = PurePath(str(getattr(file, "name", "") or "").replace("\\", "/")).stem
    words = _one_line(stem.replace("_", " ").replace("-", " "))
    return words[:NAME_LENGTH] or _("Picture")


def _mark(picture: Picture, state: VariantState) -> None:
    # Only its own column: staff may be editing the words meanwhile.
    Picture.objects.filter(pk=picture.pk).update(variants=state)
    picture.variants = state


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
