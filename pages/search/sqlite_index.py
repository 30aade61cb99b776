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

TABLE = "pages_search"
REBUILD = f"INSERT INTO {TABLE}({TABLE}) VALUES('rebuild')"
PUT = f"INSERT INTO {TABLE}(rowid, title, summary, body) VALUES (%s, %s, %s, %s)"  # noqa: S608
TAKE = (
    f"INSERT INTO {TABLE}({TABLE}, rowid, title, summary, body) "  # noqa: S608
    "VALUES ('delete', %s, %s, %s, %s)"
)
# A hit in the title weighs ten times one in the text.
FIND = f"""
    SELECT entry.kind, entry.object_id, entry.title, entry.summary, entry.body
    FROM {TABLE} JOIN pages_searchentry entry ON entry.id = {TABLE}.rowid
    WHERE {TABLE} MATCH %s AND entry.public_from <= %s
    ORDER BY bm25({TABLE}, 10.0, 4.0, 1.0), entry.id LIMIT %s
"""  # noqa: S608


def put(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    cursor.executemany(PUT, [_values(entry) for entry in entries])


def take(cursor: CursorWrapper, entries: Iterable[SearchEntry]) -> None:
    """Before the rows change."""
    cursor.executemany(TAKE, [_values(entry) for entry in entries])


def clear(cursor: CursorWrapper) -> None:
    """After all rows are gone."""
    cursor.execute(REBUILD)


def find(
    cursor: CursorWrapper, terms: Sequence[Term], now: datetime, limit: int, *, all_of: bool
) -> list[tuple[str, ...]]:
    between = " AND " if all_of else " OR "
    match = between.join(f"({' OR '.join(_alternatives(term))})" for term in terms)
    adapted = cursor.db.ops.adapt_datetimefield_value(now)
    cursor.execute(FIND, [match, adapted, limit])
    return list(cursor.fetchall())


def _alternatives(term: Term) -> list[str]:
    # Every phrase is in quotes and holds letters and digits only, so none is an operator.
    quoted = [f'"{" ".join(phrase)}"' for phrase in term.phrases]
    return [f"{quoted[0]} *", *quoted[1:]] if term.is_beginning else quoted


def _values(entry: SearchEntry) -> list[Any]:
    return [entry.pk, entry.title, entry.summary, entry.body]
