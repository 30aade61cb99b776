"""Which sizes and formats a picture gets, and how each is written. Pure but for Pillow."""

import io

from PIL import Image

WIDTHS = (400, 800, 1200, 1600)
FIRST_WIDTH = 800  # made at once, and served until the worker has made the others
FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}
CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
# Set by eye on skin, sky and small type; speed 6 keeps the worker under a second a picture.
OPTIONS: dict[str, dict[str, object]] = {
    "avif": {"quality": 55, "speed": 6, "max_threads": 1},
    "webp": {"quality": 78, "method": 4},
    "jpg": {"quality": 80, "optimize": True, "progressive": True},
}
MASTER_OPTIONS: dict[str, object] = {"quality": 92, "subsampling": 0, "optimize": True}


def widths_for(width: int) -> list[int]:
    """The widths of a picture, smallest first; none is drawn larger than it is."""
    largest = min(width, WIDTHS[-1])
    return [one for one in WIDTHS if one < largest * 0.85] + [largest]


def first_width(width: int) -> int:
    widths = widths_for(width)
    return next((one for one in widths if one >= FIRST_WIDTH), widths[-1])


def names_for(width: int) -> list[str]:
    """Every file a picture has when all is done, such as ``400.avif``."""
    return [f"{one}.{ending}" for one in widths_for(width) for ending in FORMATS]


def height_at(width: int, size: tuple[int, int]) -> int:
    return max(1, round(size[1] * width / size[0]))


def encode(image: Image.Image, name: str) -> bytes:
    """The file called `name` of this picture; its width and format stand in its name."""
    width, _dot, ending = name.partition(".")
    size = (int(width), height_at(int(width), image.size))
    small = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
    return _written(small, FORMATS[ending], OPTIONS[ending])


def encode_master(image: Image.Image) -> bytes:
    """What the sizes are made of, and all that is kept of an upload."""
    return _written(image, "JPEG", MASTER_OPTIONS)


def _written(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
