"""Decode an untrusted upload into plain pixels: upright, sRGB, at most MASTER_BOX in size.

All limits are checked on the header, before any pixel is decoded. The result is a new image, so
anything else the file contained (a script, an archive, the location where it was taken) is gone.
"""

import io
import logging
import math
import threading
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, PngImagePlugin

from pages.media.files import ACCEPTED_FORMATS, detect_format, unsupported_format_message

log = logging.getLogger(__name__)

Size = tuple[int, int]

MILLION = 1_000_000
MAX_BYTES = 20 * MILLION
# Based on the memory each decoder needs per pixel, so that none uses more than about 170 MB, as
# measured by tools/bench/image_memory.py. JPEGs can be decoded at a fraction of their size.
MAX_PIXELS = {
    "JPEG": 60 * MILLION,
    "PNG": 25 * MILLION,
    "GIF": 16 * MILLION,
    "AVIF": 12 * MILLION,
    "WEBP": 8_500_000,
}
MAX_PIXELS_PROGRESSIVE = 24 * MILLION  # libjpeg keeps all their coefficients in memory
MAX_SIDE = 16_000
MAX_SCANS = 100  # a progressive JPEG with thousands of scans takes minutes of CPU time
MASTER_BOX = (2400, 4000)  # width and height after rotation
MAX_PROFILE_BYTES = 4 * MILLION
STRIP_ROWS = 256
WHITE = (255, 255, 255)

# We check the size ourselves and show a message, so Pillow's warning would only be noise.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
PngImagePlugin.MAX_TEXT_MEMORY = 4 * MILLION

ORIENTATION_TRANSPOSES = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}
SIDEWAYS_ORIENTATIONS = (5, 6, 7, 8)  # width and height are swapped
EXIF_ORIENTATION_TAG = 0x0112

# Decode one picture at a time: eight threads would need eight times the memory.
_decode_lock = threading.Lock()


@dataclass(frozen=True)
class DecodedPicture:
    """A decoded picture, and what was lost: animation or transparency."""

    image: Image.Image  # mode RGB
    was_animated: bool
    was_see_through: bool


def decode_picture(data: bytes) -> DecodedPicture:
    """Decode an uploaded file, or raise InvalidPicture with a message for the user."""
    if not data:
        raise InvalidPicture(_("This file is empty. Choose it again."))
    if len(data) > MAX_BYTES:
        raise InvalidPicture(file_too_large_message())
    kind = detect_format(data)
    if kind not in ACCEPTED_FORMATS:
        raise InvalidPicture(str(unsupported_format_message(data)))
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise InvalidPicture(_damaged_file_message())
    try:
        with _decode_lock:
            return _decode_format(data, kind)
    except InvalidPicture:
        raise
    except Image.DecompressionBombError:
        raise InvalidPicture(_too_many_pixels_message()) from None
    except MemoryError:
        raise InvalidPicture(_too_many_pixels_message()) from None
    except Exception as error:
        # Decoders raise OSError, ValueError, SyntaxError, struct.error, EOFError and more.
        log.info("a picture could not be read: %s", type(error).__name__)
        raise InvalidPicture(_damaged_file_message()) from None


def file_too_large_message() -> str:
    return _("This file is larger than %(size)d MB. Save a smaller copy and choose that.") % {
        "size": MAX_BYTES // MILLION
    }


def _too_many_pixels_message() -> str:
    return _(
        "This picture has more pixels than can be taken in. Save a copy that is at most "
        "2500 pixels wide and choose that."
    )


def _damaged_file_message() -> str:
    return _(
        "This file could not be read to its end: it is damaged or was not copied whole. "
        "Open it on your computer, save it again, and choose the new copy."
    )


def _decode_format(data: bytes, kind: str) -> DecodedPicture:
    with Image.open(io.BytesIO(data), formats=[kind]) as source:
        _check_dimensions(source, kind)
        turn = _read_orientation(source)
        box = MASTER_BOX[::-1] if turn in SIDEWAYS_ORIENTATIONS else MASTER_BOX
        profile = source.info.get("icc_profile")
        was_animated = bool(getattr(source, "is_animated", False)) and source.format != "MPO"
        see_through = "transparency" in source.info or source.mode in ("RGBA", "LA", "PA", "RGBa")
        if kind == "JPEG":
            # Decode at a half, a quarter or an eighth of the size where that is still large enough.
            source.draft(None, _fit_size(source.size, box))
        source.load()
        small = _shrink(source, box)
    image = _convert_to_srgb(small, profile)
    for step in ORIENTATION_TRANSPOSES.get(turn, []):
        image = image.transpose(step)
    # Drop any metadata the decoder kept.
    image.info.clear()
    return DecodedPicture(image, was_animated, see_through)


def _check_dimensions(source: Image.Image, kind: str) -> None:
    width, height = source.size
    most = MAX_PIXELS[kind]
    if kind == "JPEG" and source.info.get("progressive"):
        most = MAX_PIXELS_PROGRESSIVE
    if width * height > most or max(width, height) > MAX_SIDE:
        raise InvalidPicture(_too_many_pixels_message())


def _read_orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(EXIF_ORIENTATION_TAG, 1))
    except Exception:
        return 1  # invalid EXIF data does not make the picture unusable


def _scale_factor(size: Size, box: Size) -> float:
    return min(1.0, box[0] / size[0], box[1] / size[1])


def _fit_size(size: Size, box: Size) -> Size:
    scale = _scale_factor(size, box)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(source: Image.Image, box: Size) -> Image.Image:
    """Flatten transparency and shrink the picture to fit `box`.

    Works in strips, because resizing a whole RGBA picture would first make another full-size copy.
    """
    factor = max(1, math.floor(1 / _scale_factor(source.size, box)))
    width, height = source.size
    small = Image.new(
        "CMYK" if source.mode == "CMYK" else "RGB",
        (math.ceil(width / factor), math.ceil(height / factor)),
    )
    rows = STRIP_ROWS * factor
    for top in range(0, height, rows):
        strip = _flatten_transparency(source.crop((0, top, width, min(top + rows, height))))
        small.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    size = _fit_size(small.size, box)
    return small if small.size == size else small.resize(size, Image.Resampling.LANCZOS)


def _flatten_transparency(strip: Image.Image) -> Image.Image:
    """Convert any mode to RGB or CMYK; transparent areas become white, in dark mode too."""
    if strip.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I"):
        # Pillow clips 16-bit values at 255, which turns nearly everything white.
        strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif strip.mode == "F":
        strip = strip.convert("L")
    if strip.mode in ("CMYK", "RGB") and "transparency" not in strip.info:
        return strip
    if strip.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in strip.info:
        strip = strip.convert("RGBA")
    if strip.mode != "RGBA":
        return strip.convert("RGB")
    ground = Image.new("RGB", strip.size, WHITE)
    ground.paste(strip, mask=strip.getchannel("A"))
    return ground


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a wide-gamut or print color profile to sRGB, which all browsers show the same."""
    if profile and len(profile) <= MAX_PROFILE_BYTES:
        try:
            with io.BytesIO(profile) as file:
                converted = ImageCms.profileToProfile(
                    image, ImageCms.ImageCmsProfile(file), ImageCms.createProfile("sRGB"),
                    outputMode="RGB",
                )  # fmt: skip
            if converted is not None:
                return converted
        except Exception:
            log.info("the colour profile of a picture was left out")
    return image if image.mode == "RGB" else image.convert("RGB")


class InvalidPicture(ValueError):
    """A file that can't be used. The message is a full sentence to show next to the field."""
