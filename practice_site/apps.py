"""The app config that installs our admin site."""

from django.apps import apps
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PracticeAdminConfig(AdminConfig):
    """Uses PracticeAdminSite as the default admin site."""

    default_site = "practice_site.admin.PracticeAdminSite"

    def ready(self) -> None:
        # Nobody looks for a colleague under "Authentication and Authorization".
        auth = apps.get_app_config("auth")
        auth.verbose_name = _("Staff")
        super().ready()
