"""Error pages, stored as files so that they work when the database fails.

`facts.json` beside them holds what they say about the practice: with it a page is rendered again,
without the database, after a deployment has changed the address of the stylesheet.
"""

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pages.files import write_atomically
from pages.practice.crisis_lines import (
    CrisisLine,
    DefaultCrisisLine,
    crisis_lines_for,
    default_crisis_lines,
)
from pages.practice.profile import PracticeProfile

ERROR_STATUSES = (400, 403, 404, 413, 429, 500, 503)
REFERENCE_PLACEHOLDER = "<!-- reference -->"
FALLBACK_HTML = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="robots" content="noindex"><title>{heading}</title></head><body><main>'
    "<h1>{heading}</h1><p>{text}</p><p>{danger}</p>"
    '<p><a href="/">{home}</a></p></main></body></html>'
)
logger = logging.getLogger(__name__)


def error_page(status: int, *, reference: str = "") -> bytes:
    """Return the page for a status; staff find `reference` in the log."""
    status = status if status in ERROR_STATUSES else 500
    html = _read_stored_page(status) or _render_current_page(status)
    line = ""
    if reference:
        line = format_html("<p>{} <code>{}</code></p>", _("Reference:"), reference)
    return html.replace(REFERENCE_PLACEHOLDER, line).encode()


def write_error_pages() -> None:
    """Write every page with the current facts; on a full disk the old ones stay."""
    facts = _collect_facts()
    try:
        folder = _error_pages_dir()
        text = json.dumps(facts, ensure_ascii=False)
        # The reverse proxy, which runs as another user, reads them too.
        write_atomically(folder / "facts.json", text.encode(), mode=0o644)
        for status in ERROR_STATUSES:
            page = render_error_page(status, facts).encode()
            write_atomically(folder / f"{status}.html", page, mode=0o644)
    except OSError:
        logger.exception("error pages could not be written")


def render_error_page(status: int, facts: dict[str, object]) -> str:
    """Render the page for a status from facts, without the database."""
    with translation.override(settings.LANGUAGE_CODE):
        heading, text = _error_message(status)
        context = {
            **facts,
            "status": status,
            "heading": heading,
            "text": text,
            "stylesheet": _static_url("css/site.css"),
            "icon": _static_url("img/favicon.svg"),
            "language": settings.LANGUAGE_CODE,
        }
        return render_to_string("errors/error_page.html", context)


def _error_message(status: int) -> tuple[str, str]:
    retry = _(
        "Please try again in a few minutes. If you were writing, go back: your words are there."
    )
    messages = {
        400: (
            _("We couldn’t read that"),
            _("Something in the request wasn’t what we expected. Going back often helps."),
        ),
        403: (
            _("You can’t open this page"),
            _("If you came from a form on another page, open the page here and send it again."),
        ),
        404: (
            _("We can’t find this page"),
            _("It may have moved, or the address may be incomplete. Search often finds it."),
        ),
        413: (
            _("That’s too large for us"),
            _("Please go back and send a shorter text or a smaller file."),
        ),
        429: (_("Many requests came at once"), retry),
        500: (_("Something went wrong on our side"), retry),
        503: (_("We’ll be right back"), retry),
    }
    return messages[status]


def _read_stored_page(status: int) -> str:
    with suppress(OSError, UnicodeDecodeError):
        html = (_error_pages_dir() / f"{status}.html").read_text(encoding="utf-8")
        if _static_url("css/site.css") in html:
            return html
    return ""


def _render_current_page(status: int) -> str:
    try:
        return render_error_page(status, _load_stored_facts())
    except Exception:
        # Even when the template fails, the page tells a person in danger what to do.
        logger.exception("error page could not be rendered")
        return _fallback_page(status)


def _load_stored_facts() -> dict[str, object]:
    with suppress(OSError, ValueError):
        return json.loads((_error_pages_dir() / "facts.json").read_text(encoding="utf-8"))
    return _build_facts(PracticeProfile(name=_("Our practice")), default_crisis_lines("US"))


def _collect_facts() -> dict[str, object]:
    practice = PracticeProfile.load()
    return _build_facts(practice, crisis_lines_for(practice.country))


def _build_facts(
    practice: PracticeProfile, lines: Iterable[CrisisLine | DefaultCrisisLine]
) -> dict[str, object]:
    look = getattr(practice, "look", None)
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
        # Its model is in a room above this one.
        "look_stylesheet": look.stylesheet_url if look else "",
    }


def _fallback_page(status: int) -> str:
    heading, text = _error_message(status)
    return format_html(
        FALLBACK_HTML,
        language=settings.LANGUAGE_CODE,
        heading=heading,
        text=text,
        danger=_("If you or someone else may be in danger, call your emergency number now."),
        home=_("Home"),
    )


@cache
def _static_url(name: str) -> str:
    with suppress(ValueError):  # before collectstatic there is no hashed name
        return static(name)
    return f"{settings.STATIC_URL}{name}"


def _error_pages_dir() -> Path:
    return Path(settings.DATA_DIR) / "errors"


# --- written again when the practice or its crisis lines change ---


def connect_signals() -> None:
    """Connect the receivers; called when the app is ready."""
    for model in (PracticeProfile, CrisisLine):
        post_save.connect(
            _rewrite_error_pages, sender=model, dispatch_uid=f"{model.__name__}.saved"
        )
        post_delete.connect(
            _rewrite_error_pages, sender=model, dispatch_uid=f"{model.__name__}.deleted"
        )


def _rewrite_error_pages(using: str, **kwargs: object) -> None:
    if kwargs.get("raw"):
        return
    # After the commit, so that a rolled-back change is never written.
    transaction.on_commit(write_error_pages, using=using, robust=True)


# --- Django's error handlers: they touch no form data, session, user or database ---


def error_response(status: int, reference: str = "") -> HttpResponse:
    response = HttpResponse(error_page(status, reference=reference), status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(500, getattr(request, "reference", ""))
