"""Full-text search on PostgreSQL, with a tsvector column next to the text of SearchEntry.

Accents are folded here and not in the database, because that needs the `unaccent` extension, which
not every host allows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from pages.search.models import SearchEntry
from pages.search.synonyms import Phrase
from pages.search.terms import Term
from pages.text.fields import fold_text

UPDATE_VECTOR_SQL = """
    UPDATE pages_searchentry SET vector =
        setweight(to_tsvector('english', %s), 'A') ||
        setweight(to_tsvector('english', %s), 'B') ||
        setweight(to_tsvector('english', %s), 'D')
    WHERE id = %s
"""
# Option 1 of ts_rank divides by the logarithm of the length: a match in a short text counts more.
SEARCH_SQL = """
    SELECT kind, object_id, title, summary, body
    FROM pages_searchentry, to_tsquery('english', %s) asked
    WHERE vector @@ asked AND public_from <= %s
    ORDER BY ts_rank('{0.1, 0.2, 0.4, 1.0}', vector, asked, 1) DESC, id LIMIT %s
"""


def add_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    cursor.executemany(
        UPDATE_VECTOR_SQL,
        [
            [fold_text(entry.title), fold_text(entry.summary), fold_text(entry.body), entry.pk]
            for entry in entries
        ],
    )


def remove_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    """Do nothing: the vector is a column of the row and is deleted with it."""


def clear_entries(cursor: CursorWrapper) -> None:
    """Do nothing, as in `remove_entries`."""


def search_entries(
    cursor: CursorWrapper, terms: Sequence[Term], now: datetime, limit: int, *, all_of: bool
) -> list[tuple[str, ...]]:
    """Return (kind, object_id, title, summary, body) of public entries with all or any terms."""
    between = " & " if all_of else " | "
    asked = between.join(f"({' | '.join(_term_alternatives(term))})" for term in terms)
    cursor.execute(SEARCH_SQL, [asked, now, limit])
    return list(cursor.fetchall())


def _term_alternatives(term: Term) -> list[str]:
    quoted = [_quote_phrase(phrase) for phrase in term.phrases]
    return [f"{quoted[0]}:*", *quoted[1:]] if term.is_beginning else quoted


def _quote_phrase(phrase: Phrase) -> str:
    """Return a phrase query such as `'low' <-> 'mood'`.

    Words consist of letters and digits, so there are no quotes to escape.
    """
    words = [f"'{word}'" for word in phrase]
    return " <-> ".join(words)
