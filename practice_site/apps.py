from django.contrib.admin.apps import AdminConfig


class PracticeAdminConfig(AdminConfig):
    """Django's admin, with our own site: today's work first."""

    default_site = "practice_site.admin.PracticeAdminSite"
