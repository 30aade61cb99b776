"""Build search documents from content, and load public content for search hits.

A document holds the text the index stores for one object. What visitors see of a hit is read from
the object itself, so that unpublished content is never shown even if the index is out of date.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from pages.articles.models import MIN_ARTICLES_PER_TAG, Article, Category, Tag
from pages.practice.models import FrequentQuestion, PracticeProfile, Practitioner, Service
from pages.publishing.models import Status, expand_text_blocks
from pages.site_pages.models import FreePage, SitePage, is_offered
from pages.site_pages.variables import fill_variables
from pages.text.outline import plain_text

ALWAYS_PUBLIC = datetime(1970, 1, 1, tzinfo=UTC)
# PostgreSQL limits a tsvector to one megabyte.
MAX_BODY_CHARS = 200_000


@dataclass(frozen=True)
class Document:
    """The text of one object as the index stores it."""

    kind: str
    object_id: str
    title: str
    summary: str
    body: str
    public_from: datetime | None = ALWAYS_PUBLIC  # None: not public at all


@dataclass(frozen=True)
class PublicItem:
    """What a visitor may see of a hit, read from the object itself."""

    title: str
    url: str
    summary: str
    kind: str


def normalize_text(text: str) -> str:
    """Put text on one line, compose accents, and drop other combining marks (Hebrew vowels)."""
    joined = unicodedata.normalize("NFC", text)
    bare = (char for char in joined if not unicodedata.combining(char) and char != "\0")
    return " ".join("".join(bare).split())


def _build_document(
    kind: str, row: Model, title: str, summary: str, *body: str, **facts: Any
) -> Document:
    return Document(
        kind,
        str(facts.pop("object_id", row.pk)),
        normalize_text(title),
        normalize_text(summary),
        normalize_text(" ".join(body))[:MAX_BODY_CHARS],
        **facts,
    )


def article_document(row: Article) -> Document:
    since = row.published_at if row.status == Status.PUBLISHED else None
    return _build_document(
        "article", row, row.title, row.summary, _indexed_text(row.body), public_from=since
    )


def free_page_document(row: FreePage) -> Document:
    practice = PracticeProfile.load()
    since = row.published_at if row.status == Status.PUBLISHED else None
    lead, body = (
        fill_variables(row.lead, practice),
        fill_variables(_indexed_text(row.body), practice),
    )
    return _build_document("free_page", row, row.title, lead, body, public_from=since)


def _indexed_text(html: str) -> str:
    """Return the plain text, including reusable blocks of text.

    Other kinds of block, such as fees and questions, are left out and found on their own pages.
    """
    return plain_text(expand_text_blocks(html))


@lru_cache(maxsize=32)
def _default_page_text(html: str) -> str:
    """Return the plain text of a page, cached.

    Any change to the practice's details reindexes these pages, so they are read often.
    """
    return plain_text(html)


def site_page_document(row: SitePage, practice: PracticeProfile | None = None) -> Document:
    practice = practice or PracticeProfile.load()
    title, lead = fill_variables(row.title, practice), fill_variables(row.lead, practice)
    body = fill_variables(_default_page_text(expand_text_blocks(row.body)), practice)
    return _build_document("site_page", row, title, lead, body, object_id=row.key)


def service_document(row: Service) -> Document:
    body = f"{'; '.join(row.who_for_list)}. {plain_text(row.body)}"
    since = ALWAYS_PUBLIC if row.is_published else None
    return _build_document("service", row, row.title, row.summary, body, public_from=since)


def question_document(row: FrequentQuestion) -> Document:
    return _build_document("question", row, row.question, "", plain_text(row.answer))


def practitioner_document(row: Practitioner) -> Document:
    texts = [plain_text(html) for html in (row.about_me, row.approach, row.what_to_expect)]
    texts += ["; ".join(row.lines(name)) for name in ("specialties", "methods", "languages")]
    since = ALWAYS_PUBLIC if row.is_published else None
    return _build_document(
        "person", row, row.name, f"{row.role} {row.intro}", *texts, public_from=since
    )


def category_document(row: Category) -> Document:
    return _build_document("category", row, row.name, row.summary)


def tag_document(row: Tag) -> Document:
    return _build_document("tag", row, row.name, "")


# For each model its kind and the function that builds a document from a row.
DOCUMENT_BUILDERS: dict[type[Model], tuple[str, Callable[[Any], Document]]] = {
    Article: ("article", article_document),
    FreePage: ("free_page", free_page_document),
    Service: ("service", service_document),
    FrequentQuestion: ("question", question_document),
    Practitioner: ("person", practitioner_document),
    Category: ("category", category_document),
    Tag: ("tag", tag_document),
}


def site_page_documents() -> list[Document]:
    """Build the documents of all site pages, stored or default.

    Any of them may contain details of the practice.
    """
    practice = PracticeProfile.load()
    return [site_page_document(page, practice) for page in SitePage.all_pages()]


def all_documents() -> Iterator[Document]:
    """Build the documents of everything that can be searched."""
    yield from site_page_documents()
    for model, (_kind, make) in DOCUMENT_BUILDERS.items():
        for row in model._default_manager.order_by("pk").iterator(chunk_size=200):
            yield make(row)


def load_public_items(
    hits: Iterable[tuple[str, str]], *, now: datetime, practice: PracticeProfile
) -> dict[tuple[str, str], PublicItem]:
    """Load the public items for hits of (kind, object_id), with one query per kind.

    Hits that are not public are left out, whatever the index says.
    """
    wanted: dict[str, list[str]] = {}
    for kind, object_id in hits:
        wanted.setdefault(kind, []).append(object_id)
    return {
        (kind, object_id): line
        for kind, ids in wanted.items()
        if kind in PUBLIC_ITEM_LOADERS
        for object_id, line in PUBLIC_ITEM_LOADERS[kind](ids, now, practice)
    }


PublicItems = Iterator[tuple[str, PublicItem]]


def _public_articles(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    rows = Article.objects.published(now).filter(pk__in=ids)
    for row in rows.only("title", "slug", "summary"):
        yield str(row.pk), PublicItem(row.title, row.get_absolute_url(), row.summary, _("Article"))


def _public_free_pages(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    for row in FreePage.objects.published(now).filter(pk__in=ids).defer("body", "search_text"):
        lead = fill_variables(row.lead, practice)
        yield str(row.pk), PublicItem(row.title, row.get_absolute_url(), lead, _("Page"))


def _public_site_pages(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    for page in SitePage.all_pages():
        if page.key in ids and is_offered(page.key, practice):
            title, lead = fill_variables(page.title, practice), fill_variables(page.lead, practice)
            yield page.key, PublicItem(title, page.get_absolute_url(), lead, _("Page"))


def _public_services(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    for row in Service.objects.published().filter(pk__in=ids):
        yield str(row.pk), PublicItem(row.title, row.get_absolute_url(), row.summary, _("Service"))


def _public_questions(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    for row in FrequentQuestion.objects.filter(pk__in=ids):
        answer = plain_text(row.answer)
        yield str(row.pk), PublicItem(row.question, row.get_absolute_url(), answer, _("Question"))


def _public_practitioners(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    for row in Practitioner.objects.published().filter(pk__in=ids):
        yield str(row.pk), PublicItem(row.name, row.get_absolute_url(), row.intro, row.role)


def _public_categories(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    articles = Article.objects.published(now)
    holds_something = Exists(articles.filter(category=OuterRef("pk"))) | Exists(
        articles.filter(more_categories=OuterRef("pk"))
    )
    for row in Category.objects.filter(holds_something, pk__in=ids):
        yield str(row.pk), PublicItem(row.name, row.get_absolute_url(), row.summary, _("Topic"))


def _public_tags(ids: list[str], now: datetime, practice: PracticeProfile) -> PublicItems:
    articles = Article.objects.published(now)
    count = Count("articles", filter=Q(articles__in=articles))
    rows = Tag.objects.filter(pk__in=ids).annotate(count=count)
    for row in rows.filter(count__gte=MIN_ARTICLES_PER_TAG):
        yield str(row.pk), PublicItem(row.name, row.get_absolute_url(), "", _("Topic"))


PUBLIC_ITEM_LOADERS: dict[str, Callable[[list[str], datetime, PracticeProfile], PublicItems]] = {
    "article": _public_articles,
    "free_page": _public_free_pages,
    "site_page": _public_site_pages,
    "service": _public_services,
    "question": _public_questions,
    "person": _public_practitioners,
    "category": _public_categories,
    "tag": _public_tags,
}
