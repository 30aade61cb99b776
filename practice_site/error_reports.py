"""What an error report may say, should anything ever ask Django for one (a mail, a tool).

Django's own holds what was posted, cookies, settings and the values of every variable on the way.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from practice_site.logs import traceback_locations


class LocationOnlyReporter(ExceptionReporter):
    """The kind of the error and the lines it went through: no value, not even its own words."""

    def get_traceback_text(self) -> str:  # type: ignore[override]
        kind = self.exc_type.__name__ if self.exc_type else "error"
        reference = getattr(self.request, "reference", "")
        first = f"{kind} (reference {reference})" if reference else kind
        return "\n".join([first, *traceback_locations(self.tb)]) + "\n"

    def get_traceback_html(self) -> SafeString:
        return format_html("<pre>{}</pre>", self.get_traceback_text())
