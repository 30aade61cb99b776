"""A visitor's words to published content, best first. Nothing of it is stored or logged."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from pages.articles.models import Article
from pages.practice.models import FrequentQuestion, PracticeProfile, Service
from pages.site_pages.models import FreePage, SitePage
from pages.site_pages.variables import fill
from pages.text.fields import fold
from pages.text.outline import plain_text

LONGEST_QUERY = 100  # characters
MOST_WORDS = 8
MOST_CANDIDATES = 200
MOST_RESULTS = 30
ENDINGS = re.compile(r"(ings?|ies|ied|ed|es|s|y)$")
SHORTEST_STEM = 4
IN_TITLE, IN_SUMMARY, IN_TEXT = 100, 10, 1


@dataclass(frozen=True)
class Result:
    title: str
    url: str
    text: str
    kind: str
    score: int


@dataclass(frozen=True)
class Candidate:
    title: str
    url: str
    summary: str
    folded: str
    kind: str


def search(query: str, *, now: datetime, practice: PracticeProfile) -> list[Result]:
    """Every word has to occur somewhere; a word in the title counts most."""
    stems = words_of(query)
    if not stems:
        return []
    found = (_judge(candidate, stems) for candidate in _candidates(stems, now, practice))
    ranked = sorted((hit for hit in found if hit), key=lambda hit: -hit.score)
    return ranked[:MOST_RESULTS]


def words_of(query: str) -> list[str]:
    """Stems to look for at the beginning of words, so that `worries` finds `worried`."""
    return [stem(word) for word in fold(query[:LONGEST_QUERY]).split()[:MOST_WORDS]]


def stem(word: str) -> str:
    shorter = ENDINGS.sub("", word)
    return shorter if len(shorter) >= SHORTEST_STEM else word


def _candidates(stems: list[str], now: datetime, practice: PracticeProfile) -> Iterator[Candidate]:
    yield from _articles(stems, now)
    for service in Service.objects.published():
        text = f"{service.who_for} {plain_text(service.body)}"
        yield _candidate(service, service.summary, text, _("Service"))
    for question in FrequentQuestion.objects.all():
        answer = plain_text(question.answer)
        yield _candidate(question, Truncator(answer).words(30), answer, _("Question"))
    for page in SitePage.all_pages():
        text = fill(f"{page.lead} {plain_text(page.body)}", practice)
        yield _candidate(page, fill(page.lead, practice), text, _("Page"))
    for free in FreePage.objects.published(now):
        text = fill(f"{free.lead} {plain_text(free.body)}", practice)
        yield _candidate(free, fill(free.lead, practice), text, _("Page"))


def _articles(stems: list[str], now: datetime) -> Iterator[Candidate]:
    everywhere = Q()
    for word in stems:
        everywhere &= Q(search_text__contains=f" {word}")
    rows = Article.objects.published(now).filter(everywhere).defer("body", "references")
    # Titles are asked for on their own: among very many hits none of them may be cut off.
    titles: QuerySet[Article] = rows.filter(title__icontains=stems[0])
    seen: set[int] = set()
    for article in _first(titles, rows):
        if article.pk not in seen:
            seen.add(article.pk)
            yield Candidate(
                article.title,
                article.get_absolute_url(),
                article.summary,
                article.search_text,
                _("Article"),
            )


def _first(*querysets: QuerySet[Article]) -> Iterable[Article]:
    for rows in querysets:
        yield from rows[:MOST_CANDIDATES]


def _candidate(
    row: Service | FrequentQuestion | SitePage | FreePage, summary: str, text: str, kind: str
) -> Candidate:
    title = row.question if isinstance(row, FrequentQuestion) else row.title
    folded = f" {fold(f'{title} {summary} {text}')} "
    return Candidate(title, row.get_absolute_url(), summary, folded, kind)


def _judge(candidate: Candidate, stems: list[str]) -> Result | None:
    if not all(f" {word}" in candidate.folded for word in stems):
        return None
    title, summary = f" {fold(candidate.title)}", f" {fold(candidate.summary)}"
    score = 0
    for word in stems:
        score += IN_TITLE * (f" {word}" in title) + IN_SUMMARY * (f" {word}" in summary)
        score += IN_TEXT * min(candidate.folded.count(f" {word}"), 9)
    return Result(candidate.title, candidate.url, candidate.summary, candidate.kind, score)
