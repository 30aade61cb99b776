"""Convert one post or page to field values that fit this site's models; nothing is stored yet."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from pages.articles.models import Category, Tag
from pages.media.models import Picture
from pages.practice.people import Practitioner
from pages.publishing.models import Status
from pages.text.outline import plain_text
from pages.wordpress import post_status, site_export_meta
from pages.wordpress.addresses import Addresses
from pages.wordpress.html.context import ConversionContext
from pages.wordpress.html.markup import convert_content, html_to_text
from pages.wordpress.models import content_digest
from pages.wordpress.pictures import PictureImporter
from pages.wordpress.report import join_notes
from pages.wordpress.site_export_meta import ExtraFields
from pages.wordpress.terms import TermImporter
from pages.wordpress.wxr.records import ConversionNotes, Item, parse_id

MAX_TITLE_CHARS = 255
MAX_SUMMARY_CHARS = 300
SUMMARY_META_KEYS = (
    "_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description",
    "_genesis_description",
)  # fmt: skip
TITLE_META_KEYS = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_genesis_title")
# Templates of SEO plugins instead of text: "%%title%% %%sep%%", "%title%", "#post_title".
PLACEHOLDER_RE = re.compile(r"%\w+%|#\w{3,}|\{\w+\}")
MAX_SEARCH_TITLE_CHARS, MAX_SEARCH_DESCRIPTION_CHARS = 120, 200
MAIN_CATEGORY_META_KEYS = ("_yoast_wpseo_primary_category", "rank_math_primary_category")


class ItemFields(ExtraFields, total=False):
    """Model field values of an article or a page."""

    title: str
    body: str
    status: str
    published_at: datetime | None
    order: int
    lead: str
    summary: str
    author: Practitioner | None
    cover: Picture | None
    comments_are_open: bool
    category: Category
    search_title: str
    search_description: str


@dataclass(frozen=True)
class ConvertedItem:
    """An item converted to model field values, ready to be written."""

    item: Item
    kind: str
    status: post_status.ImportStatus
    fields: ItemFields
    # Articles only: further categories and tags.
    further: tuple[Category, ...] = ()
    tags: tuple[Tag, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        return item_digest(self.compared_fields, self.further, self.tags)

    @property
    def compared_fields(self) -> dict[str, object]:
        """The fields without a publication time that was made up during the import."""
        made_up = {"published_at"} if self.status.reason in ("no_date", "future_date") else set()
        return {name: value for name, value in self.fields.items() if name not in made_up}


def item_digest(
    fields: Mapping[str, object], further: Iterable[Category], tags: Iterable[Tag]
) -> str:
    """Return a digest that is equal for converted values and for the row stored from them."""
    values: dict[str, Any] = {name: getattr(value, "pk", value) for name, value in fields.items()}
    if at := values.get("published_at"):
        values["published_at"] = at.isoformat()
    values["further"] = sorted(str(row.pk) for row in further)
    values["tags"] = sorted(str(row.pk) for row in tags)
    return content_digest(values)


@dataclass
class ItemConverter:
    """Convert exported items to field values, using the assigned paths, terms and pictures."""

    addresses: Addresses
    terms: TermImporter
    pictures: PictureImporter
    people: Mapping[str, Practitioner | None]
    zone: ZoneInfo

    def convert(self, item: Item, kind: str, status: post_status.ImportStatus) -> ConvertedItem:
        notes = ConversionNotes()
        body = convert_content(item.content, self._conversion_context(item), notes)
        title = self._title(item, body, notes)
        is_public = status.state in (post_status.PUBLIC, post_status.SCHEDULED)
        fields: ItemFields = {
            "title": title,
            "body": body,
            "status": Status.PUBLISHED.value if is_public else Status.DRAFT.value,
            "published_at": status.published_at,
        }
        fields |= site_export_meta.extra_fields(item, kind)
        fields |= _search_engine_fields(item, kind)
        self._note_new_address(item, notes)
        if kind == "page":
            fields["order"] = min(item.order, 32_000)
            fields["lead"] = shorten_text(html_to_text(item.excerpt), 1_000)
            return ConvertedItem(item, kind, status, fields, notes=self._notes(status, notes))
        fields["summary"] = self._summary(item, notes)
        fields["author"] = self.people.get(item.creator)
        fields["cover"] = self._cover(item, notes)
        fields["comments_are_open"] = item.comment_status == "open"
        of_kind: dict[str, list[str]] = {"category": [], "tag": []}
        for term in item.terms:
            of_kind[term.kind].append(term.slug or "-".join(term.name.lower().split()))
        main = next((item.meta[key] for key in MAIN_CATEGORY_META_KEYS if item.meta.get(key)), "")
        fields["category"], further = self.terms.category(of_kind["category"], main)
        tags = [self.terms.tags[slug] for slug in dict.fromkeys(of_kind["tag"])]
        if item.is_sticky:
            notes.add("sticky")
        return ConvertedItem(
            item, kind, status, fields, tuple(further), tuple(tags), self._notes(status, notes)
        )

    def convert_site_page(self, item: Item) -> ConvertedItem:
        """Convert one of this site's built-in pages from its own export."""
        notes = ConversionNotes()
        fields: ItemFields = {
            "title": shorten_text(html_to_text(item.title), 120),
            "lead": html_to_text(item.excerpt),
            "body": convert_content(item.content, self._conversion_context(item), notes),
            **site_export_meta.extra_fields(item, "page"),
        }
        return ConvertedItem(
            item, "site page", post_status.ImportStatus(post_status.PUBLIC), fields
        )

    def _conversion_context(self, item: Item) -> ConversionContext:
        survey = self.addresses.survey
        return ConversionContext(
            picture=self.pictures.key,
            link=self.addresses.link,
            attachments=survey.attachments,
            own_pictures=survey.pictures_of(item.id),
            shared_blocks=survey.shared_blocks,
            footnotes=item.meta.get("footnotes", ""),
        )

    def _title(self, item: Item, body: str, notes: ConversionNotes) -> str:
        title = html_to_text(item.title)
        if not title:
            notes.add("no_title")
            title = _title_from_text(plain_text(body)) or self._dated_title(item)
        if len(title) > MAX_TITLE_CHARS:
            notes.add("title_cut", title[:80])
        return shorten_text(title, MAX_TITLE_CHARS)

    def _dated_title(self, item: Item) -> str:
        at = post_status.parse_time(item.date, item.date_gmt, self.zone)
        if at is None:
            return _("Untitled")
        return _("Untitled, %(date)s") % {"date": formats.date_format(at, "DATE_FORMAT")}

    def _summary(self, item: Item, notes: ConversionNotes) -> str:
        source = item.excerpt or (
            ""
            if site_export_meta.is_own_export(item)
            else _first_meta_text(item, SUMMARY_META_KEYS)
        )
        words = html_to_text(re.sub(r"\[/?[\w-]+[^\]]{0,500}\]", " ", source))
        if len(words) > MAX_SUMMARY_CHARS:
            notes.add("summary_cut")
        return shorten_text(words, MAX_SUMMARY_CHARS)

    def _cover(self, item: Item, notes: ConversionNotes) -> Picture | None:
        number = parse_id(item.meta.get("_thumbnail_id", ""))
        attachment = self.addresses.survey.attachments.get(number)
        if attachment is None:
            return None
        key = self.pictures.key(attachment.url, attachment.id)
        if not key:
            notes.add("cover_missing", attachment.url)
            return None
        return self.pictures.row(key)

    def _note_new_address(self, item: Item, notes: ConversionNotes) -> None:
        old, new = unquote(item.slug), self.addresses.slugs[item.id]
        if item.id in self.addresses.displaced:
            notes.add("displaced", new)
        elif old and old != new:
            notes.add("new_address", new)

    def _notes(
        self, status: post_status.ImportStatus, notes: ConversionNotes
    ) -> tuple[tuple[str, str], ...]:
        first = [(status.reason, "")] if status.reason else []
        return join_notes(first, notes.entries)


def _first_meta_text(item: Item, keys: tuple[str, ...]) -> str:
    """Return the first non-empty meta value that is text, not a plugin's template."""
    texts = (html_to_text(item.meta.get(key, "")) for key in keys)
    return next((text for text in texts if text and not PLACEHOLDER_RE.search(text)), "")


def _search_engine_fields(item: Item, kind: str) -> ItemFields:
    """Return the search title and description that the item sets.

    If an article has no excerpt, its description becomes the summary instead.
    """
    title, about = (
        _first_meta_text(item, TITLE_META_KEYS),
        _first_meta_text(item, SUMMARY_META_KEYS),
    )
    if kind == "article" and not item.excerpt.strip() and not site_export_meta.is_own_export(item):
        about = ""
    fields = {
        "search_title": shorten_text(title, MAX_SEARCH_TITLE_CHARS),
        "search_description": shorten_text(about, MAX_SEARCH_DESCRIPTION_CHARS),
    }
    return cast("ItemFields", {name: words for name, words in fields.items() if words})


def shorten_text(text: str, most: int) -> str:
    """Cut at a word boundary to at most `most` characters, with an ellipsis."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most // 2 else cut).rstrip(" ,;:–-") + "…"


def _title_from_text(words: str) -> str:
    """Return the first sentence of the text, shortened to title length."""
    first = re.split(r"(?<=[.!?。])\s", words, maxsplit=1)[0].rstrip(".")
    return shorten_text(first, 70)
