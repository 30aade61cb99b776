"""Keeps the index true: whatever changes the words of the site changes it, in one transaction."""

from itertools import chain
from typing import Any

from django.apps import AppConfig
from django.db.models import Model
from django.db.models.signals import post_delete, post_migrate, post_save

from pages.articles.models import Article
from pages.practice.models import PracticeProfile
from pages.publishing.blocks import ReusableBlock
from pages.search import index
from pages.search.documents import MAKERS, of_free_page, site_pages
from pages.site_pages.models import FreePage, SitePage
from pages.text.search_mixin import words_changed


def connect(config: AppConfig) -> None:
    for model in MAKERS:
        post_save.connect(_saved, sender=model, dispatch_uid=f"search.saved.{model.__name__}")
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"search.gone.{model.__name__}")
        words_changed.connect(_changed, sender=model, dispatch_uid=f"search.many.{model.__name__}")
    # Any of these may change what a page without a row of its own says.
    for model in (SitePage, PracticeProfile):
        for signal in (post_save, post_delete):
            signal.connect(_pages_changed, sender=model, dispatch_uid=f"search.{model.__name__}")
    words_changed.connect(_pages_changed, sender=SitePage, dispatch_uid="search.many.SitePage")
    for signal in (post_save, post_delete):
        signal.connect(_block_changed, sender=ReusableBlock, dispatch_uid="search.ReusableBlock")
    post_migrate.connect(_after_migrate, sender=config, dispatch_uid="search.after_migrate")


def _saved(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    _kind, make = MAKERS[sender]
    index.put([make(instance)])


def _changed(sender: type[Model], pks: list[Any], **_kwargs: Any) -> None:
    index.put_rows(sender, pks)


def _deleted(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    kind, _make = MAKERS[sender]
    index.drop(kind, [str(instance.pk)])


def _pages_changed(**_kwargs: Any) -> None:
    index.put(chain(site_pages(), map(of_free_page, FreePage.objects.all())))


def _block_changed(instance: ReusableBlock, **_kwargs: Any) -> None:
    """In every text that shows it."""
    showing = Article.objects.filter(body__icontains=f"[[{instance.slug}]]")
    index.put_rows(Article, showing.values_list("pk", flat=True))
    _pages_changed()


def _after_migrate(**_kwargs: Any) -> None:
    """On a new site, after the tests emptied the tables, and when documents changed their form."""
    if not index.is_current():
        index.rebuild()
