from typing import Any

from django.apps import apps
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PracticeAdminConfig(AdminConfig):
    """Django's admin, with our own site: today's work first."""

    default_site = "practice_site.admin.PracticeAdminSite"

    def ready(self) -> None:
        # "Authentication and Authorization" is where nobody looks for a colleague.
        auth: Any = apps.get_app_config("auth")
        auth.verbose_name = _("Staff")
        super().ready()
