"""Full text on SQLite: an FTS5 table that keeps its own words and reads the texts of SearchEntry.

No triggers: under ``trusted_schema=OFF`` SQLite refuses a virtual table inside one. What is taken
out has to be named exactly as it was put in, so the old row is read before it changes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

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
# A hit in the title weighs ten times one in the text.
SEARCH_SQL = f"""
    SELECT entry.kind, entry.object_id, entry.title, entry.summary, entry.body
    FROM {FTS_TABLE} JOIN pages_searchentry entry ON entry.id = {FTS_TABLE}.rowid
    WHERE {FTS_TABLE} MATCH %s AND entry.public_from <= %s
    ORDER BY bm25({FTS_TABLE}, 10.0, 4.0, 1.0), entry.id LIMIT %s
"""  # noqa: S608


def add_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    cursor.executemany(INSERT_SQL, [_fts_values(entry) for entry in entries])


def remove_entries(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    """Before the rows change."""
    cursor.executemany(DELETE_SQL, [_fts_values(entry) for entry in entries])


def clear_entries(cursor: CursorWrapper) -> None:
    """After all rows are gone."""
    cursor.execute(REBUILD_SQL)


def search_entries(
    cursor: CursorWrapper, terms: Sequence[Term], now: datetime, limit: int, *, all_of: bool
) -> list[tuple[str, ...]]:
    between = " AND " if all_of else " OR "
    match = between.join(f"({' OR '.join(_term_alternatives(term))})" for term in terms)
    adapted = cursor.db.ops.adapt_datetimefield_value(now)
    cursor.execute(SEARCH_SQL, [match, adapted, limit])
    return list(cursor.fetchall())


def _term_alternatives(term: Term) -> list[str]:
    # Every phrase is in quotes and holds letters and digits only, so none is an operator.
    quoted = [f'"{" ".join(phrase)}"' for phrase in term.phrases]
    return [f"{quoted[0]} *", *quoted[1:]] if term.is_beginning else quoted


def _fts_values(entry: SearchEntry) -> list[Any]:
    return [entry.pk, entry.title, entry.summary, entry.body]
