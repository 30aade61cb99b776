"""Redirects from old addresses, followed only where nothing else answers."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _

MAX_PATH_CHARS = 500
# WordPress addresses a page by its number, as in /?p=12. Other parameters are ignored.
WORDPRESS_QUERY_NAMES = ("p", "page_id", "attachment_id", "cat", "tag", "author", "m", "feed")
FRONT_PAGE_PATHS = {"/", "/index.php"}


class Redirect(models.Model):
    """An old address, which answers with 301 to the new one."""

    old_path = models.CharField(
        _("old address"),
        max_length=MAX_PATH_CHARS,
        unique=True,
        help_text=_("The part after your domain, like /2021/05/on-rest/ or /?p=12."),
    )
    new_path = models.CharField(
        _("new address"),
        max_length=MAX_PATH_CHARS,
        help_text=_("An address on this site, like /articles/on-rest/."),
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["old_path"]

    def __str__(self) -> str:
        return self.old_path

    def clean(self) -> None:
        old, new = normalize_old_path(self.old_path), self.new_path.strip()
        if not old:
            raise ValidationError({"old_path": _("Begin the old address with a slash.")})
        if not is_local_path(new):
            raise ValidationError({"new_path": _("Give an address on this site, from the slash.")})
        end = resolve_redirect_chain(new)
        if normalize_old_path(end) == old:
            raise ValidationError({"new_path": _("This would lead back to the old address.")})
        self.old_path, self.new_path = old, end

    def save(self, *args: object, **kwargs: object) -> None:
        self.old_path = normalize_old_path(self.old_path) or self.old_path
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def add_redirect(old_path: str, new_path: str) -> Redirect | None:
    """Redirect `old_path` to `new_path`; return None if they are the same address.

    A redirect away from `new_path` is deleted, since something answers there again. Redirects to
    `old_path` are changed to `new_path`, so that no chains arise. Raises `ValueError` for
    addresses that are not on this site.
    """
    old, new = normalize_old_path(old_path), new_path.strip()
    if not old or not is_local_path(new):
        raise ValueError("both addresses are paths on this site")
    with transaction.atomic():
        Redirect.objects.filter(old_path=normalize_old_path(new)).delete()
        for before in Redirect.objects.filter(new_path__in=_slash_variants(old_path)):
            if before.old_path != normalize_old_path(new):
                before.new_path = new
                before.save(update_fields=["new_path"])
        if old == normalize_old_path(new):
            return None
        redirect, _created = Redirect.objects.update_or_create(
            old_path=old, defaults={"new_path": new}
        )
    return redirect


def find_redirect(path: str, query: str = "") -> str:
    """Return the new address for a request; empty if there is none, or it is the same."""
    path = re.sub("^/{2,}", "/", path)  # or the first part would be read as a host
    old = normalize_old_path(f"{path}?{query}" if query and path in FRONT_PAGE_PATHS else path)
    if not old or len(old) > MAX_PATH_CHARS:
        return ""
    new = Redirect.objects.filter(old_path=old).values_list("new_path", flat=True).first()
    if not new or not is_local_path(new) or normalize_old_path(new) == old:
        return ""
    return new


def normalize_old_path(address: str) -> str:
    """Normalize an address: lower case, no final slash, no query but `?p=12`; empty if invalid."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    # WordPress exports addresses in other scripts percent-encoded; a request arrives decoded.
    path = unquote(parts.path)
    if "\0" in path:
        return ""
    if not path.startswith("/") or parts.scheme or parts.netloc:
        return ""
    if path in FRONT_PAGE_PATHS:
        query = _extract_page_query(parts.query)
        return f"/?{query}" if query else ""
    return re.sub("/{2,}", "/", path).rstrip("/").lower()


def resolve_redirect_chain(new_path: str) -> str:
    """Follow existing redirects from an address to the last one."""
    seen = {normalize_old_path(new_path)}
    while further := find_redirect(*new_path.partition("?")[::2]):
        if normalize_old_path(further) in seen:
            return further
        seen.add(normalize_old_path(further))
        new_path = further
    return new_path


def is_local_path(path: str) -> bool:
    """Return whether every browser reads this as a path on this host; `//` and `\\` are not."""
    if not path.startswith("/") or path.startswith("//") or len(path) > MAX_PATH_CHARS:
        return False
    return "\\" not in path and path.isprintable() and not re.search(r"\s", path)


def _extract_page_query(query: str) -> str:
    try:
        params = parse_qs(query, max_num_fields=20)
    except ValueError:
        return ""
    for name in WORDPRESS_QUERY_NAMES:
        value = params.get(name, [""])[0]
        if value.isprintable() and 0 < len(value) <= 100:
            return f"{name}={value.lower()}"
    return ""


def _slash_variants(path: str) -> set[str]:
    """Return a path with and without its final slash."""
    bare = path.strip().rstrip("/")
    return {path.strip(), bare, f"{bare}/"}


# --- redirects that are added when a public row changes its address ---


def connect_redirects(*senders: type[models.Model]) -> None:
    """Add a redirect whenever a row of these models is saved with another address."""
    for model in senders:
        pre_save.connect(
            _add_redirects, sender=model, dispatch_uid=f"redirects.add.{model.__name__}"
        )


def _add_redirects(
    sender: type[models.Model], instance: models.Model, raw: bool, **_kwargs: object
) -> None:
    # Before the row is saved, in the same transaction: Searchable.save_base opens one.
    if not instance.pk or raw:
        return
    before = sender._base_manager.filter(pk=instance.pk).first()
    if before is None or not _is_row_public(before):
        return
    for old, new in zip(_row_urls(before), _row_urls(instance), strict=False):
        if old != new:
            add_redirect(old, new)


def _is_row_public(row: models.Model) -> bool:
    if hasattr(row, "is_public"):
        return bool(row.is_public())
    return bool(getattr(row, "is_published", True))


def _row_urls(row: models.Model) -> list[str]:
    """Return the addresses of a row: its own, and those of its feeds."""
    return [row.get_absolute_url(), *getattr(row, "feed_urls", list)()]  # type: ignore[attr-defined]
