"""Rewrite the error pages when the practice or its crisis lines change."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save


def connect_signals() -> None:
    """Connect the receivers; called when the app is ready."""
    from pages.practice.models import CrisisLine, PracticeProfile

    for model in (PracticeProfile, CrisisLine):
        post_save.connect(
            _rewrite_error_pages, sender=model, dispatch_uid=f"{model.__name__}.saved"
        )
        post_delete.connect(
            _rewrite_error_pages, sender=model, dispatch_uid=f"{model.__name__}.deleted"
        )


def _rewrite_error_pages(using: str, **kwargs: object) -> None:
    from pages.practice import error_pages

    if kwargs.get("raw"):
        return
    # After the commit, so that a rolled-back change is never written.
    transaction.on_commit(error_pages.write_error_pages, using=using, robust=True)
