"""Logs and error reports without anything a visitor wrote and without secret links.

A log line is one JSON object. Django's own error report contains posted data, cookies, settings
and the value of every local variable; ours, should anything ask for one, has error type and code
locations.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from http.client import responses
from types import TracebackType

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

# Our own messages are logged in full. The arguments of third-party messages can be paths, hosts or
# values, so only the template is logged.
OWN_LOGGERS = ("practice_site", "pages", "consultations")
# A third-party message without arguments may be formatted already: a value may follow these.
_VALUE_START_PATTERN = re.compile(r"[:='\"`<(\[{]")


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON, with the request's route and reference."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": safe_message(record),
        }
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            line["method"] = request.method
            line["route"] = route_pattern(request)
        if (status := getattr(record, "status_code", None)) is not None:
            line["status"] = status
        if (reference := getattr(request, "reference", None)) is not None:
            line["reference"] = reference
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at_code"] = traceback_locations(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True)


def safe_message(record: logging.LogRecord) -> str:
    """Return the message, without values if a third-party logger wrote it."""
    if record.name.split(".")[0] in OWN_LOGGERS:
        return record.getMessage()
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    if (status := getattr(record, "status_code", None)) is not None:
        # Django's template is "%s: %s" here, with the reason and the path.
        return responses.get(status, "answered")
    text = str(record.msg)
    return text if record.args else _VALUE_START_PATTERN.split(text, maxsplit=1)[0].strip()


def route_pattern(request: HttpRequest) -> str:
    """Return the URL pattern, such as ``c/<token>/``, never the values in the URL."""
    match = request.resolver_match
    return match.route if match else "(no route)"


def traceback_locations(trace: TracebackType | None, limit: int = 12) -> list[str]:
    """Return file, line and function of the innermost frames, innermost last; no values."""
    frames = traceback.extract_tb(trace)[-limit:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class LocationOnlyReporter(ExceptionReporter):
    """Reports the exception's type and the code locations, not even its message."""

    def get_traceback_text(self) -> str:  # type: ignore[override]
        name = self.exc_type.__name__ if self.exc_type else "error"
        reference = getattr(self.request, "reference", "")
        title = f"{name} (reference {reference})" if reference else name
        return "\n".join([title, *traceback_locations(self.tb)]) + "\n"

    def get_traceback_html(self) -> SafeString:
        return format_html("<pre>{}</pre>", self.get_traceback_text())
