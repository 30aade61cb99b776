"""The menu of the staff's desk: each room registers its own entries.

A room adds a page with one call at the end of its ``admin.py``::

    desk.register("practice", _("Fees"), 50, model=Fee)

``practice_site/desk_menu.py`` builds the menu of one person from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

CountWork = Callable[[User | AnonymousUser, datetime], int]


@dataclass(frozen=True)
class Group:
    """A heading of the menu."""

    key: str
    label: "_StrOrPromise"
    icon: str  # an id in static/admin/desk_icons.svg, without "i-"


# In the order of the menu.
GROUPS = (
    Group("consultations", _("Consultations"), "inbox"),
    Group("comments", _("Comments"), "bubble"),
    Group("website", _("Website"), "page"),
    Group("practice", _("Practice"), "home"),
    Group("settings", _("Settings"), "gear"),
)


@dataclass(frozen=True)
class Entry:
    """A page of the menu: the list of a model, or a view with a permission of its own."""

    group: str
    label: "_StrOrPromise"
    position: int  # within the group
    model: type[Model] | None = None  # the admin of the model decides who sees the entry
    url_name: str = ""  # default: the list of the model
    permission: str = ""
    count: CountWork | None = None
    is_calm: bool = False  # the count asks for nothing
    title: "_StrOrPromise" = ""  # heading of the list, where it differs from the label
    add_label: "_StrOrPromise" = ""  # the button that adds a row; default: Django's
    empty: "_StrOrPromise" = ""  # what an empty list says

    @property
    def route(self) -> str:
        if self.url_name or self.model is None:
            return self.url_name
        return f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist"


_entries: list[Entry] = []


def register(
    group: str,
    label: "_StrOrPromise",
    position: int,
    *,
    model: type[Model] | None = None,
    url_name: str = "",
    permission: str = "",
    count: CountWork | None = None,
    is_calm: bool = False,
    title: "_StrOrPromise" = "",
    add_label: "_StrOrPromise" = "",
    empty: "_StrOrPromise" = "",
) -> None:
    """Add a page to the menu."""
    if group not in {one.key for one in GROUPS}:
        raise ValueError(f"no group {group!r} in the menu")
    if model is None and not (url_name and permission):
        raise ValueError("an entry without a model needs url_name and permission")
    _entries.append(
        Entry(
            group,
            label,
            position,
            model=model,
            url_name=url_name,
            permission=permission,
            count=count,
            is_calm=is_calm,
            title=title,
            add_label=add_label,
            empty=empty,
        )
    )


def entries_of(group: str) -> list[Entry]:
    """Return the entries of a group, in order."""
    return sorted((one for one in _entries if one.group == group), key=lambda one: one.position)


def entry_of(model: type[Model]) -> Entry | None:
    """Return the entry of a model's list; None if it is not in the menu."""
    return next((one for one in _entries if one.model is model and not one.url_name), None)


def list_title(model: type[Model]) -> "_StrOrPromise":
    """Return the heading of a model's list: what the menu calls it; "" if it is not in the menu."""
    own = entry_of(model)
    return (own.title or own.label) if own else ""
