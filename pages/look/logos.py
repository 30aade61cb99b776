"""Turn an uploaded logo into a PNG of our own, and make the icons of the site.

Nothing that was uploaded is served: the pixels are drawn again. An SVG, which may hold scripts and
refer to other files, is first reduced to shapes and then rasterized in a process of its own.
"""

import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from defusedxml import ElementTree as SafeElementTree
from defusedxml.common import DefusedXmlException
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

Size = tuple[int, int]

MAX_UPLOAD_BYTES = 2_000_000
MAX_SVG_BYTES = 200_000
MAX_SVG_DEPTH = 200
MAX_PIXELS = 8_500_000
MAX_SIDE = 6000
LOGO_BOX = (640, 160)  # four times the size on the page, for fine screens and for the icons
MAX_RATIO, MIN_RATIO = 12, 1 / 3
SVG_SECONDS = 10
SMALL_ICON_SIDE, TOUCH_ICON_SIDE = 48, 180
# A wider logo would be a stripe in a small square; its first letter takes its place.
MAX_ICON_RATIO = 1.8
SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
RASTER_FORMATS = ["PNG", "WEBP", "JPEG"]
# Elements that only describe shapes and how they are painted.
SVG_SHAPES = frozenset(
    {
        *("svg", "g", "defs", "symbol", "use", "title", "desc", "style"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern"),
    }
)
# A reference inside the same file.
LOCAL_REFERENCE = re.compile(r"\s*(?:#|url\(\s*['\"]?#)")
FOREIGN_STYLE = re.compile(r"@import|url\(\s*(?!['\"]?#)|\\", re.IGNORECASE)
NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(?:px|pt|mm|cm|in|em)?\s*")


class InvalidLogo(ValueError):
    """A file that can't be used. The message is a full sentence to show next to the field."""


@dataclass(frozen=True)
class LogoPng:
    data: bytes
    size: Size


def read_logo(data: bytes) -> LogoPng:
    """Return the uploaded logo as a PNG that fits LOGO_BOX, or raise InvalidLogo."""
    if not data:
        raise InvalidLogo(_("This file is empty. Choose it again."))
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidLogo(file_too_large_message())
    if _looks_like_svg(data):
        data = rasterize_svg(data)
    return _encode(_fit(_decode(data), LOGO_BOX))


def file_too_large_message() -> str:
    return _("This file is larger than 2 MB. Save a smaller copy.")


def _looks_like_svg(data: bytes) -> bool:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in data[:20_000].lower()


def _decode(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=RASTER_FORMATS) as source:
            width, height = source.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                raise InvalidLogo(
                    _("This picture is too large. Save a copy that is 2000 pixels wide.")
                )
            source.load()
            image = source.convert("RGBA")
    except InvalidLogo:
        raise
    except Exception:
        # Decoders raise OSError, ValueError, SyntaxError, struct.error, EOFError and more.
        raise InvalidLogo(_("We can’t use this file. Try PNG, WebP, JPEG or SVG.")) from None
    image.info.clear()
    return image


def _fit(image: Image.Image, box: Size) -> Image.Image:
    """Cut the empty edges off, and shrink to the box."""
    edges = image.getchannel("A").getbbox()
    if edges is None:
        raise InvalidLogo(_("There is nothing to see in this picture."))
    image = image.crop(edges)
    width, height = image.size
    if not MIN_RATIO <= width / height <= MAX_RATIO:
        raise InvalidLogo(
            _("A logo may be up to twelve times as wide as it is high, or three times as high.")
        )
    scale = min(1.0, box[0] / width, box[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def _encode(image: Image.Image) -> LogoPng:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    if out.tell() > 40_000:
        # A logo has few colors; a photograph as a logo must not weigh on every page.
        out = io.BytesIO()
        image.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return LogoPng(out.getvalue(), image.size)


# --- SVG ---


def rasterize_svg(data: bytes) -> bytes:
    """Return a PNG of the SVG, drawn by a process that may do nothing else."""
    if len(data) > MAX_SVG_BYTES:
        raise InvalidLogo(_("This SVG is larger than 200 KB. Save it as PNG and choose that."))
    root = _read_svg(data)
    width, height = _fit_ratio(_svg_ratio(root), (1280, 320))
    command = [
        sys.executable,
        "-I",
        str(Path(__file__).with_name("svg_to_png.py")),
        str(width),
        str(height),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and two numbers
            command,
            input=ElementTree.tostring(root),
            capture_output=True,
            timeout=SVG_SECONDS,
            check=True,
            env={},
        )
    except (subprocess.SubprocessError, OSError):
        raise InvalidLogo(_("We can’t draw this SVG. Save it as PNG and choose that.")) from None
    return done.stdout


def _read_svg(data: bytes) -> ElementTree.Element:
    """Read an SVG and keep shapes only: no pictures, scripts, or references to other files."""
    try:
        root = SafeElementTree.fromstring(data)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError):
        raise InvalidLogo(
            _("This SVG is damaged, or not one we can read. Save it as PNG and choose that.")
        ) from None
    if root.tag not in (f"{SVG_NAMESPACE}svg", "svg"):
        raise InvalidLogo(_("We can’t use this file. Try PNG, WebP, JPEG or SVG."))
    if any(_local_name(element) in ("text", "tspan") for element in root.iter()):
        raise InvalidLogo(
            _("This SVG has text in it. Convert the text to outlines, or save it as PNG.")
        )
    _keep_shapes(root, 1)
    return root


def _keep_shapes(element: ElementTree.Element, depth: int) -> None:
    if depth > MAX_SVG_DEPTH:
        raise InvalidLogo(_("This SVG is too complicated. Save it as PNG and choose that."))
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2].lower()
        is_link = local in ("href", "src") and not LOCAL_REFERENCE.match(value)
        if is_link or local.startswith("on") or local == "base" or FOREIGN_STYLE.search(value):
            del element.attrib[name]
    if _local_name(element) == "style" and FOREIGN_STYLE.search(element.text or ""):
        element.text = ""
    for child in list(element):
        if _local_name(child) in SVG_SHAPES:
            _keep_shapes(child, depth + 1)
        else:
            element.remove(child)


def _local_name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _svg_ratio(root: ElementTree.Element) -> float:
    """Return width divided by height, from the view box or from the two attributes."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        width, height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        found = [NUMBER.fullmatch(root.get(name, "")) for name in ("width", "height")]
        width, height = (float(match[1]) if match else 0 for match in found)
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise InvalidLogo(_("This SVG does not say how large it is. Save it as PNG instead."))
    return width / height


def _fit_ratio(ratio: float, box: Size) -> Size:
    width = min(box[0], round(box[1] * ratio))
    return max(1, width), max(1, min(box[1], round(width / ratio)))


# --- icons ---


@dataclass(frozen=True)
class IconColors:
    """The colors of an icon that has to be drawn: ground, letter, and the hills of the mark."""

    paper: str
    accent: str
    on_accent: str
    sky: str
    sun: str
    leaf: str


def make_icon(
    size: int, colors: IconColors, *, logo: bytes | None, letter: str, is_opaque: bool = False
) -> bytes:
    """Draw a square icon: the logo if it is about square, else a letter, else the drawn mark."""
    scale = 4
    image = Image.new("RGBA", (size * scale, size * scale), (0, 0, 0, 0))
    if logo is None:
        _draw_mark(image, colors)
    else:
        with Image.open(io.BytesIO(logo), formats=["PNG"]) as opened:
            picture = opened.convert("RGBA")
        if picture.width / picture.height <= MAX_ICON_RATIO:
            _draw_logo(image, picture, colors)
        else:
            _draw_letter(image, letter, colors)
    if is_opaque:
        # Phones fill transparent corners with black.
        ground = Image.new("RGBA", image.size, colors.paper)
        ground.alpha_composite(image)
        image = ground
    out = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_logo(image: Image.Image, logo: Image.Image, colors: IconColors) -> None:
    # On the paper of the site: a dark logo would vanish in the tabs of a dark browser.
    side = image.width
    ImageDraw.Draw(image).rounded_rectangle(
        (0, 0, side - 1, side - 1), radius=side // 6, fill=colors.paper
    )
    room = side * 4 // 5
    scale = room / max(logo.size)
    fitted = logo.resize(
        (max(1, round(logo.width * scale)), max(1, round(logo.height * scale))),
        Image.Resampling.LANCZOS,
    )
    place = ((side - fitted.width) // 2, (side - fitted.height) // 2)
    image.alpha_composite(fitted, place)


def _draw_letter(image: Image.Image, letter: str, colors: IconColors) -> None:
    side = image.width
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side // 6, fill=colors.accent)
    path = settings.BASE_DIR / "static" / "fonts" / "fraunces-latin.woff2"
    font = ImageFont.truetype(path, round(side * 0.66))
    font.set_variation_by_axes([600])
    pen.text((side / 2, side / 2), letter, font=font, fill=colors.on_accent, anchor="mm")


def _draw_mark(image: Image.Image, colors: IconColors) -> None:
    """Draw the arch with its sun and two hills, as templates/components/logo.html does."""
    side = image.width
    pen = ImageDraw.Draw(image)
    left, width = side * 0.1, side * 0.8
    pen.ellipse((left, 0, left + width, width), fill=colors.sky)
    pen.rectangle((left, width / 2, left + width, side), fill=colors.sky)
    sun = side * 0.17
    pen.ellipse(
        (side / 2 - sun, side * 0.42 - sun, side / 2 + sun, side * 0.42 + sun), fill=colors.sun
    )
    for top, rise, color in ((0.66, 0.1, colors.leaf), (0.83, 0.06, colors.accent)):
        hill = [(left + width * at / 20, side * (top - rise * _bump(at / 20))) for at in range(21)]
        pen.polygon([*hill, (left + width, side), (left, side)], fill=color)


def _bump(at: float) -> float:
    return 4 * at * (1 - at) - 0.5 * at
