"""Addresses of free pages: their syntax, and which are available."""

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

MAX_LEVELS = 5
MAX_PATH_CHARS = 400  # of the whole path
# Answered by the server before this site, or reserved for later.
RESERVED_NAMES = {
    "admin", "api", "c", "calendar", "comments", "feed", "healthz", "media", "preview", "readyz",
    "static", "wp-admin", "wp-content", "wp-includes", "wp-json", "your-data",
}  # fmt: skip


class PagePathConverter:
    """Match `parents` and `parents/first-call`."""

    regex = rf"[-a-zA-Z0-9_]+(?:/[-a-zA-Z0-9_]+){{0,{MAX_LEVELS - 1}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def validate_path_available(path: str) -> None:
    """Raise `ValidationError` for a path like `parents/first-call` that is taken or too long."""
    if path.split("/")[0] in RESERVED_NAMES or _resolve_view_name(f"/{path}/") not in {
        "",
        "pages:free_page",
    }:
        raise ValidationError(
            {"slug": _("Another page already has this address. Choose other words.")}
        )
    if len(path) > MAX_PATH_CHARS:
        raise ValidationError({"slug": _("The whole address is too long. Choose a shorter one.")})
    if path.count("/") >= MAX_LEVELS:
        raise ValidationError({"parent": _("Pages lie at most five levels deep.")})


def _resolve_view_name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
