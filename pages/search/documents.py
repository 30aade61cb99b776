"""What the index holds of each kind of thing, and how a hit becomes a line of the answer."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from pages.articles.models import FEWEST_FOR_A_TAG, Article, Category, Tag
from pages.practice.models import FrequentQuestion, PracticeProfile, Practitioner, Service
from pages.publishing import blocks
from pages.publishing.models import Status
from pages.site_pages.models import FreePage, SitePage, is_offered
from pages.site_pages.variables import fill
from pages.text.outline import plain_text

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
# A column of PostgreSQL's kind for words holds a megabyte at most.
LONGEST_BODY = 200_000  # characters


@dataclass(frozen=True)
class Document:
    kind: str
    object_id: str
    title: str
    summary: str
    body: str
    public_from: datetime | None = ALWAYS  # None: not at all


@dataclass(frozen=True)
class Shown:
    """What a reader may see of a hit, read anew from the thing itself."""

    title: str
    url: str
    summary: str
    kind: str


def plain(text: str) -> str:
    """One line, accents joined with their letters, other marks (as of Hebrew vowels) left out."""
    joined = unicodedata.normalize("NFC", text)
    bare = (char for char in joined if not unicodedata.combining(char) and char != "\0")
    return " ".join("".join(bare).split())


def _document(
    kind: str, row: Model, title: str, summary: str, *body: str, **facts: Any
) -> Document:
    return Document(
        kind,
        str(facts.pop("object_id", row.pk)),
        plain(title),
        plain(summary),
        plain(" ".join(body))[:LONGEST_BODY],
        **facts,
    )


def of_article(row: Article) -> Document:
    since = row.published_at if row.status == Status.PUBLISHED else None
    return _document("article", row, row.title, row.summary, _words(row.body), public_from=since)


def of_free_page(row: FreePage) -> Document:
    practice = PracticeProfile.load()
    since = row.published_at if row.status == Status.PUBLISHED else None
    lead, body = fill(row.lead, practice), fill(_words(row.body), practice)
    return _document("free_page", row, row.title, lead, body, public_from=since)


def _words(html: str) -> str:
    """With own words of reusable blocks; fees and questions are found in their own places."""
    return plain_text(blocks.words_only(html))


@lru_cache(maxsize=32)
def _shipped_words(html: str) -> str:
    """Read over and over, as any change of the practice's facts may change these pages."""
    return plain_text(html)


def of_site_page(row: SitePage, practice: PracticeProfile | None = None) -> Document:
    practice = practice or PracticeProfile.load()
    title, lead = fill(row.title, practice), fill(row.lead, practice)
    body = fill(_shipped_words(blocks.words_only(row.body)), practice)
    return _document("site_page", row, title, lead, body, object_id=row.key)


def of_service(row: Service) -> Document:
    body = f"{'; '.join(row.who_for_list)}. {plain_text(row.body)}"
    since = ALWAYS if row.is_published else None
    return _document("service", row, row.title, row.summary, body, public_from=since)


def of_question(row: FrequentQuestion) -> Document:
    return _document("question", row, row.question, "", plain_text(row.answer))


def of_practitioner(row: Practitioner) -> Document:
    texts = (plain_text(html) for html in (row.about_me, row.approach, row.what_to_expect))
    since = ALWAYS if row.is_published else None
    return _document("person", row, row.name, f"{row.role} {row.intro}", *texts, public_from=since)


def of_category(row: Category) -> Document:
    return _document("category", row, row.name, row.summary)


def of_tag(row: Tag) -> Document:
    return _document("tag", row, row.name, "")


# Per model: its kind, and how one row becomes a document.
MAKERS: dict[type[Model], tuple[str, Callable[[Any], Document]]] = {
    Article: ("article", of_article),
    FreePage: ("free_page", of_free_page),
    Service: ("service", of_service),
    FrequentQuestion: ("question", of_question),
    Practitioner: ("person", of_practitioner),
    Category: ("category", of_category),
    Tag: ("tag", of_tag),
}


def site_pages() -> list[Document]:
    """All of them, stored or shipped: any may name facts of the practice."""
    practice = PracticeProfile.load()
    return [of_site_page(page, practice) for page in SitePage.all_pages()]


def everything() -> Iterator[Document]:
    yield from site_pages()
    for model, (_kind, make) in MAKERS.items():
        for row in model._default_manager.order_by("pk").iterator(chunk_size=200):
            yield make(row)


def shown(
    hits: Iterable[tuple[str, str]], *, now: datetime, practice: PracticeProfile
) -> dict[tuple[str, str], Shown]:
    """One query for each kind among the hits. What is not public is not shown, whatever the
    index says."""
    wanted: dict[str, list[str]] = {}
    for kind, object_id in hits:
        wanted.setdefault(kind, []).append(object_id)
    return {
        (kind, object_id): line
        for kind, ids in wanted.items()
        if kind in READERS
        for object_id, line in READERS[kind](ids, now, practice)
    }


Lines = Iterator[tuple[str, Shown]]


def _articles(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    rows = Article.objects.published(now).filter(pk__in=ids)
    for row in rows.only("title", "slug", "summary"):
        yield str(row.pk), Shown(row.title, row.get_absolute_url(), row.summary, _("Article"))


def _free_pages(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    for row in FreePage.objects.published(now).filter(pk__in=ids).defer("body", "search_text"):
        lead = fill(row.lead, practice)
        yield str(row.pk), Shown(row.title, row.get_absolute_url(), lead, _("Page"))


def _site_pages(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    for page in SitePage.all_pages():
        if page.key in ids and is_offered(page.key, practice):
            title, lead = fill(page.title, practice), fill(page.lead, practice)
            yield page.key, Shown(title, page.get_absolute_url(), lead, _("Page"))


def _services(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    for row in Service.objects.published().filter(pk__in=ids):
        yield str(row.pk), Shown(row.title, row.get_absolute_url(), row.summary, _("Service"))


def _questions(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    for row in FrequentQuestion.objects.filter(pk__in=ids):
        answer = plain_text(row.answer)
        yield str(row.pk), Shown(row.question, row.get_absolute_url(), answer, _("Question"))


def _people(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    for row in Practitioner.objects.published().filter(pk__in=ids):
        yield str(row.pk), Shown(row.name, row.get_absolute_url(), row.intro, row.role)


def _categories(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    articles = Article.objects.published(now)
    holds_something = Exists(articles.filter(category=OuterRef("pk"))) | Exists(
        articles.filter(more_categories=OuterRef("pk"))
    )
    for row in Category.objects.filter(holds_something, pk__in=ids):
        yield str(row.pk), Shown(row.name, row.get_absolute_url(), row.summary, _("Topic"))


def _tags(ids: list[str], now: datetime, practice: PracticeProfile) -> Lines:
    articles = Article.objects.published(now)
    count = Count("articles", filter=Q(articles__in=articles))
    rows = Tag.objects.filter(pk__in=ids).annotate(count=count)
    for row in rows.filter(count__gte=FEWEST_FOR_A_TAG):
        yield str(row.pk), Shown(row.name, row.get_absolute_url(), "", _("Topic"))


READERS: dict[str, Callable[[list[str], datetime, PracticeProfile], Lines]] = {
    "article": _articles,
    "free_page": _free_pages,
    "site_page": _site_pages,
    "service": _services,
    "question": _questions,
    "person": _people,
    "category": _categories,
    "tag": _tags,
}
