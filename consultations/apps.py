from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    """Everything clients and commenters send us, and the staff who handle it."""

    name = "consultations"
    verbose_name = _("What visitors tell us")

    def ready(self) -> None:
        # Importing triggers, checks and canary registers their system checks. The others have
        # handlers of signals, connected below.
        from consultations.accounts import roles, signals
        from consultations.audit import triggers
        from consultations.booking import (
            checks,  # noqa: F401
            email_copies,
        )
        from consultations.comments.workflow import comments_erased
        from consultations.data_rights.workflow import record_erased_comments
        from consultations.outbox.delivery import email_sent
        from consultations.privacy import canary  # noqa: F401

        post_migrate.connect(triggers.create_triggers_after_migrate, sender=self)
        post_migrate.connect(roles.sync_roles_after_migrate, sender=self)
        signals.connect_signals()
        comments_erased.connect(record_erased_comments)
        email_sent.connect(email_copies.keep_copy)
