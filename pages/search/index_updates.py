"""Keep the search index up to date with signals, in the same transaction as the change."""

from itertools import chain

from django.apps import AppConfig
from django.db.models import Model
from django.db.models.signals import post_delete, post_migrate, post_save

from pages.articles.models import Article
from pages.practice.models import PracticeProfile
from pages.publishing.models import ReusableBlock
from pages.search import index
from pages.search.documents import DOCUMENT_BUILDERS, free_page_document, site_page_documents
from pages.site_pages.models import FreePage, SitePage
from pages.text.search_mixin import searchable_text_changed


def connect_index(config: AppConfig) -> None:
    """Connect the signals. Called when the app is ready."""
    for model in DOCUMENT_BUILDERS:
        post_save.connect(
            _index_saved_row, sender=model, dispatch_uid=f"search.saved.{model.__name__}"
        )
        post_delete.connect(
            _unindex_deleted_row, sender=model, dispatch_uid=f"search.gone.{model.__name__}"
        )
        searchable_text_changed.connect(
            _index_changed_rows, sender=model, dispatch_uid=f"search.many.{model.__name__}"
        )
    # Changes to any of these can change the text of pages that have no row of their own.
    for model in (SitePage, PracticeProfile):
        for signal in (post_save, post_delete):
            signal.connect(_index_pages, sender=model, dispatch_uid=f"search.{model.__name__}")
    searchable_text_changed.connect(
        _index_pages, sender=SitePage, dispatch_uid="search.many.SitePage"
    )
    for signal in (post_save, post_delete):
        signal.connect(
            _index_block_users, sender=ReusableBlock, dispatch_uid="search.ReusableBlock"
        )
    post_migrate.connect(_rebuild_after_migrate, sender=config, dispatch_uid="search.after_migrate")


def _index_saved_row(sender: type[Model], instance: Model, **_kwargs: object) -> None:
    _kind, make = DOCUMENT_BUILDERS[sender]
    index.update_documents([make(instance)])


def _index_changed_rows(sender: type[Model], pks: list[object], **_kwargs: object) -> None:
    index.update_rows(sender, pks)


def _unindex_deleted_row(sender: type[Model], instance: Model, **_kwargs: object) -> None:
    kind, _make = DOCUMENT_BUILDERS[sender]
    index.remove_documents(kind, [str(instance.pk)])


def _index_pages(**_kwargs: object) -> None:
    index.update_documents(
        chain(site_page_documents(), map(free_page_document, FreePage.objects.all()))
    )


def _index_block_users(instance: ReusableBlock, **_kwargs: object) -> None:
    """Update every text that contains the block."""
    showing = Article.objects.filter(body__icontains=f"[[{instance.slug}]]")
    index.update_rows(Article, showing.values_list("pk", flat=True))
    _index_pages()


def _rebuild_after_migrate(**_kwargs: object) -> None:
    """Rebuild the index if it is not current.

    That is on a new site, after a test flushed the tables, and after INDEX_VERSION changed.
    """
    if not index.is_current():
        index.rebuild_index()
