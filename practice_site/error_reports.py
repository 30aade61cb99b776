"""An error reporter without values, in case anything ever asks Django for an error report.

Django's own report contains posted data, cookies, settings and the value of every local variable.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from practice_site.logs import traceback_locations


class LocationOnlyReporter(ExceptionReporter):
    """Reports the exception's type and the code locations, not even its message."""

    def get_traceback_text(self) -> str:  # type: ignore[override]
        name = self.exc_type.__name__ if self.exc_type else "error"
        reference = getattr(self.request, "reference", "")
        title = f"{name} (reference {reference})" if reference else name
        return "\n".join([title, *traceback_locations(self.tb)]) + "\n"

    def get_traceback_html(self) -> SafeString:
        return format_html("<pre>{}</pre>", self.get_traceback_text())
