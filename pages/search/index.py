"""The index: documents in, hits out, the same on both databases."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import ModuleType
from typing import TypeVar

from django.db import connections, models, router, transaction

from pages.search import postgres_index, sqlite_index
from pages.search.documents import MAKERS, Document, everything
from pages.search.models import SearchEntry
from pages.search.terms import Term

# Raise this when documents are made differently: everything is then read again after migrating.
VERSION = 2
CHUNK = 200
FEW = 8
_MARK = "index"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Name = tuple[str, str]  # kind, object_id
Thing = TypeVar("Thing")

Hit = tuple[str, str, str, str, str]  # kind, object_id, title, summary, body


def put(documents: Iterable[Document]) -> None:
    """Into the index as they are now; those that are not public at all go out of it."""
    using = _using()
    for chunk in _chunks(documents):
        with transaction.atomic(using=using):
            # By name, so that none is put in twice.
            wanted = {(one.kind, one.object_id): one for one in chunk}
            old = {(row.kind, row.object_id): row for row in _rows(wanted, using)}
            changed = [name for name in wanted if not _says(old.get(name), wanted[name])]
            _take([old[name] for name in changed if name in old], using)
            _give([wanted[name] for name in changed], using)


def put_rows(model: type[models.Model], pks: Iterable[object]) -> None:
    kind, make = MAKERS[model]
    for chunk in _chunks(pks):
        rows = model._default_manager.filter(pk__in=chunk)
        documents = [make(row) for row in rows]
        put(documents)
        gone = {str(pk) for pk in chunk} - {one.object_id for one in documents}
        drop(kind, gone)


def drop(kind: str, object_ids: Iterable[str]) -> None:
    using = _using()
    with transaction.atomic(using=using):
        _take(_rows({(kind, object_id) for object_id in object_ids}, using), using)


def rebuild() -> int:
    """Everything anew; readers see the old index until it is done."""
    using = _using()
    with transaction.atomic(using=using):
        SearchEntry.objects.using(using).all().delete()
        with connections[using].cursor() as cursor:
            _backend(using).clear(cursor)
        put(everything())
        SearchEntry.objects.using(using).create(
            kind=_MARK, object_id=str(VERSION), public_from=_NEVER, title="", summary="", body=""
        )
    return SearchEntry.objects.using(using).exclude(kind=_MARK).count()


def is_current() -> bool:
    return SearchEntry.objects.filter(kind=_MARK, object_id=str(VERSION)).exists()


def find(terms: Sequence[Term], *, now: datetime, limit: int) -> tuple[list[Hit], list[Hit]]:
    """What holds every term; where that is little, also what holds any of them."""
    using = router.db_for_read(SearchEntry)
    backend = _backend(using)
    with connections[using].cursor() as cursor:
        all_of = backend.find(cursor, terms, now, limit, all_of=True)
        if len(all_of) >= FEW or len(terms) < 2:
            return all_of, []
        any_of = backend.find(cursor, terms, now, limit, all_of=False)
    met = {hit[:2] for hit in all_of}
    return all_of, [hit for hit in any_of if hit[:2] not in met]


def _rows(names: Iterable[Name], using: str) -> list[SearchEntry]:
    wanted = models.Q(pk__in=[])
    names = set(names)
    for kind in {kind for kind, _object_id in names}:
        ids = [object_id for one, object_id in names if one == kind]
        wanted |= models.Q(kind=kind, object_id__in=ids)
    return list(SearchEntry.objects.using(using).filter(wanted))


def _take(rows: list[SearchEntry], using: str) -> None:
    if rows:
        with connections[using].cursor() as cursor:
            _backend(using).take(cursor, rows)
        SearchEntry.objects.using(using).filter(pk__in=[row.pk for row in rows]).delete()


def _give(documents: list[Document], using: str) -> None:
    rows = [_entry(one) for one in documents if one.public_from is not None]
    if rows:
        SearchEntry.objects.using(using).bulk_create(rows)
        with connections[using].cursor() as cursor:
            _backend(using).put(cursor, rows)


def _says(row: SearchEntry | None, document: Document) -> bool:
    """Whether the index already says what it should; most saves change no word."""
    if row is None or document.public_from is None:
        return row is None and document.public_from is None
    return all(
        getattr(row, name) == getattr(document, name)
        for name in ("public_from", "title", "summary", "body")
    )


def _chunks(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _entry(document: Document) -> SearchEntry:
    assert document.public_from is not None
    return SearchEntry(
        kind=document.kind,
        object_id=document.object_id,
        public_from=document.public_from,
        title=document.title,
        summary=document.summary,
        body=document.body,
    )


def _using() -> str:
    return router.db_for_write(SearchEntry)


def _backend(using: str) -> ModuleType:
    return postgres_index if connections[using].vendor == "postgresql" else sqlite_index
