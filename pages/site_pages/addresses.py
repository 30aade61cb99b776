"""Addresses of free pages: which are free to take, and how one is spelt."""

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

MAX_LEVELS = 5  # names in one address
MAX_PATH_CHARS = 400  # characters of all of them
# Answered by the server before this site, or kept for what may come.
RESERVED_NAMES = {
    "admin", "api", "c", "calendar", "comments", "feed", "healthz", "media", "preview", "readyz",
    "static", "wp-admin", "wp-content", "wp-includes", "wp-json", "your-data",
}  # fmt: skip


class PagePathConverter:
    """`parents` and `parents/first-call`."""

    regex = rf"[-a-zA-Z0-9_]+(?:/[-a-zA-Z0-9_]+){{0,{MAX_LEVELS - 1}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def validate_path_available(path: str) -> None:
    """Refuses an address that something else answers; `path` like `parents/first-call`."""
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
