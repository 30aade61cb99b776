from django.apps import AppConfig
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    """What visitors tell us."""

    name = "consultations"
    verbose_name = _("What visitors tell us")

    def ready(self) -> None:
        # Three register system checks.
        from consultations.accounts import roles, signals
        from consultations.audit import triggers
        from consultations.audit import triggers as audit_checks  # noqa: F401
        from consultations.booking import checks as booking_checks  # noqa: F401
        from consultations.comments.signals import comments_erased
        from consultations.data_rights.workflow import record_erased_comments
        from consultations.privacy import canary  # noqa: F401

        post_migrate.connect(triggers.create_triggers_after_migrate, sender=self)
        post_migrate.connect(roles.sync_roles_after_migrate, sender=self)
        signals.connect_signals()
        comments_erased.connect(record_erased_comments)
        allow_json_columns()


def allow_json_columns() -> None:
    """SQLite refuses ``json_valid()`` in a table's constraint under ``trusted_schema=OFF``.

    We have no such column; allauth's table of second factors has one. Django writes only what
    it has made into JSON itself.
    """
    DatabaseWrapper.data_type_check_constraints.pop("JSONField", None)
