"""Share images: the picture shown with a shared link, a photograph or drawing with the title.

1200 by 630 pixels is what social networks and messengers expect. Images are drawn when first
requested, and stored in the media folder.
"""

import hashlib
import io
import math
import threading
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont, ImageOps

from pages.files import write_atomically
from pages.look.choices import Pair
from pages.look.models import Look
from pages.look.palette import derive_palette
from pages.look.stylesheet import Style
from pages.media.models import Picture

WIDTH, HEIGHT = 1200, 630
PICTURE_HEIGHT = 330
MARGIN = 64
# Raise this when the drawing changes; stored images are then redrawn.
DRAWING_VERSION = 2
LOGO_BOX = (320, 60)
# Sky, sun, far hill, near hill, ground: numbers of the art colors, chosen by eye.
PALETTES = ((5, 1, 3, 2, 4), (5, 1, 2, 4, 3), (2, 5, 3, 4, 1), (3, 5, 2, 4, 1))
FOCUS_OFFSETS = {"left": 0.0, "right": 1.0, "top": 0.0, "bottom": 1.0}
TITLE_FONT_SIZES = (64, 56, 48, 42)
MAX_TITLE_LINES = 3


def draw_share_image(
    title: str,
    name: str,
    *,
    look: Look | None = None,
    photo: Path | None = None,
    focus: str = "centre",
) -> bytes:
    """Return a PNG; `photo` is cropped around `focus`, like `top-left`."""
    look = look or Look()
    colors = derive_palette(look.accent, look.paper).light
    image = Image.new("RGB", (WIDTH, HEIGHT), colors["paper"])
    has_words = has_only_font_glyphs(title) and has_only_font_glyphs(name)
    height = PICTURE_HEIGHT if has_words else HEIGHT
    image.paste(_fit_photo(photo, focus, height) or _draw_landscape(title, height, colors), (0, 0))
    if has_words:
        _draw_text(ImageDraw.Draw(image), title, name, colors, look.fonts)
    if look.logo and look.shows_logo:
        _paste_logo(image, bytes(look.logo.content), name_is_below=has_words)
    out = io.BytesIO()
    # 256 colors are enough for drawings; a photograph keeps all of its colors.
    (image if photo else image.quantize(256)).save(out, "PNG", optimize=True)
    return out.getvalue()


def image_key(*parts: str) -> str:
    """Hash what an image depends on."""
    return hashlib.sha256("\0".join((str(DRAWING_VERSION), *parts)).encode()).hexdigest()[:16]


def has_only_font_glyphs(text: str) -> bool:
    """Return whether the font, which covers western Europe, has every character."""
    return all(char < "\u0100" or "\u2000" <= char < "\u2070" or char in "ıŒœ" for char in text)


def _fit_photo(path: Path | None, focus: str, height: int) -> Image.Image | None:
    if path is None:
        return None
    places = focus.split("-")
    centre = (
        next((FOCUS_OFFSETS[place] for place in places if place in ("left", "right")), 0.5),
        next((FOCUS_OFFSETS[place] for place in places if place in ("top", "bottom")), 0.5),
    )
    try:
        with Image.open(path, formats=["JPEG"]) as photo:
            photo.draft("RGB", (WIDTH, height))
            return ImageOps.fit(photo.convert("RGB"), (WIDTH, height), centering=centre)
    except OSError:
        return None


def _draw_landscape(seed: str, height: int, colors: Mapping[str, str]) -> Image.Image:
    """Draw hills and a sun from a hash of the seed, at twice the size for smooth edges."""
    digest = hashlib.sha256(seed.encode()).digest()
    numbers = PALETTES[digest[0] % len(PALETTES)]
    sky, sun, far, near, ground = (colors[f"art-{number}"] for number in numbers)
    width, tall = WIDTH * 2, height * 2
    image = Image.new("RGB", (width, tall), sky)
    pen = ImageDraw.Draw(image)
    x, y, radius = (
        width * (20 + digest[1] % 60) // 100,
        tall * (28 + digest[2] % 20) // 100,
        tall // 7,
    )
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=sun)
    for number, (colour, level) in enumerate(((far, 0.5), (near, 0.66), (ground, 0.84))):
        phase, swing = digest[3 + number] / 40, tall * (0.04 + digest[6 + number] / 5000)
        line = [
            (at, tall * level + swing * math.sin(phase + at / width * (3.2 + number)))
            for at in range(0, width + 1, 16)
        ]
        pen.polygon([*line, (width, tall), (0, tall)], fill=colour)
    return image.resize((WIDTH, height), Image.Resampling.LANCZOS)


def _paste_logo(image: Image.Image, png: bytes, *, name_is_below: bool) -> None:
    """Put the logo at the lower right, in the row of the name if there is one."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        logo = opened.convert("RGBA")
    logo.thumbnail(LOGO_BOX, Image.Resampling.LANCZOS)
    top = HEIGHT - 44 - logo.height // 2 if name_is_below else HEIGHT - MARGIN - logo.height
    image.paste(logo, (WIDTH - MARGIN - logo.width, top), logo)


def _draw_text(
    pen: ImageDraw.ImageDraw, title: str, name: str, colors: Mapping[str, str], fonts: Pair
) -> None:
    top = PICTURE_HEIGHT + 40
    for size in TITLE_FONT_SIZES:
        font = _load_font(fonts.heading.file, size, 600)
        lines = _wrap_lines(title, font)
        if len(lines) <= MAX_TITLE_LINES and top + len(lines) * size * 1.15 < HEIGHT - 70:
            break
    lines = lines[:MAX_TITLE_LINES]
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + number * size * 1.15), line, font=font, fill=colors["ink"])
    small = _load_font(fonts.text.file, 30, 500)
    pen.text((MARGIN, HEIGHT - 62), name, font=small, fill=colors["accent"])


def _wrap_lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=16)
def _load_font(name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    path = settings.BASE_DIR / "static" / "fonts" / f"{name}-latin.woff2"
    font = ImageFont.truetype(path, size)
    font.set_variation_by_axes([weight])
    return font


# --- stored images ---

SHARE_IMAGES_DIR_NAME = "share"
# Of simultaneous requests for an image, one draws it and the others wait.
_draw_lock = threading.Lock()


def get_share_image(subject: str, *, title: str, name: str, cover: Picture | None = None) -> bytes:
    """Return the PNG of `subject`, like `article-7`; draw it and delete older ones if needed."""
    look = Look.load()
    facts = [str(cover.pk), cover.focus] if cover else []
    if look.style != Style() or look.logo_id:
        facts += [repr(look.style), str(look.logo_id), look.header_shows]
    path = _share_images_dir() / f"{subject}-{image_key(title, name, *facts)}.png"
    if (data := _read_if_exists(path)) is not None:
        return data
    with _draw_lock:
        if (data := _read_if_exists(path)) is not None:
            return data
        data = draw_share_image(
            title,
            name,
            look=look,
            photo=cover.master_path if cover else None,
            focus=cover.focus if cover else "centre",
        )
        for old in _share_images_dir().glob(f"{subject}-*.png"):
            old.unlink(missing_ok=True)
        write_atomically(path, data)
    return data


def remove_stale_images(subjects: Collection[str]) -> int:
    """Delete images of anything but `subjects`; return how many."""
    removed = 0
    for path in _share_images_dir().glob("*.png") if _share_images_dir().is_dir() else ():
        if path.stem.rpartition("-")[0] not in subjects:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _share_images_dir() -> Path:
    return Path(settings.MEDIA_ROOT) / SHARE_IMAGES_DIR_NAME


def _read_if_exists(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
