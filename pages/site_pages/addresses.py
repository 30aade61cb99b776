"""Addresses of free pages: which are free to take, and how one is spelt."""

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

DEEPEST = 5  # names in one address
LONGEST = 400  # characters of all of them
# Answered by the server before this site, or kept for what may come.
RESERVED = {
    "admin", "api", "c", "calendar", "comments", "feed", "healthz", "media", "preview", "readyz",
    "static", "wp-admin", "wp-content", "wp-includes", "wp-json", "your-data",
}  # fmt: skip


class PagePathConverter:
    """`parents` and `parents/first-call`."""

    regex = rf"[-a-zA-Z0-9_]+(?:/[-a-zA-Z0-9_]+){{0,{DEEPEST - 1}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def check_is_free(path: str) -> None:
    """Refuses an address that something else answers; `path` like `parents/first-call`."""
    if path.split("/")[0] in RESERVED or _answered_by(f"/{path}/") not in {"", "pages:free_page"}:
        raise ValidationError(
            {"slug": _("Another page already has this address. Choose other words.")}
        )
    if len(path) > LONGEST:
        raise ValidationError({"slug": _("The whole address is too long. Choose a shorter one.")})
    if path.count("/") >= DEEPEST:
        raise ValidationError({"parent": _("Pages lie at most five levels deep.")})


def _answered_by(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
