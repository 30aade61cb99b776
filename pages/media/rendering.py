"""Render pictures as `<picture>` with all sizes, and with dimensions that reserve their space.

In stored text a picture is an `img` with the UUID of its row in `data-file`. Stored text contains
no other `img`.
"""

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
    return mark_safe(html)  # noqa: S308 - every value escaped or a number
