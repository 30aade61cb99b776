"""Links that open a filled form of a calendar on the web. Plain addresses: nothing is sent to
anybody before they are followed, and they carry the same neutral words as the calendar file. Pure.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode


def google(*, summary: str, description: str, start: datetime, end: datetime) -> str:
    values = {
        "action": "TEMPLATE",
        "text": summary,
        "dates": f"{_basic(start)}/{_basic(end)}",
        "details": description,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(values)}"


def outlook(*, summary: str, description: str, start: datetime, end: datetime) -> str:
    values = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": summary,
        "startdt": _extended(start),
        "enddt": _extended(end),
        "body": description,
    }
    return f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(values)}"


def _basic(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _extended(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
