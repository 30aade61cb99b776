"""Update and query the search index.

The interface is the same for both databases; SQLite and PostgreSQL each have a backend module.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import ModuleType
from typing import TypeVar

from django.db import connections, models, router, transaction

from pages.search import postgres_index, sqlite_index
from pages.search.documents import DOCUMENT_BUILDERS, Document, all_documents
from pages.search.models import SearchEntry
from pages.search.terms import Term

# Increase this when documents are built differently: the index is then rebuilt after migrating.
INDEX_VERSION = 2
CHUNK_SIZE = 200
MIN_ALL_TERMS_HITS = 8
_VERSION_KIND = "index"
_FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)

DocumentKey = tuple[str, str]  # kind, object_id
ItemT = TypeVar("ItemT")

Hit = tuple[str, str, str, str, str]  # kind, object_id, title, summary, body


def update_documents(documents: Iterable[Document]) -> None:
    """Add or update documents, and remove those that are not public at all."""
    using = _database_alias()
    for chunk in _iter_chunks(documents):
        with transaction.atomic(using=using):
            # Keyed by kind and id, so that no document is added twice.
            wanted = {(document.kind, document.object_id): document for document in chunk}
            old = {(row.kind, row.object_id): row for row in _find_entries(wanted, using)}
            changed = [name for name in wanted if not _is_up_to_date(old.get(name), wanted[name])]
            _remove_entries([old[name] for name in changed if name in old], using)
            _add_entries([wanted[name] for name in changed], using)


def update_rows(model: type[models.Model], pks: Iterable[object]) -> None:
    """Update the documents of these rows, and remove those of rows that no longer exist."""
    kind, make = DOCUMENT_BUILDERS[model]
    for chunk in _iter_chunks(pks):
        rows = model._default_manager.filter(pk__in=chunk)
        documents = [make(row) for row in rows]
        update_documents(documents)
        gone = {str(pk) for pk in chunk} - {document.object_id for document in documents}
        remove_documents(kind, gone)


def remove_documents(kind: str, object_ids: Iterable[str]) -> None:
    using = _database_alias()
    with transaction.atomic(using=using):
        _remove_entries(
            _find_entries({(kind, object_id) for object_id in object_ids}, using), using
        )


def rebuild_index() -> int:
    """Rebuild the whole index and return the number of documents.

    One transaction, so visitors use the old index until it is done.
    """
    using = _database_alias()
    with transaction.atomic(using=using):
        SearchEntry.objects.using(using).all().delete()
        with connections[using].cursor() as cursor:
            _get_backend(using).clear_entries(cursor)
        update_documents(all_documents())
        SearchEntry.objects.using(using).create(
            kind=_VERSION_KIND,
            object_id=str(INDEX_VERSION),
            public_from=_FAR_FUTURE,
            title="",
            summary="",
            body="",
        )
    return SearchEntry.objects.using(using).exclude(kind=_VERSION_KIND).count()


def is_current() -> bool:
    """Return whether the index was built with the current INDEX_VERSION."""
    return SearchEntry.objects.filter(kind=_VERSION_KIND, object_id=str(INDEX_VERSION)).exists()


def find_hits(terms: Sequence[Term], *, now: datetime, limit: int) -> tuple[list[Hit], list[Hit]]:
    """Return the hits with all terms and, if those are few, other hits with any of them."""
    using = router.db_for_read(SearchEntry)
    backend = _get_backend(using)
    with connections[using].cursor() as cursor:
        all_of = backend.search_entries(cursor, terms, now, limit, all_of=True)
        if len(all_of) >= MIN_ALL_TERMS_HITS or len(terms) < 2:
            return all_of, []
        any_of = backend.search_entries(cursor, terms, now, limit, all_of=False)
    met = {hit[:2] for hit in all_of}
    return all_of, [hit for hit in any_of if hit[:2] not in met]


def _find_entries(names: Iterable[DocumentKey], using: str) -> list[SearchEntry]:
    wanted = models.Q(pk__in=[])
    names = set(names)
    for kind in {kind for kind, _object_id in names}:
        ids = [object_id for named_kind, object_id in names if named_kind == kind]
        wanted |= models.Q(kind=kind, object_id__in=ids)
    return list(SearchEntry.objects.using(using).filter(wanted))


def _remove_entries(rows: list[SearchEntry], using: str) -> None:
    if rows:
        with connections[using].cursor() as cursor:
            _get_backend(using).remove_entries(cursor, rows)
        SearchEntry.objects.using(using).filter(pk__in=[row.pk for row in rows]).delete()


def _add_entries(documents: list[Document], using: str) -> None:
    rows = [_build_entry(document) for document in documents if document.public_from is not None]
    if rows:
        SearchEntry.objects.using(using).bulk_create(rows)
        with connections[using].cursor() as cursor:
            _get_backend(using).add_entries(cursor, rows)


def _is_up_to_date(row: SearchEntry | None, document: Document) -> bool:
    """Return whether the index already matches the document; most saves don't change the text."""
    if row is None or document.public_from is None:
        return row is None and document.public_from is None
    return all(
        getattr(row, name) == getattr(document, name)
        for name in ("public_from", "title", "summary", "body")
    )


def _iter_chunks(things: Iterable[ItemT]) -> Iterator[list[ItemT]]:
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK_SIZE)):
        yield chunk


def _build_entry(document: Document) -> SearchEntry:
    assert document.public_from is not None
    return SearchEntry(
        kind=document.kind,
        object_id=document.object_id,
        public_from=document.public_from,
        title=document.title,
        summary=document.summary,
        body=document.body,
    )


def _database_alias() -> str:
    return router.db_for_write(SearchEntry)


def _get_backend(using: str) -> ModuleType:
    return postgres_index if connections[using].vendor == "postgresql" else sqlite_index
