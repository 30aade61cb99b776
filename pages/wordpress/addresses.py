"""Assign URLs to imported articles and pages, and redirect the old WordPress URLs to them.

All paths are assigned before the first text is converted, so that internal links can be
rewritten. Anything imported earlier keeps its current path, even if staff have changed it since.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.urls import reverse

from pages.articles.models import Article, validate_article_slug
from pages.practice.people import Practitioner
from pages.publishing.redirects import MAX_PATH_CHARS, Redirect, is_local_path, normalize_old_path
from pages.site_pages.addresses import MAX_LEVELS, validate_path_available
from pages.site_pages.models import FreePage
from pages.wordpress import post_status, slugs
from pages.wordpress.models import ImportedItem, ImportedKind
from pages.wordpress.survey import ItemSummary, Survey, bare_host
from pages.wordpress.wxr.records import parse_id

DATE_RE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass
class Addresses:
    """New paths of all imported articles and pages, keyed by WordPress post ID."""

    survey: Survey
    # Keyed by WordPress post ID: the last path segment, and the full path on this site.
    slugs: dict[int, str] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    # Pages whose old path belongs to a built-in page here; the built-in page keeps that path.
    displaced: set[int] = field(default_factory=set)
    # Normalized old path to new path, for public items only.
    _new_of_old: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = ImportedItem.objects.of(self.survey.source, ImportedKind.ARTICLE, ImportedKind.PAGE)
        self._here = {
            (kind, int(key)): here
            for kind, key, here in rows.values_list("kind", "key", "object_key")
        }
        self._assign_article_paths()
        self._assign_page_paths()
        for item in self.survey.items.values():
            if item.state == post_status.PUBLIC:
                for old in self.old_paths(item):
                    self._new_of_old.setdefault(normalize_old_path(old), self.paths[item.id])

    # --- new paths ---
    def _assign_article_paths(self) -> None:
        current = dict(Article.objects.values_list("pk", "slug"))
        taken = set(current.values())
        for item in self._items_of_kind("article"):
            here = self._here.get(("article", item.id), "")
            slug = current.get(int(here), "") if here.isdigit() else ""
            if not slug:
                wanted = slugs.make_slug(item.slug, item.title) or f"article-{item.id}"
                slug = slugs.unique_slug(
                    wanted, lambda slug: slug in taken or not _is_valid_article_slug(slug)
                )
                taken.add(slug)
            self.slugs[item.id] = slug
            self.paths[item.id] = reverse("pages:article_detail", args=[slug])

    def _assign_page_paths(self) -> None:
        current = dict(FreePage.objects.values_list("pk", "path"))
        taken = set(current.values())
        for item in self._pages_top_down():
            if item.slug and not _is_available_page_path("/".join(self._old_slugs(item))):
                self.displaced.add(item.id)
            here = self._here.get(("page", item.id), "")
            path = current.get(int(here), "") if here.isdigit() else ""
            if not path:
                parent = self._parent(item)
                above = f"{self.paths[parent].strip('/')}/" if parent else ""
                wanted = slugs.make_slug(item.slug, item.title) or f"page-{item.id}"
                slug = slugs.unique_slug(
                    wanted.lower(),
                    lambda slug, above=above: (
                        f"{above}{slug}" in taken or not _is_available_page_path(f"{above}{slug}")
                    ),  # type: ignore[misc]
                )
                path = f"{above}{slug}"
                taken.add(path)
                self.parents[item.id] = parent
            self.slugs[item.id] = path.rsplit("/", 1)[-1]
            self.paths[item.id] = f"/{path}/"

    def _items_of_kind(self, kind: str) -> Iterator[ItemSummary]:
        return (item for item in self.survey.items.values() if item.kind == kind)

    def _pages_top_down(self) -> Iterable[ItemSummary]:
        return sorted(self._items_of_kind("page"), key=lambda item: len(self._ancestors(item)))

    def _ancestors(self, item: ItemSummary) -> list[int]:
        """Return the ancestor page IDs, nearest first; stop where the parents form a cycle."""
        ancestors: list[int] = []
        parent = item.parent
        while parent in self.survey.items and parent not in (item.id, *ancestors):
            if self.survey.items[parent].kind != "page":
                break
            ancestors.append(parent)
            parent = self.survey.items[parent].parent
        return ancestors

    def _parent(self, item: ItemSummary) -> int:
        """Return the nearest ancestor that can take a child page: paths have few levels."""
        for ancestor in self._ancestors(item):
            path = self.paths.get(ancestor, "").strip("/")
            if path and path.count("/") < MAX_LEVELS - 1 and len(path) < 270:
                return ancestor
        return 0

    # --- old paths ---
    def old_paths(self, item: ItemSummary) -> Iterator[str]:
        """Yield every old path that WordPress may have served this item under."""
        base = self.survey.base_path
        yield f"/?p={item.id}"
        if item.kind == "page":
            yield f"/?page_id={item.id}"
        for address in (item.link, item.guid):
            path = former_site_path(address, self.survey.own_hosts)
            # In "/blog/?p=7" the path is only the base path of the former site.
            if path and path.rstrip("/") != base:
                yield path
        slug = unquote(item.slug)
        if not slug:
            return
        if item.kind == "article" and (day := DATE_RE.match(item.day)):
            year, month, date = day.groups()
            yield f"{base}/{year}/{month}/{slug}/"
            yield f"{base}/{year}/{month}/{date}/{slug}/"
            yield f"{base}/{slug}/"
        elif item.kind == "page":
            yield f"{base}/{'/'.join(self._old_slugs(item))}/"

    def _old_slugs(self, item: ItemSummary) -> list[str]:
        slugs_above = [unquote(self.survey.items[key].slug) for key in self._ancestors(item)]
        return [*reversed(slugs_above), unquote(item.slug)]

    def link(self, href: str) -> str:
        """Rewrite a link into the former site to its new path; return other links unchanged."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return href
        if parts.scheme not in ("", "http", "https") or (not parts.netloc and not parts.path):
            return href
        if parts.netloc and bare_host(href) not in self.survey.own_hosts:
            return href
        key = normalize_old_path(f"{unquote(parts.path) or '/'}?{parts.query}")
        if not parts.path.strip("/") and not key:
            return "/" if parts.netloc and not parts.query else href
        new = self._new_of_old.get(key) or self._by_number(parts.query)
        if new is None:
            return href
        return f"{new}#{parts.fragment}" if parts.fragment else new

    def _by_number(self, query: str) -> str | None:
        for name in ("p", "page_id"):
            item = self.survey.items.get(parse_id(parse_qs(query).get(name, [""])[0]))
            if item and item.state == post_status.PUBLIC:
                return self.paths[item.id]
        return None

    def add_redirects(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Create the redirects that do not exist yet and return how many were inserted.

        Uses a few bulk queries. Redirects made by staff are not overwritten.
        """
        new_paths: dict[str, str] = {}
        for old, new in pairs:
            key = normalize_old_path(old)
            if (
                key
                and key != normalize_old_path(new)
                and len(key) <= MAX_PATH_CHARS
                and is_local_path(new)
            ):
                new_paths.setdefault(key, new)
        existing = set(
            Redirect.objects.filter(old_path__in=new_paths).values_list("old_path", flat=True)
        )
        rows = [
            Redirect(old_path=old, new_path=new)
            for old, new in new_paths.items()
            if old not in existing
        ]
        Redirect.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)


def former_site_path(address: str, hosts: set[str]) -> str:
    """Return the path (or `/?query`) of a URL on the former site; "" for any other URL."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if bare_host(address) not in hosts:
        return ""
    path = re.sub("/{2,}", "/", unquote(parts.path))
    if path.strip("/"):
        return path
    return f"/?{parts.query}" if parts.query else ""


def _is_valid_article_slug(slug: str) -> bool:
    try:
        validate_article_slug(slug)
    except ValidationError:
        return False
    return True


def _is_available_page_path(path: str) -> bool:
    try:
        validate_path_available(path)
    except ValidationError:
        return False
    return True


# Redirects for archives, feeds, authors and attachment pages.

FILE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".pdf")


def list_redirects(addresses: Addresses) -> Iterator[tuple[str, str]]:
    """Yield redirects for feeds and for year and month archives that contain public articles."""
    base = addresses.survey.base_path
    if base:
        yield f"{base}/", reverse("pages:home")
    feed = reverse("pages:feed_rss")
    for path in ("feed", "feed/rss", "feed/rss2", "rss", "rss2"):
        yield f"{base}/{path}/", feed
    yield "/?feed=rss2", feed
    yield f"{base}/feed/atom/", reverse("pages:feed_atom")
    months = {
        item.day[:7]
        for item in addresses.survey.items.values()
        if item.kind == "article"
        and item.state == post_status.PUBLIC
        and post_status.is_valid_date(item.day)
    }
    for month in sorted(months):
        year, _dash, number = month.partition("-")
        new = reverse("pages:article_year", args=[int(year)])
        yield f"{base}/{year}/", new
        yield f"{base}/{year}/{number}/", new
        yield f"/?m={year}{number}", new


def author_redirects(
    addresses: Addresses, people: Mapping[str, Practitioner | None]
) -> Iterator[tuple[str, str]]:
    """Yield redirects from author archives to the practitioner's page, or else to all articles."""
    for login, person in people.items():
        is_shown = person is not None and person.is_published
        new = person.get_absolute_url() if person and is_shown else reverse("pages:article_list")
        yield f"{addresses.survey.base_path}/author/{login.lower().replace(' ', '-')}/", new


def attachment_redirects(addresses: Addresses) -> Iterator[tuple[str, str]]:
    """Yield redirects from attachment pages to the public item the file was uploaded to.

    WordPress gives every uploaded picture a page of its own.
    """
    survey = addresses.survey
    for number, picture in survey.attachments.items():
        item = survey.items.get(picture.parent)
        if item is None or item.state != post_status.PUBLIC:
            continue
        new = addresses.paths[item.id]
        yield f"/?attachment_id={number}", new
        path = former_site_path(survey.attachment_links.get(number, ""), survey.own_hosts)
        if path and not path.lower().endswith(FILE_SUFFIXES):
            yield path, new
