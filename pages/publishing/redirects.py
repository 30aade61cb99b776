"""Old addresses and where their page went. Followed only where nothing else answers."""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_save, pre_save
from django.utils.translation import gettext_lazy as _

LONGEST = 500  # characters
# How WordPress names a page by its number: /?p=12. Other words of a query name no page.
QUERY_NAMES = ("p", "page_id", "attachment_id", "cat", "tag", "author", "m", "feed")
FRONT_PAGES = {"/", "/index.php"}


class Redirect(models.Model):
    """One old address; asked for, it answers with 301 to the new one."""

    old_path = models.CharField(
        _("old address"),
        max_length=LONGEST,
        unique=True,
        help_text=_("The part after your domain, like /2021/05/on-rest/ or /?p=12."),
    )
    new_path = models.CharField(
        _("new address"),
        max_length=LONGEST,
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
        old, new = as_key(self.old_path), self.new_path.strip()
        if not old:
            raise ValidationError({"old_path": _("Begin the old address with a slash.")})
        if not is_local(new):
            raise ValidationError({"new_path": _("Give an address on this site, from the slash.")})
        end = final(new)
        if as_key(end) == old:
            raise ValidationError({"new_path": _("This would lead back to the old address.")})
        self.old_path, self.new_path = old, end

    def save(self, *args: object, **kwargs: object) -> None:
        self.old_path = as_key(self.old_path) or self.old_path
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def leave(old_path: str, new_path: str) -> Redirect | None:
    """What stood at `old_path` stands at `new_path` now.

    A redirect away from `new_path` is dropped, as something answers there again; those that led
    to `old_path` lead to `new_path` at once, so that no chain ever grows.
    """
    old, new = as_key(old_path), new_path.strip()
    if not old or not is_local(new):
        raise ValueError("both addresses are paths on this site")
    with transaction.atomic():
        Redirect.objects.filter(old_path=as_key(new)).delete()
        for before in Redirect.objects.filter(new_path__in=_spellings(old_path)):
            if before.old_path != as_key(new):
                before.new_path = new
                before.save(update_fields=["new_path"])
        if old == as_key(new):
            return None
        found, _created = Redirect.objects.update_or_create(
            old_path=old, defaults={"new_path": new}
        )
    return found


def find(path: str, query: str = "") -> str:
    """Where a request goes instead; empty when nothing is known or it would go nowhere new."""
    path = re.sub("^/{2,}", "/", path)  # or the first name would be read as a host
    old = as_key(f"{path}?{query}" if query and path in FRONT_PAGES else path)
    if not old or len(old) > LONGEST:
        return ""
    new = Redirect.objects.filter(old_path=old).values_list("new_path", flat=True).first()
    if not new or not is_local(new) or as_key(new) == old:
        return ""
    return new


def names_a_page(path: str, query: str) -> bool:
    """Whether this is `/?p=12` or its like, which the home page would answer."""
    return path in FRONT_PAGES and bool(_page_query(query))


def as_key(address: str) -> str:
    """One spelling for all: no host, lower case, no slash at the end, `?p=12` and no more."""
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
    if path in FRONT_PAGES:
        query = _page_query(parts.query)
        return f"/?{query}" if query else ""
    return re.sub("/{2,}", "/", path).rstrip("/").lower()


def final(new_path: str) -> str:
    """The end of what redirects already say about an address."""
    seen = {as_key(new_path)}
    while further := find(*new_path.partition("?")[::2]):
        if as_key(further) in seen:
            return further
        seen.add(as_key(further))
        new_path = further
    return new_path


def is_local(path: str) -> bool:
    """A path on this host in every browser's reading; `//` and a backslash lead elsewhere."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return False
    return "\\" not in path and path.isprintable() and not re.search(r"\s", path)


def _page_query(query: str) -> str:
    try:
        found = parse_qs(query, max_num_fields=20)
    except ValueError:
        return ""
    for name in QUERY_NAMES:
        value = found.get(name, [""])[0]
        if value.isprintable() and 0 < len(value) <= 100:
            return f"{name}={value.lower()}"
    return ""


def _spellings(path: str) -> set[str]:
    """A path with and without its last slash, as a redirect may have been given it."""
    bare = path.strip().rstrip("/")
    return {path.strip(), bare, f"{bare}/"}


# Whatever moves to another address leaves word at the old one.


def connect_redirects(*senders: type[models.Model]) -> None:
    """From now on a saved change of address of these leaves a redirect."""
    for model in senders:
        pre_save.connect(
            _remember_old_urls, sender=model, dispatch_uid=f"moving.before.{model.__name__}"
        )
        post_save.connect(
            _add_redirects, sender=model, dispatch_uid=f"moving.after.{model.__name__}"
        )


def _remember_old_urls(
    sender: type[models.Model], instance: Any, raw: bool, **_kwargs: Any
) -> None:
    instance.addresses_before = []
    if instance.pk and not raw:
        before = sender._base_manager.filter(pk=instance.pk).first()
        if before and _is_row_public(before):
            instance.addresses_before = _row_urls(before)


def _add_redirects(sender: type[models.Model], instance: Any, **_kwargs: Any) -> None:
    for old, new in zip(instance.addresses_before, _row_urls(instance), strict=False):
        if old != new:
            leave(old, new)


def _is_row_public(row: Any) -> bool:
    if hasattr(row, "is_public"):
        return bool(row.is_public())
    return bool(getattr(row, "is_published", True))


def _row_urls(row: Any) -> list[str]:
    """All addresses that belong to a row: its own, and those of its feeds."""
    return [row.get_absolute_url(), *getattr(row, "feed_urls", list)()]


# The way to redirects for whoever builds pages; articles share them, so they lie below.

__all__ = ["Redirect", "find", "leave"]
