"""A visitor's words to published content, best first. Nothing of it is stored or logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from pages.practice.models import PracticeProfile
from pages.search import index, spelling, synonyms, terms
from pages.search.documents import shown
from pages.search.index import Hit
from pages.search.models import SearchEntry, SearchSynonyms
from pages.search.snippets import hits_in, snippet
from pages.search.terms import Term
from pages.text.fields import fold

MOST_RESULTS = 30
# Judged once more by what the titles say, in which the two databases differ.
MOST_CANDIDATES = 90
TYPED, MEANT, WHOLE = 3, 2, 2
# Whoever looks for these words sees the page of the crisis lines first.
URGENT, CRISIS_PAGE, FIRST = ("crisis",), ("site_page", "crisis"), 1000
SENTENCE = 3  # words
# Kinds of which there are few, for words that may have been meant.
NAMING = ("category", "tag", "service", "person", "site_page", "question")
MOST_NAMES = 500


@dataclass(frozen=True)
class Result:
    title: str
    url: str
    text: SafeString
    kind: str


def search(query: str, *, now: datetime, practice: PracticeProfile) -> list[Result]:
    asked = terms.read(query, synonyms.read(SearchSynonyms.load()))
    ranked = _ranked(asked, query, now) if asked else _by_title(query, now)
    lines = shown([(hit[0], hit[1]) for hit in ranked], now=now, practice=practice)
    return [
        Result(line.title, line.url, snippet((line.summary, hit[4]), asked), line.kind)
        for hit in ranked
        if (line := lines.get((hit[0], hit[1])))
    ]


def likely_meant(query: str, *, now: datetime) -> str:
    """For a query that finds nothing: the same with its slips mended; empty without any."""
    groups = synonyms.read(SearchSynonyms.load())
    rows = SearchEntry.objects.filter(public_from__lte=now, kind__in=NAMING).order_by("id")
    titles = fold(" ".join(rows.values_list("title", flat=True)[:MOST_NAMES])).split()
    return spelling.correct_query(query, {*titles, *(word for phrase in groups for word in phrase)})


def _ranked(asked: Sequence[Term], query: str, now: datetime) -> list[Hit]:
    all_of, any_of = index.find(asked, now=now, limit=MOST_CANDIDATES)
    typed = fold(query[: terms.LONGEST_QUERY]).split()
    is_urgent = any(URGENT in term.phrases for term in asked)

    def weight(hit: Hit) -> int:
        first = FIRST if is_urgent and hit[:2] == CRISIS_PAGE else 0
        return first + _weight(hit[2], asked) + _likeness(hit[2], typed)

    weighed = [(WHOLE + weight(hit), hit) for hit in all_of]
    weighed += [(weight(hit), hit) for hit in any_of]
    # Of equals the order of the database stays.
    return [hit for _score, hit in sorted(weighed, key=lambda pair: -pair[0])][:MOST_RESULTS]


def _by_title(query: str, now: datetime) -> list[Hit]:
    """For "about" or "who are you", of which an index of words keeps nothing."""
    words = " ".join(fold(query[: terms.LONGEST_QUERY]).split())
    if not words:
        return []
    rows = SearchEntry.objects.filter(public_from__lte=now, title__icontains=words)
    found = rows.order_by("id").values_list("kind", "object_id", "title", "summary", "body")
    return list(found[:MOST_RESULTS])


def _likeness(title: str, typed: Sequence[str]) -> int:
    """A question may stand in a title nearly as it was typed, in words that no index holds."""
    if len(typed) < SENTENCE:
        return 0
    said = set(fold(title).split())
    return int(TYPED * sum(word in said for word in typed) / len(typed))


def _weight(title: str, asked: Sequence[Term]) -> int:
    """How much of what was asked stands in the title; a typed word more than its synonyms."""
    words = title.split()
    weight = 0
    for term in asked:
        if hits_in(words, [Term(term.phrases[:1])]):
            weight += TYPED
        elif hits_in(words, [term]):
            weight += MEANT
    return weight
