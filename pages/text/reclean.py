"""Clean stored rich text again after a migration when the cleaning rules have changed."""

from django.apps import AppConfig, apps
from django.db import models, transaction
from django.db.models.signals import post_migrate

from pages.text.cleaning import CLEANER_VERSION, clean_html
from pages.text.fields import CleanHTMLField


class CleanedText(models.Model):
    """Record the version of the rules that all stored rich text was last cleaned with. One row."""

    cleaner_version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "cleaned text"
        verbose_name_plural = "cleaned text"

    def __str__(self) -> str:
        return f"cleaner {self.cleaner_version}"


def connect_recleaning(config: AppConfig) -> None:
    """Clean stored text after migrations. Called when the app is ready."""
    post_migrate.connect(_reclean_after_migrate, sender=config, dispatch_uid="pages.reclean")


def _reclean_after_migrate(using: str, **_kwargs: object) -> None:
    reclean_if_changed(using)


def reclean_if_changed(using: str = "default") -> int:
    """Clean all rich text if the rules have changed, and return the number of rows changed."""
    record, _created = CleanedText.objects.using(using).get_or_create(pk=1)
    if record.cleaner_version == CLEANER_VERSION:
        return 0
    # One transaction, so that a partly cleaned database is never recorded as clean.
    with transaction.atomic(using=using):
        changed = sum(_reclean_model(model, using) for model in apps.get_models())
        record.cleaner_version = CLEANER_VERSION
        record.save(using=using)
    return changed


def _reclean_model(model: type[models.Model], using: str) -> int:
    names = [field.attname for field in model._meta.fields if isinstance(field, CleanHTMLField)]
    if not names:
        return 0
    changed = 0
    rows = model._default_manager.using(using).values_list("pk", *names)
    for pk, *texts in list(rows):
        cleaned = {name: clean_html(text) for name, text in zip(names, texts, strict=True) if text}
        if [text for text in texts if text] != list(cleaned.values()):
            model._default_manager.using(using).filter(pk=pk).update(**cleaned)
            changed += 1
    return changed
