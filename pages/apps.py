"""The app of the public website; `ready()` connects its signals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = _("Website")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pages import security_txt  # noqa: F401 - registers its check
        from pages.practice import error_pages
        from pages.publishing import redirects, revisions
        from pages.search import index_updates
        from pages.text import reclean

        names = ("Article", "Category", "FreePage", "Practitioner", "Service", "Tag")
        redirects.connect_redirects(*(self.get_model(name) for name in names))
        written = ("Article", "FreePage", "SitePage")
        revisions.connect_cleanup(*(self.get_model(name) for name in written))
        error_pages.connect_signals()
        reclean.connect_recleaning(self)
        index_updates.connect_index(self)
