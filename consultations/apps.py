from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    """What visitors tell us."""

    name = "consultations"
    verbose_name = _("What visitors tell us")

    def ready(self) -> None:
        # Both register system checks.
        from consultations.booking import claim_check  # noqa: F401
        from consultations.privacy import checks  # noqa: F401
