"""Search published content, best results first. Queries are never stored or logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.utils.safestring import SafeString

from pages.practice.models import PracticeProfile
from pages.search import index, synonyms, terms
from pages.search.documents import load_public_items
from pages.search.index import Hit
from pages.search.models import SearchEntry, SearchSynonyms
from pages.search.snippets import find_hit_positions, make_snippet
from pages.search.terms import Term
from pages.text.fields import fold_text

MAX_RESULTS = 30
# Candidates are ranked again by their titles, which the two databases weigh differently.
MAX_CANDIDATES = 90
TYPED_WEIGHT, SYNONYM_WEIGHT, ALL_TERMS_WEIGHT = 3, 2, 2
# Searches for crisis words always show the page with crisis lines first.
CRISIS_PHRASE, CRISIS_PAGE, CRISIS_WEIGHT = ("crisis",), ("site_page", "crisis"), 1000
MIN_SENTENCE_WORDS = 3
# Kinds with few items, whose titles are used to correct spelling.
SUGGESTION_KINDS = ("category", "tag", "service", "person", "site_page", "question")
MAX_SUGGESTION_TITLES = 500
MAX_CORRECTED_WORDS = 8
MIN_CORRECTED_CHARS = 4  # shorter words are too similar to each other
MIN_SIMILARITY = 0.78


@dataclass(frozen=True)
class SearchResult:
    """One line of the results page, with matches marked in `text`."""

    title: str
    url: str
    text: SafeString
    kind: str


def search_content(query: str, *, now: datetime, practice: PracticeProfile) -> list[SearchResult]:
    """Return public content matching the query, best first."""
    searched = terms.parse_query(query, synonyms.parse_synonyms(SearchSynonyms.load()))
    ranked = _rank_hits(searched, query, now) if searched else _search_titles(query, now)
    lines = load_public_items([(hit[0], hit[1]) for hit in ranked], now=now, practice=practice)
    return [
        SearchResult(
            line.title, line.url, make_snippet((line.summary, hit[4]), searched), line.kind
        )
        for hit in ranked
        if (line := lines.get((hit[0], hit[1])))
    ]


def suggest_query(query: str, *, now: datetime) -> str:
    """Return the query with its spelling corrected, or an empty string. For empty results."""
    groups = synonyms.parse_synonyms(SearchSynonyms.load())
    rows = SearchEntry.objects.filter(public_from__lte=now, kind__in=SUGGESTION_KINDS).order_by(
        "id"
    )
    titles = fold_text(
        " ".join(rows.values_list("title", flat=True)[:MAX_SUGGESTION_TITLES])
    ).split()
    return correct_query(query, {*titles, *(word for phrase in groups for word in phrase)})


def correct_query(query: str, known: Iterable[str]) -> str:
    """Replace unknown words by the closest known ones; return an empty string if none changed."""
    words = fold_text(query[: terms.MAX_QUERY_CHARS]).split()
    if len(words) > MAX_CORRECTED_WORDS:
        return ""
    by_letter: dict[str, set[str]] = {}
    for word in known:
        if len(word) >= MIN_CORRECTED_CHARS:
            # The first letter is rarely mistyped, and grouping by it leaves few words to compare.
            by_letter.setdefault(word[0], set()).add(word)
    corrected = [_nearest_word(word, by_letter.get(word[0], set())) for word in words]
    return " ".join(corrected) if corrected != words else ""


def _nearest_word(word: str, known: set[str]) -> str:
    if len(word) < MIN_CORRECTED_CHARS or word in known or word in synonyms.STOP_WORDS:
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=MIN_SIMILARITY)), word)


def _rank_hits(searched: Sequence[Term], query: str, now: datetime) -> list[Hit]:
    all_of, any_of = index.find_hits(searched, now=now, limit=MAX_CANDIDATES)
    typed = fold_text(query[: terms.MAX_QUERY_CHARS]).split()
    is_urgent = any(CRISIS_PHRASE in term.phrases for term in searched)

    def weight(hit: Hit) -> int:
        first = CRISIS_WEIGHT if is_urgent and hit[:2] == CRISIS_PAGE else 0
        return first + _title_weight(hit[2], searched) + _title_overlap(hit[2], typed)

    weighed = [(ALL_TERMS_WEIGHT + weight(hit), hit) for hit in all_of]
    weighed += [(weight(hit), hit) for hit in any_of]
    # The sort is stable: equal scores keep the order of the database.
    return [hit for _score, hit in sorted(weighed, key=lambda pair: -pair[0])][:MAX_RESULTS]


def _search_titles(query: str, now: datetime) -> list[Hit]:
    """Find titles containing the query, for queries of stop words only ("about", "who are you")."""
    words = " ".join(fold_text(query[: terms.MAX_QUERY_CHARS]).split())
    if not words:
        return []
    rows = SearchEntry.objects.filter(public_from__lte=now, title__icontains=words)
    hits = rows.order_by("id").values_list("kind", "object_id", "title", "summary", "body")
    return list(hits[:MAX_RESULTS])


def _title_overlap(title: str, typed: Sequence[str]) -> int:
    """Score how much of a query typed as a sentence is in the title.

    Unlike the search itself this counts stop words, so that a question finds a title that asks
    nearly the same.
    """
    if len(typed) < MIN_SENTENCE_WORDS:
        return 0
    title_words = set(fold_text(title).split())
    return int(TYPED_WEIGHT * sum(word in title_words for word in typed) / len(typed))


def _title_weight(title: str, searched: Sequence[Term]) -> int:
    """Score how many terms are in the title; typed words count more than their synonyms."""
    words = title.split()
    weight = 0
    for term in searched:
        if find_hit_positions(words, [Term(term.phrases[:1])]):
            weight += TYPED_WEIGHT
        elif find_hit_positions(words, [term]):
            weight += SYNONYM_WEIGHT
    return weight
