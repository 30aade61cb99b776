"""Full-text search on SQLite, with an FTS5 table that reads its content from SearchEntry.

It can't be updated by triggers: under ``trusted_schema=OFF`` SQLite rejects virtual tables in
them. Deleting an entry from the index requires exactly the values it was added with, so entries
must be removed before their rows change.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from pages.search.models import SearchEntry
from pages.search.terms import Term

FTS_TABLE = "pages_search"
REBUILD_SQL = f"INSERT INTO {FTS_TABLE}({FTS_TABLE}) VALUES('rebuild')"
INSERT_SQL = f"INSERT INTO {FTS_TABLE}(rowid, title, summary, body) VALUES (%s, %s, %s, %s)"  # noqa: S608
DELETE_SQL = (
    f"INSERT INTO {FTS_TABLE}({FTS_TABLE}, rowid, title, summary, body) "  # noqa: S608
    "VALUES ('delete', %s, %s, %s, %s)"
)
# A hit in the title counts ten times as much as one in the body.
SEARCH_SQL = f"""
    SELECT entry.kind, entry.object_id, entry.title, entry.summary, entry.body
    FROM {FTS_TABLE} JOIN pages_searchentry entry ON entry.id = {FTS_TABLE}.rowid
    WHERE {FTS_TABLE} MATCH %s AND entry.public_from <= %s
    ORDER BY bm25({FTS_TABLE}, 10.0, 4.0, 1.0), entry.id LIMIT %s
"""  # noqa: S608


def add_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    cursor.executemany(INSERT_SQL, [_fts_values(entry) for entry in entries])


def remove_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    """Remove entries from the index. Call this before their rows change."""
    cursor.executemany(DELETE_SQL, [_fts_values(entry) for entry in entries])


def clear_entries(cursor: CursorWrapper) -> None:
    """Empty the index. Call this after all rows are deleted."""
    cursor.execute(REBUILD_SQL)


def search_entries(
    cursor: CursorWrapper, terms: Sequence[Term], now: datetime, limit: int, *, all_of: bool
) -> list[tuple[str, ...]]:
    """Return (kind, object_id, title, summary, body) of public entries with all or any terms."""
    between = " AND " if all_of else " OR "
    match = between.join(f"({' OR '.join(_term_alternatives(term))})" for term in terms)
    adapted = cursor.db.ops.adapt_datetimefield_value(now)
    cursor.execute(SEARCH_SQL, [match, adapted, limit])
    return list(cursor.fetchall())


def _term_alternatives(term: Term) -> list[str]:
    # Phrases are quoted and consist of letters and digits, so none is read as an operator.
    quoted = [f'"{" ".join(phrase)}"' for phrase in term.phrases]
    return [f"{quoted[0]} *", *quoted[1:]] if term.is_beginning else quoted


def _fts_values(entry: SearchEntry) -> list[int | str]:
    return [entry.pk, entry.title, entry.summary, entry.body]
