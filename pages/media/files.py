"""Store and encode the files of pictures, and detect the format of uploads.

Each picture has a directory under MEDIA_ROOT with its master and its variants: the sizes and
formats that are served. The format of an upload is detected by its first bytes, because its name
and the content type sent by the browser prove nothing.
"""

import io
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from pages.files import write_atomically

PICTURES_DIR_NAME = "pictures"
MASTER_FILE_NAME = "master.jpg"


def pictures_dir() -> Path:
    return Path(settings.MEDIA_ROOT) / PICTURES_DIR_NAME


def picture_dir(picture: UUID) -> Path:
    return pictures_dir() / picture.hex


def picture_path(picture: UUID, name: str) -> Path:
    return picture_dir(picture) / name


def write_picture_file(picture: UUID, name: str, data: bytes) -> None:
    write_atomically(picture_path(picture, name), data)


def remove_picture_files(picture: UUID) -> None:
    shutil.rmtree(picture_dir(picture), ignore_errors=True)


# Variants: sizes, formats and encoding

VARIANT_WIDTHS = (400, 800, 1200, 1600)
FIRST_VARIANT_MIN_WIDTH = 800  # made on upload, and served until the worker has made the others
VARIANT_FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}
CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
# Chosen by eye on skin, sky and small type. Speed 6 keeps the worker under a second per picture.
ENCODER_OPTIONS: dict[str, dict[str, object]] = {
    "avif": {"quality": 55, "speed": 6, "max_threads": 1},
    "webp": {"quality": 78, "method": 4},
    "jpg": {"quality": 80, "optimize": True, "progressive": True},
}
MASTER_ENCODER_OPTIONS: dict[str, object] = {"quality": 92, "subsampling": 0, "optimize": True}


def variant_widths(width: int) -> list[int]:
    """Return the widths a picture gets, smallest first; a picture is never enlarged."""
    largest = min(width, VARIANT_WIDTHS[-1])
    return [width for width in VARIANT_WIDTHS if width < largest * 0.85] + [largest]


def first_variant_width(width: int) -> int:
    """Return the width of the variant that is made on upload."""
    widths = variant_widths(width)
    return next((width for width in widths if width >= FIRST_VARIANT_MIN_WIDTH), widths[-1])


def variant_names(width: int) -> list[str]:
    """Return the names of all variants of a picture, such as ``400.avif``."""
    return [
        f"{variant}.{ending}" for variant in variant_widths(width) for ending in VARIANT_FORMATS
    ]


def scaled_height(width: int, size: tuple[int, int]) -> int:
    """Return the height at this width of a picture of this (width, height)."""
    return max(1, round(size[1] * width / size[0]))


def encode_variant(image: Image.Image, name: str) -> bytes:
    """Encode the variant with this name, which gives its width and format."""
    width, _dot, ending = name.partition(".")
    size = (int(width), scaled_height(int(width), image.size))
    small = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
    return _encode_image(small, VARIANT_FORMATS[ending], ENCODER_OPTIONS[ending])


def encode_master(image: Image.Image) -> bytes:
    """Encode the master that variants are made from; nothing else of the upload is kept."""
    return _encode_image(image, "JPEG", MASTER_ENCODER_OPTIONS)


def _encode_image(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# Format detection

# The formats that Pillow may open; no other decoder is ever used.
ACCEPTED_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def detect_format(data: bytes) -> str:
    """Return one of ACCEPTED_FORMATS, or an empty string."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    return "AVIF" if _read_brands(data) & _AVIF_BRANDS else ""


def unsupported_format_message(data: bytes) -> Promise:
    """Return a message for the user about a file that is not in an accepted format."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _read_brands(data) & _HEIC_BRANDS:
        return _(
            "This is a HEIC photograph, as iPhones take them, and few browsers can show it. "
            "Export it as JPEG, or set the camera to “Most compatible”, and choose it again."
        )
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head:
        return _(
            "This is an SVG drawing. Such files can carry programs, so they are not taken here. "
            "Export it as PNG and choose it again."
        )
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _("This is a TIFF file, which browsers do not show. Export it as JPEG or PNG.")
    if head.startswith(b"%pdf"):
        return _("This is a PDF document. Export its page as a picture: JPEG or PNG.")
    return _("This is no picture that can be shown here. JPEG, PNG, WebP, AVIF and GIF are.")


def _read_brands(data: bytes) -> set[bytes]:
    """Return the brands in the first box (`ftyp`) of an ISO media file."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
