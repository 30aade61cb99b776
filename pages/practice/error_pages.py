"""Error pages as files: they need no database, so they work when it is the database that fails.

`facts.json` beside them holds what they say about the practice. With it a page can be made anew
without the database when the stylesheet got another address since.
"""

import json
import logging
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pages.practice.crisis_lines import lines_for, shipped_lines
from pages.practice.profile import PracticeProfile

STATUSES = (400, 403, 404, 413, 429, 500, 503)
REFERENCE_MARK = "<!-- reference -->"
LAST_RESORT = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="robots" content="noindex"><title>{heading}</title></head><body><main>'
    "<h1>{heading}</h1><p>{text}</p><p>{danger}</p>"
    '<p><a href="/">{home}</a></p></main></body></html>'
)
logger = logging.getLogger(__name__)


def page(status: int, *, reference: str = "") -> bytes:
    """The page for a status; `reference` leads staff to the line in the log."""
    status = status if status in STATUSES else 500
    html = _stored(status) or _made_now(status)
    line = ""
    if reference:
        line = format_html("<p>{} <code>{}</code></p>", _("Reference:"), reference)
    return html.replace(REFERENCE_MARK, line).encode()


def write_all() -> None:
    """Writes every page with the present facts; a full disk leaves the old ones in place."""
    facts = _gather()
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "facts.json", json.dumps(facts, ensure_ascii=False))
        for status in STATUSES:
            _replace(folder / f"{status}.html", render(status, facts))
    except OSError:
        logger.exception("error pages could not be written")


def render(status: int, facts: dict[str, Any]) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        heading, text = _words(status)
        context = {
            **facts,
            "status": status,
            "heading": heading,
            "text": text,
            "stylesheet": _address("css/site.css"),
            "icon": _address("img/favicon.svg"),
            "language": settings.LANGUAGE_CODE,
        }
        return render_to_string("errors/page.html", context)


def _words(status: int) -> tuple[str, str]:
    retry = _(
        "Please try again in a few minutes. If you were writing, go back: your words are there."
    )
    found = {
        400: (
            _("We could not read that"),
            _("Something in the request was not as we expected. Going back often helps."),
        ),
        403: (
            _("This page is not open to you"),
            _("If you came from a form on another page, open the page here and send it again."),
        ),
        404: (
            _("This page is not here"),
            _("It may have moved, or the address is not quite complete. Search often finds it."),
        ),
        413: (
            _("That was more than we can take"),
            _("The text or file is too large. Go back: a shorter version will reach us."),
        ),
        429: (_("Many requests came at once"), retry),
        500: (_("Something went wrong on our side"), retry),
        503: (_("We are away for a moment"), retry),
    }
    return found[status]


def _stored(status: int) -> str:
    with suppress(OSError, UnicodeDecodeError):
        html = (_folder() / f"{status}.html").read_text(encoding="utf-8")
        if _address("css/site.css") in html:
            return html
    return ""


def _made_now(status: int) -> str:
    try:
        return render(status, _known())
    except Exception:
        # Whatever is broken, a person in danger finds a number here.
        logger.exception("error page could not be rendered")
        return _last_resort(status)


def _known() -> dict[str, Any]:
    with suppress(OSError, ValueError):
        return json.loads((_folder() / "facts.json").read_text(encoding="utf-8"))
    return _facts(PracticeProfile(name=_("Our practice")), shipped_lines("US"))


def _gather() -> dict[str, Any]:
    practice = PracticeProfile.load()
    return _facts(practice, lines_for(practice.country))


def _facts(practice: PracticeProfile, lines: Any) -> dict[str, Any]:
    shown = ("kind", "name", "phone", "tel", "sms", "sms_number", "hours", "url")
    return {
        "practice": {
            "name": practice.name,
            "phone": practice.phone,
            "tel": practice.tel,
            "email": practice.email,
            "demo_notice": practice.demo_notice,
        },
        "crisis_lines": [{name: str(getattr(line, name)) for name in shown} for line in lines],
        "next_step": practice.call_to_action().label,
    }


def _last_resort(status: int) -> str:
    heading, text = _words(status)
    return format_html(
        LAST_RESORT,
        language=settings.LANGUAGE_CODE,
        heading=heading,
        text=text,
        danger=_("If you or someone else may be in danger, call your emergency number now."),
        home=_("Home"),
    )


@cache
def _address(name: str) -> str:
    with suppress(ValueError):  # before collectstatic there is no hashed name
        return static(name)
    return f"{settings.STATIC_URL}{name}"


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "errors"


def _replace(path: Path, text: str) -> None:
    """All or nothing: a reader never sees half a page."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    os.replace(file.name, path)


# Answers when something went wrong. They touch no form data, session, user or database.


def error_response(status: int, reference: str = "") -> HttpResponse:
    response = HttpResponse(page(status, reference=reference), status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    if status in (429, 503):
        response["Retry-After"] = "120"  # seconds
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(500, getattr(request, "reference", ""))


def service_unavailable(request: HttpRequest) -> HttpResponse:
    return error_response(503, getattr(request, "reference", ""))
