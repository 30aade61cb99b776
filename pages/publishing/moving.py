"""Whatever moves to another address leaves word at the old one."""

from typing import Any

from django.db import models
from django.db.models.signals import post_save, pre_save

from pages.publishing.redirects import leave


def watch(*senders: type[models.Model]) -> None:
    """From now on a saved change of address of these leaves a redirect."""
    for model in senders:
        pre_save.connect(_remember, sender=model, dispatch_uid=f"moving.before.{model.__name__}")
        post_save.connect(_leave_word, sender=model, dispatch_uid=f"moving.after.{model.__name__}")


def _remember(sender: type[models.Model], instance: Any, raw: bool, **_kwargs: Any) -> None:
    instance.addresses_before = []
    if instance.pk and not raw:
        before = sender._base_manager.filter(pk=instance.pk).first()
        if before and _is_public(before):
            instance.addresses_before = _addresses(before)


def _leave_word(sender: type[models.Model], instance: Any, **_kwargs: Any) -> None:
    for old, new in zip(instance.addresses_before, _addresses(instance), strict=False):
        if old != new:
            leave(old, new)


def _is_public(row: Any) -> bool:
    if hasattr(row, "is_public"):
        return bool(row.is_public())
    return bool(getattr(row, "is_published", True))


def _addresses(row: Any) -> list[str]:
    """All addresses that belong to a row: its own, and those of its feeds."""
    return [row.get_absolute_url(), *getattr(row, "feed_urls", list)()]
