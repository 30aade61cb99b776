"""Export everything public: as WXR for WordPress and this site, as JSON, and with the pictures.

Only what readers can see is exported: no commenters' email addresses, no drafts, nothing that is
awaiting moderation.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.utils import formats
from django.utils.translation import gettext as _

from consultations.comments.models import Comment
from pages.articles.models import Article, Category, Tag
from pages.files import write_atomically
from pages.look.export import look_data, look_files
from pages.look.models import Look
from pages.media.models import Picture
from pages.media.rendering import find_picture_ids
from pages.practice.models import PracticeProfile, Practitioner
from pages.publishing.redirects import Redirect
from pages.site_pages.models import FreePage, SitePage
from pages.wordpress import site_export_meta
from pages.wordpress.wxr import writer
from pages.wordpress.wxr.records import Author, ExportedComment, ExportHead, Item, ItemTerm, Term


@dataclass
class PublicContent:
    """Everything public at one moment, with the IDs it gets in the file."""

    now: datetime
    numbers: dict[tuple[str, object], int] = field(default_factory=dict)
    pictures: dict[UUID, Picture] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.practice = PracticeProfile.load()
        self.look = Look.load()
        articles = Article.objects.published(self.now)
        self.articles = articles.select_related("author", "category", "cover").order_by("pk")
        self.pages = FreePage.objects.published(self.now).order_by("path")
        self.practitioners = list(Practitioner.objects.published())
        self.site_pages = list(SitePage.objects.order_by("key"))
        self.categories = self._public_categories()
        self.tags = list(Tag.objects.filter(articles__in=articles).distinct())
        self.old_paths: dict[str, list[str]] = {}
        for old, new in Redirect.objects.order_by("pk").values_list("old_path", "new_path"):
            self.old_paths.setdefault(new, []).append(old)

    def _public_categories(self) -> list[Category]:
        """Return the used categories and their ancestors; one used only by drafts is not public."""
        everything = {row.pk: row for row in Category.objects.select_related("parent")}
        used = set(self.articles.values_list("category", flat=True))
        used |= set(
            self.articles.exclude(more_categories=None).values_list("more_categories", flat=True)
        )
        for pk in list(used):
            above = everything[pk].parent_id
            while above and above not in used:
                used.add(above)
                above = everything[above].parent_id
        return [row for pk, row in everything.items() if pk in used]

    def number(self, kind: str, key: object) -> int:
        """Return the ID of an object in the file, assigning the next one if it has none."""
        return self.numbers.setdefault((kind, key), len(self.numbers) + 1)

    def find_pictures(self) -> None:
        """Load the pictures that public texts and covers use, and no others from the library."""
        wanted: dict[UUID, None] = {}
        for article in self.articles.iterator(chunk_size=100):
            wanted |= dict.fromkeys(find_picture_ids(article.body, article.references))
            if article.cover_id:
                wanted[article.cover_id] = None
        for page in self.pages.iterator(chunk_size=100):
            wanted |= dict.fromkeys(find_picture_ids(page.body))
        if self.look.home_picture_id:
            wanted[self.look.home_picture_id] = None
        self.pictures = {row.pk: row for row in Picture.objects.filter(pk__in=wanted)}

    def comments(self, article: Article) -> Iterator[tuple[Comment, int, int]]:
        """Yield published comments as readers see them, with their ID and their parent's (or 0)."""
        rows = list(
            Comment.objects.published()
            .filter(article=article)
            .only("uuid", "parent_id", "published_name", "published_html", "published_at",
                  "by_practice", "practitioner_id")
            .order_by("published_at", "public_id")
        )  # fmt: skip
        shown = {row.pk for row in rows}
        for row in rows:
            parent = row.parent_id if row.parent_id in shown else None
            yield (
                row,
                self.number("comment", row.pk),
                self.number("comment", parent) if parent else 0,
            )


def picture_file_name(picture: Picture) -> str:
    return f"{picture.pk}.jpg"


UPLOADS_PATH = "/wp-content/uploads"
PRACTICE_LOGIN = "practice"  # author of replies that name no practitioner
IMAGE_PATTERN = re.compile(r'<img data-file="([0-9a-f-]{36})" alt="([^"]*)">')


def write_export(folder: Path, *, now: datetime) -> Counter[str]:
    """Write site.xml, site.json, media/, look/ and README.txt; return the counts by kind."""
    public = PublicContent(now)
    public.find_pictures()
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    for picture in public.pictures.values():
        if picture.master_path.is_file():
            shutil.copyfile(picture.master_path, media / picture_file_name(picture))
            counts["pictures"] += 1
    for name, content in look_files(public.look).items():
        write_atomically(folder / "look" / name, content)
    wxr = writer.write_wxr(_wxr_head(public), _wxr_items(public, counts))
    write_atomically(folder / "site.xml", (piece.encode() for piece in wxr))
    data = json.dumps(site_data(public), ensure_ascii=False, indent=1)
    write_atomically(folder / "site.json", data.encode())
    write_atomically(folder / "README.txt", _readme_text(public).encode())
    return counts


def _readme_text(public: PublicContent) -> str:
    day = formats.date_format(public.now, "DATE_FORMAT")
    about = {"name": public.practice.name, "day": day}
    return (
        _(
            """The website of %(name)s, as everybody could read it on %(day)s.

site.xml   All articles and pages, their categories, tags and published comments, in the format in
           which WordPress moves sites (WXR 1.2). WordPress reads it under Tools, Import. This
           software reads it again with: manage.py import_wordpress site.xml --media media
site.json  The same for any other program: plain JSON, text as HTML, with the old addresses that
           lead on. "data-file" in a text names a picture: it is in media/ under that name.
media/     The pictures, as JPEG files.
look/      The stylesheet, logos and icons of your look, if you have chosen one; its choices are in
           site.json.

Not in here, on purpose: drafts and scheduled articles, comments that wait or were taken down, the
addresses of people who wrote comments, requests for consultations, and the accounts of staff. A
backup holds those.
"""
        )
        % about
    )


# --- WXR ---
def _wxr_head(public: PublicContent) -> ExportHead:
    authors = [
        Author(
            practitioner.slug, "", practitioner.name, str(public.number("person", practitioner.pk))
        )
        for practitioner in public.practitioners
    ]
    practice = Author(PRACTICE_LOGIN, "", public.practice.name, str(public.number("person", None)))
    categories = [
        Term(
            kind="category",
            slug=row.slug,
            name=escape(row.name, quote=False),
            parent=row.parent.slug if row.parent else "",
            description=escape(row.summary, quote=False),
            id=str(public.number("category", row.pk)),
        )
        for row in public.categories
    ]
    tags = [
        Term("tag", row.slug, escape(row.name, quote=False), id=str(public.number("tag", row.pk)))
        for row in public.tags
    ]
    return ExportHead("1.2", public.practice.name, settings.SITE_URL, settings.SITE_URL,
                [*authors, practice], [*categories, *tags])  # fmt: skip


def _wxr_items(public: PublicContent, counts: Counter[str]) -> Iterator[Item]:
    for picture in public.pictures.values():
        yield _attachment_item(public, picture)
    for page in public.site_pages:
        counts["site pages"] += 1
        yield _site_page_item(public, page)
    for free in public.pages.iterator(chunk_size=100):
        counts["pages"] += 1
        yield _page_item(public, free)
    rows = public.articles.prefetch_related("tags", "more_categories")
    for article in rows.iterator(chunk_size=100):
        counts["articles"] += 1
        item = _article_item(public, article)
        counts["comments"] += len(item.comments)
        yield item


def _article_item(public: PublicContent, article: Article) -> Item:
    item = _base_item(public, "post", article.pk, article, article.slug)
    item.excerpt = escape(article.summary, quote=False)
    if article.author is not None and article.author.is_published:
        item.creator = article.author.slug
    item.comment_status = "open" if article.comments_are_open else "closed"
    topics = [article.category, *article.more_categories.all()]
    item.terms = [ItemTerm("category", row.slug, escape(row.name)) for row in topics]
    item.terms += [ItemTerm("tag", row.slug, escape(row.name)) for row in article.tags.all()]
    item.meta |= {
        "_yoast_wpseo_primary_category": str(public.number("category", article.category_id)),
        site_export_meta.REFERENCES_KEY: _with_picture_urls(public, article.references),
        site_export_meta.CALL_HEADING_KEY: article.call_to_action_heading,
        site_export_meta.CALL_TEXT_KEY: article.call_to_action_text,
        site_export_meta.COMMENTS_CLOSE_ON_KEY: str(article.comments_close_on or ""),
    }
    if article.cover_id in public.pictures:
        item.meta["_thumbnail_id"] = str(public.number("picture", article.cover_id))
    item.comments = [
        ExportedComment(
            id=number,
            name=row.published_name,
            email="",
            text=row.published_html,
            date=writer.format_wxr_time(row.published_at),
            date_gmt=writer.format_wxr_time(row.published_at),
            approved="1",
            parent=parent,
            user_id=str(public.number("person", row.practitioner_id)) if row.by_practice else "",
        )
        for row, number, parent in public.comments(article)
    ]
    return item


def _page_item(public: PublicContent, page: FreePage) -> Item:
    item = _base_item(public, "page", page.pk, page, page.slug)
    item.excerpt = escape(page.lead, quote=False)
    item.order = page.order
    if page.parent is not None and page.parent.is_public(public.now):
        item.parent = public.number("page", page.parent_id)
    return item


def _base_item(
    public: PublicContent, kind: str, key: int, row: Article | FreePage, slug: str
) -> Item:
    number = public.number(kind, key)
    path = row.get_absolute_url()
    return Item(
        id=number,
        type=kind,
        status="publish",
        title=escape(row.title, quote=False),
        link=f"{settings.SITE_URL}{path}",
        guid=f"{settings.SITE_URL}/?p={number}",
        slug=slug,
        content=writer.wrap_html_block(_with_picture_urls(public, row.body)),
        date=writer.format_wxr_time(row.published_at),
        date_gmt=writer.format_wxr_time(row.published_at),
        modified_gmt=writer.format_wxr_time(row.updated_at),
        comment_status="closed",
        password="",
        meta={
            site_export_meta.UPDATED_ON_KEY: str(row.updated_on or ""),
            site_export_meta.OLD_PATHS_KEY: "\n".join(public.old_paths.get(path, [])),
            # Keys that WordPress SEO plugins read.
            "_yoast_wpseo_title": escape(row.search_title, quote=False),
            "_yoast_wpseo_metadesc": escape(row.search_description, quote=False),
        },
    )


def _site_page_item(public: PublicContent, page: SitePage) -> Item:
    """Export a built-in page that the practice has edited, as a normal page with extra meta."""
    number = public.number("site page", page.key)
    return Item(
        id=number,
        type="page",
        status="publish",
        title=escape(page.title, quote=False),
        link=f"{settings.SITE_URL}{page.get_absolute_url()}",
        guid=f"{settings.SITE_URL}/?p={number}",
        slug=page.key,
        content=writer.wrap_html_block(_with_picture_urls(public, page.body)),
        excerpt=escape(page.lead, quote=False),
        date=writer.format_wxr_time(page.updated_at),
        date_gmt=writer.format_wxr_time(page.updated_at),
        comment_status="closed",
        password="",
        meta={
            site_export_meta.SITE_PAGE_KEY: page.key,
            site_export_meta.UPDATED_ON_KEY: str(page.updated_on or ""),
        },
    )


def _attachment_item(public: PublicContent, picture: Picture) -> Item:
    number = public.number("picture", picture.pk)
    address = f"{settings.SITE_URL}{UPLOADS_PATH}/{picture_file_name(picture)}"
    return Item(
        id=number,
        type="attachment",
        status="inherit",
        title=escape(picture.name, quote=False),
        link=address,
        guid=address,
        slug=str(picture.pk),
        excerpt=escape(picture.caption, quote=False),
        date=writer.format_wxr_time(picture.uploaded_at),
        date_gmt=writer.format_wxr_time(picture.uploaded_at),
        password="",
        attachment_url=address,
        meta={"_wp_attachment_image_alt": escape(picture.alt, quote=False)},
    )


def _with_picture_urls(public: PublicContent, html: str) -> str:
    """Replace picture keys with the URLs used in the file, which other software understands."""

    def image(match: re.Match[str]) -> str:
        picture = public.pictures.get(UUID(match[1]))
        if picture is None:
            return ""
        address = f"{settings.SITE_URL}{UPLOADS_PATH}/{picture_file_name(picture)}"
        number = public.number("picture", picture.pk)
        return f'<img src="{address}" class="wp-image-{number}" alt="{match[2]}">'

    return IMAGE_PATTERN.sub(image, html)


# --- JSON ---

ARTICLE_FIELDS = (
    "title", "slug", "summary", "body", "references", "published_at", "updated_on",
    "comments_are_open", "call_to_action_heading", "call_to_action_text", "scene",
)  # fmt: skip
PAGE_FIELDS = ("title", "path", "lead", "body", "published_at", "updated_on", "order")


def site_data(public: PublicContent) -> dict[str, object]:
    """Return everything public as JSON-serializable values."""
    practice = public.practice
    return {
        "written_at": public.now.isoformat(),
        "address": settings.SITE_URL,
        "practice": {"name": practice.name, "tagline": practice.tagline, "phone": practice.phone},
        "look": look_data(public.look),
        "people": [
            {
                name: getattr(practitioner, name)
                for name in ("slug", "name", "role", "credentials", "intro")
            }
            for practitioner in public.practitioners
        ],
        "categories": [
            {
                "slug": row.slug,
                "name": row.name,
                "summary": row.summary,
                "parent": row.parent.slug if row.parent else None,
            }
            for row in public.categories
        ],
        "tags": [{"slug": row.slug, "name": row.name} for row in public.tags],
        "pages": [
            {"address": row.get_absolute_url(), **_select_fields(row, PAGE_FIELDS)}
            for row in public.pages
        ],
        "site_pages": [
            _select_fields(row, ("key", "title", "lead", "body", "updated_on"))
            for row in public.site_pages
        ],
        "articles": [
            _article_data(public, row)
            for row in public.articles.prefetch_related("tags", "more_categories")
        ],
        "pictures": [
            {
                "file": f"media/{picture_file_name(row)}",
                **_select_fields(row, ("name", "alt", "caption", "credit", "width", "height")),
            }
            for row in public.pictures.values()
        ],
        "old_addresses": {old: new for new, several in public.old_paths.items() for old in several},
    }


def _article_data(public: PublicContent, article: Article) -> dict[str, object]:
    is_named = article.author is not None and article.author.is_published
    return {
        "address": article.get_absolute_url(),
        **_select_fields(article, ARTICLE_FIELDS),
        "author": article.author.slug if article.author and is_named else None,
        "category": article.category.slug,
        "more_categories": [row.slug for row in article.more_categories.all()],
        "tags": [row.slug for row in article.tags.all()],
        "cover": str(article.cover_id) if article.cover_id else None,
        "comments": [
            {
                "number": number,
                "answers": parent or None,
                "name": row.published_name,
                "html": row.published_html,
                "published_at": str(row.published_at),
                "by_practice": row.by_practice,
            }
            for row, number, parent in public.comments(article)
        ],
    }


def _select_fields(row: Model, names: tuple[str, ...]) -> dict[str, object]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
