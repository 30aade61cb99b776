"""Render pictures as `<picture>` with all sizes, and with dimensions that reserve their space.

In stored text a picture is an `img` with the UUID of its row in `data-file`. Stored text contains
no other `img`.

Also draws covers for articles without a picture: fixed shapes, placed by a hash of a seed. The
markup holds no character of the seed, so it needs no escaping.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import Literal
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from pages.media import files
from pages.media.models import Focus, Picture, VariantState

FIGURE_RE = re.compile(
    r"<figure(?P<class>[^>]*)>\s*(?P<img><img[^>]*>)(?P<rest>.*?)</figure>", re.S
)
IMG_RE = re.compile(r"<img[^>]*>")
# Three or more pictures in a row, with no text between them.
FIGURE_ROW_RE = re.compile(r"(?:<figure[^>]*>(?:(?!</figure>).)*</figure>\s*){3,}", re.S)
PICTURE_ID_RE = re.compile(r'\sdata-file="([0-9a-fA-F-]{32,36})"')
ALT_RE = re.compile(r'\salt="([^"]*)"')
TEXT_SIZES = "(min-width: 42rem) 38rem, calc(100vw - 2rem)"
GALLERY_SIZES = "(min-width: 42rem) 13rem, calc(50vw - 1.5rem)"
COVER_SIZES = "(min-width: 50rem) 46rem, calc(100vw - 2rem)"
CARD_SIZES = "(min-width: 60rem) 22rem, (min-width: 40rem) 45vw, calc(100vw - 2rem)"
# "first" is for the main picture of a page; "late" loads only when scrolled to.
FetchPriority = Literal["first", "now", "late"]
FETCH_ATTRIBUTES: dict[FetchPriority, list[str]] = {
    "first": ['fetchpriority="high"'],
    "now": [],
    "late": ['loading="lazy"', 'decoding="async"'],
}
PORTRAIT_SIZES = "18rem"
SMALL_PORTRAIT_SIZES = "6rem"


def find_picture_ids(*texts: str) -> list[UUID]:
    """Return the UUIDs of the pictures in stored texts, in order and without duplicates."""
    uuids: dict[UUID, None] = {}
    for text in texts:
        for value in PICTURE_ID_RE.findall(text or ""):
            if (uuid := _parse_uuid(value)) is not None:
                uuids[uuid] = None
    return list(uuids)


def render_pictures(html: str) -> str:
    """Render the figures of clean markup as `<picture>`. One query, or none without pictures."""
    if "<img" not in html:
        return html
    rows = Picture.objects.in_bulk(find_picture_ids(html))
    return render_figures(html, rows)


def render_feed_pictures(
    html: str, rows: Mapping[UUID, Picture], absolute: Callable[[str], str]
) -> str:
    """Render pictures for feed readers: one file each, with an absolute URL."""

    def plain(tag: str) -> str:
        picture = _find_picture(tag, rows)
        if picture is None:
            return ""
        alt = ALT_RE.search(tag)
        alt_text = unescape(alt[1]) if alt else picture.alt_text
        return (
            f'<img src="{escape(absolute(picture.first_url))}" width="{picture.width}" '
            f'height="{picture.height}" alt="{escape(alt_text)}">'
        )

    html = FIGURE_RE.sub(lambda match: _render_figure(match, rows), html)
    return IMG_RE.sub(lambda match: plain(match[0]), html)


def render_figures(html: str, rows: Mapping[UUID, Picture]) -> str:
    """Render figures and galleries. A figure without its picture is removed with its caption."""
    html = FIGURE_RE.sub(lambda match: _render_figure(match, rows), html)
    parts, at = [], 0
    for row in FIGURE_ROW_RE.finditer(html):
        parts.append(_render_imgs(html[at : row.start()], rows, TEXT_SIZES))
        parts.append(
            f'<div class="gallery">{_render_imgs(row[0].strip(), rows, GALLERY_SIZES)}</div>'
        )
        at = row.end()
    return "".join([*parts, _render_imgs(html[at:], rows, TEXT_SIZES)])


def _render_imgs(html: str, rows: Mapping[UUID, Picture], sizes: str) -> str:
    return IMG_RE.sub(lambda match: _render_img(match[0], rows, sizes), html)


def add_img_sources(html: str) -> str:
    """Add a `src` to each picture, for showing the text in the editor."""
    if "<img" not in html:
        return html
    rows = Picture.objects.in_bulk(find_picture_ids(html))
    return IMG_RE.sub(lambda match: _add_img_source(match[0], rows), html)


def picture_markup(
    picture: Picture, *, sizes: str, fetch: FetchPriority = "late", alt: str | None = None
) -> SafeString:
    """Render one picture.

    `alt` overrides the alt text of the library; `sizes` is the HTML attribute of that name.
    """
    alt_text = picture.alt_text if alt is None else alt
    attributes = [
        f'src="{escape(picture.first_url)}"',
        f'width="{picture.width}"',
        f'height="{picture.height}"',
        f'alt="{escape(alt_text)}"',
        *FETCH_ATTRIBUTES[fetch],
    ]
    if picture.focus != Focus.CENTRE:
        attributes.append(f'class="focus-{Focus(picture.focus).value}"')
    if picture.variants != VariantState.MADE:
        return _mark_safe(f"<img {' '.join(attributes)}>")
    sources = [
        f'<source type="{files.CONTENT_TYPES[ending]}" srcset="{_build_srcset(picture, ending)}" '
        f'sizes="{escape(sizes)}">'
        for ending in ("avif", "webp")
    ]
    attributes.insert(1, f'srcset="{_build_srcset(picture, "jpg")}" sizes="{escape(sizes)}"')
    return _mark_safe(f"<picture>{''.join(sources)}<img {' '.join(attributes)}></picture>")


def _render_figure(match: re.Match[str], rows: Mapping[UUID, Picture]) -> str:
    picture = _find_picture(match["img"], rows)
    if picture is None:
        return ""
    credit = f'<small class="credit">{escape(picture.credit)}</small>' if picture.credit else ""
    rest = match["rest"]
    if credit:
        has_caption = "</figcaption>" in rest
        rest = (
            rest.replace("</figcaption>", f" · {credit}</figcaption>", 1)
            if has_caption
            else f"<figcaption>{credit}</figcaption>{rest}"
        )
    return f"<figure{match['class']}>{match['img']}{rest}</figure>"


def _render_img(tag: str, rows: Mapping[UUID, Picture], sizes: str) -> str:
    picture = _find_picture(tag, rows)
    if picture is None:
        return ""
    alt = ALT_RE.search(tag)
    return picture_markup(picture, sizes=sizes, alt=unescape(alt[1]) if alt else None)


def _add_img_source(tag: str, rows: Mapping[UUID, Picture]) -> str:
    picture = _find_picture(tag, rows)
    if picture is None or " src=" in tag:
        return tag
    return tag.replace("<img", f'<img src="{escape(picture.first_url)}"', 1)


def _find_picture(tag: str, rows: Mapping[UUID, Picture]) -> Picture | None:
    value = PICTURE_ID_RE.search(tag)
    uuid = _parse_uuid(value[1]) if value else None
    return rows.get(uuid) if uuid else None


def _parse_uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _build_srcset(picture: Picture, ending: str) -> str:
    return ", ".join(
        f"{escape(picture.url(f'{width}.{ending}'))} {width}w"
        for width in files.variant_widths(picture.width)
    )


def _mark_safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - every value escaped, a number or a fixed shape


# --- drawn covers ---

COVER_WIDTH, COVER_HEIGHT = 320, 180

# Numbers of the art-1 to art-5 classes, chosen by eye so that the figures stand out from the
# background: sky and water, sun, far hill, near hill, foreground, left figure, right figure.
COVER_PALETTES = (
    (5, 1, 3, 2, 4, 4, 1),
    (5, 1, 2, 4, 3, 3, 1),
    (5, 1, 4, 3, 2, 4, 1),
    (2, 1, 3, 4, 5, 1, 3),
    (3, 1, 2, 4, 1, 5, 1),
)

RandomInt = Callable[[int, int], int]


def draw_cover(seed: str) -> SafeString:
    """Draw a landscape with two facing shapes; the same seed always gives the same picture."""
    pick = _make_picker(seed)
    sky, sun, far, near, front, left, right = COVER_PALETTES[pick(0, len(COVER_PALETTES) - 1)]
    figures = FIGURE_DRAWERS[pick(0, len(FIGURE_DRAWERS) - 1)]
    sun_at = pick(60, 260)
    # Apart from the sun, whose shine on the water has the color of some figures.
    middle = sun_at + (1 if sun_at < COVER_WIDTH // 2 else -1) * pick(80, 100)
    shapes = [
        f'<path class="art-{sky}" d="M0 0h{COVER_WIDTH}v{COVER_HEIGHT}H0z"/>',
        f'<circle class="art-{sun}" cx="{sun_at}" cy="{pick(52, 88)}" r="{pick(20, 34)}"/>',
        _draw_hill(far, pick(84, 104), pick, swing=26),
        _draw_hill(near, pick(108, 122), pick, swing=20),
        _draw_water(sky, sun, sun_at, pick(126, 132)),
        figures(middle, left, right),
        _draw_hill(front, pick(154, 162), pick, swing=8),
    ]
    return _wrap_svg(shapes)


def _make_picker(seed: str) -> RandomInt:
    digest = iter(hashlib.shake_256(seed.encode()).digest(64))
    return lambda low, high: low + next(digest) % (high - low + 1)


def _wrap_svg(shapes: list[str]) -> SafeString:
    start = (
        f'<svg class="art" viewBox="0 0 {COVER_WIDTH} {COVER_HEIGHT}" '
        'preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">'
    )
    return _mark_safe(start + "".join(shapes) + "</svg>")


def _draw_hill(color: int, height: int, pick: RandomInt, *, swing: int) -> str:
    start, middle, end = (height + pick(-swing, swing) // 2 for _ in range(3))
    up, down = height - pick(swing // 2, swing), height + pick(0, swing) // 2
    return (
        f'<path class="art-{color}" d="M0 {start}C{pick(36, 60)} {up} {pick(90, 120)} {up} '
        f'160 {middle}S{pick(250, 280)} {down} 320 {end}V{COVER_HEIGHT}H0z"/>'
    )


def _draw_water(color: int, shine: int, x: int, top: int) -> str:
    return (
        f'<path class="art-{color}" d="M0 {top}q160-7 320 0v54H0z"/>'
        f'<path class="art-{shine}" d="M{x - 34} {top + 6}h68l-6 4h-56z'
        'm10 9h48l-6 3h-36zm8 8h32l-5 3h-22z"/>'
    )


def _draw_people(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 42} 170c-4-26 1-46 17-52'
        ' 12 1 19 12 18 25-1 10-5 17-4 27z"/>'
        f'<circle class="art-{left}" cx="{x - 20}" cy="105" r="10"/>'
        f'<path class="art-{right}" d="M{x + 46} 170c4-25-1-44-17-50'
        '-12 1-19 12-18 24 1 10 5 16 4 26z"/>'
        f'<circle class="art-{right}" cx="{x + 24}" cy="108" r="9.5"/>'
    )


def _draw_half_circles(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 5} 98v64a32 32 0 0 1 0-64z"/>'
        f'<path class="art-{right}" d="M{x + 5} 98v64a32 32 0 0 0 0-64z"/>'
    )


def _draw_trees(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 22} 168c-24-28-18-60 0-88 18 28 24 60 0 88z"/>'
        f'<path class="art-{right}" d="M{x + 22} 168c-20-24-15-48 0-70 15 22 20 46 0 70z"/>'
    )


def _draw_stones(x: int, left: int, right: int) -> str:
    return (
        f'<ellipse class="art-{left}" cx="{x - 30}" cy="152" rx="27" ry="13"/>'
        f'<ellipse class="art-{right}" cx="{x - 28}" cy="132" rx="19" ry="9"/>'
        f'<ellipse class="art-{left}" cx="{x - 29}" cy="118" rx="11" ry="6"/>'
        f'<ellipse class="art-{right}" cx="{x + 32}" cy="153" rx="24" ry="12"/>'
        f'<ellipse class="art-{left}" cx="{x + 30}" cy="135" rx="15" ry="8"/>'
    )


FIGURE_DRAWERS = (_draw_people, _draw_half_circles, _draw_trees, _draw_stones)
