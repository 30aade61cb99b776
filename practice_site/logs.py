"""One JSON line per log record, with nothing in it that a visitor wrote or a secret link."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from http.client import responses

from django.http import HttpRequest

# Loggers of ours may choose their words; messages of others are templates whose arguments can be
# paths, hosts or values, so only the template is kept.
OWN_LOGGERS = ("practice_site", "pages", "consultations")
# A message of others without arguments may be filled in already: behind these begins a value.
_VALUE_START_PATTERN = re.compile(r"[:='\"`<(\[{]")


class JsonFormatter(logging.Formatter):
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
    if record.name.split(".")[0] in OWN_LOGGERS:
        return record.getMessage()
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    if (status := getattr(record, "status_code", None)) is not None:
        # Django's template here is "%s: %s": the reason and the path.
        return responses.get(status, "answered")
    text = str(record.msg)
    return text if record.args else _VALUE_START_PATTERN.split(text, maxsplit=1)[0].strip()


def route_pattern(request: HttpRequest) -> str:
    """The pattern of the address, such as ``c/<token>/``: never what stood in its place."""
    match = request.resolver_match
    return match.route if match else "(no route)"


def traceback_locations(trace: object, most: int = 12) -> list[str]:
    """Where the error went through, innermost last: file, line, function. No values."""
    frames = traceback.extract_tb(trace)[-most:]  # type: ignore[arg-type]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
