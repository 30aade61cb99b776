"""When a page is deleted, its versions, its preview links and who had it open go with it."""

from typing import Any

from django.db import models
from django.db.models.signals import post_delete

from pages.publishing.revisions import OpenPage, PreviewKey, Revision


def watch(*senders: type[models.Model]) -> None:
    for model in senders:
        name = f"leftovers.{model.__name__}"
        post_delete.connect(_tidy_up, sender=model, dispatch_uid=name)


def _tidy_up(sender: type[models.Model], instance: models.Model, **_kwargs: Any) -> None:
    Revision.objects.of(instance).delete()
    OpenPage.objects.of(instance).delete()
    PreviewKey.objects.of(instance).delete()
