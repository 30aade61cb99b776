"""Build the menu of the staff's desk for one request."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from consultations.accounts.roles import get_roles
from pages import desk

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class DeskUser:
    """Who is signed in, for the foot of the menu."""

    name: str
    initials: str
    role: str

    @classmethod
    def of(cls, user: User | AnonymousUser) -> "DeskUser":
        name = (user.get_full_name() if isinstance(user, User) else "") or user.get_username()
        initials = "".join(word[0] for word in name.split()[:2]).upper()
        return cls(name, initials, _role_title(user))


def _role_title(user: User | AnonymousUser) -> str:
    if not isinstance(user, User) or user.is_superuser:
        return gettext("Superuser") if user.is_superuser else ""
    return ", ".join(str(role.title) for role in get_roles(user))


@dataclass(frozen=True)
class MenuLink:
    """An entry as this person sees it."""

    label: "_StrOrPromise"
    url: str
    count: int | None
    is_calm: bool
    is_current: bool


@dataclass(frozen=True)
class MenuGroup:
    """A heading with the entries below it that this person may open."""

    key: str
    label: "_StrOrPromise"
    icon: str
    links: list[MenuLink]

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)

    @property
    def is_open(self) -> bool:
        return self.is_current or self.waiting > 0

    @property
    def waiting(self) -> int:
        """How much in this group asks for something."""
        return sum(link.count or 0 for link in self.links if not link.is_calm)


@dataclass(frozen=True)
class Menu:
    """The menu, and what the bottom bar of a phone takes from it."""

    is_today: bool
    groups: list[MenuGroup]

    def group(self, key: str) -> MenuGroup | None:
        return next((one for one in self.groups if one.key == key), None)

    @property
    def calendar(self) -> MenuLink | None:
        return self._link("consultations", reverse("admin:consultations_consultation_week"))

    @property
    def moderation(self) -> MenuLink | None:
        return self._link("comments", reverse("admin:consultations_comment_changelist"))

    def _link(self, key: str, url: str) -> MenuLink | None:
        group = self.group(key)
        links = group.links if group else []
        return next((link for link in links if link.url == url), None)


def build_menu(site: AdminSite, request: HttpRequest) -> Menu:
    """Return the groups with the entries this person may open, with counts."""
    now = timezone.now()
    shown = {
        group.key: [
            entry for entry in desk.entries_of(group.key) if _may_open(site, request, entry)
        ]
        for group in desk.GROUPS
    }
    current = _current_url(
        request.path, [reverse(entry.route) for entries in shown.values() for entry in entries]
    )
    groups = [
        MenuGroup(
            group.key,
            group.label,
            group.icon,
            [_link(request, entry, current, now) for entry in shown[group.key]],
        )
        for group in desk.GROUPS
        if shown[group.key]
    ]
    return Menu(request.path == reverse("admin:index"), groups)


def _may_open(site: AdminSite, request: HttpRequest, entry: desk.Entry) -> bool:
    if entry.permission and not request.user.has_perm(entry.permission):
        return False
    if entry.model is None:
        return True
    if not site.is_registered(entry.model):
        return False
    model_admin = site.get_model_admin(entry.model)
    return model_admin.has_module_permission(request) and (
        model_admin.has_view_or_change_permission(request)
    )


def _link(request: HttpRequest, entry: desk.Entry, current: str, now: datetime) -> MenuLink:
    url = reverse(entry.route)
    count = entry.count(request.user, now) if entry.count else None
    return MenuLink(entry.label, url, count, entry.is_calm, url == current)


def _current_url(path: str, urls: list[str]) -> str:
    """Return the longest URL that the path lies below; "" if there is none."""
    return max((url for url in urls if path.startswith(url)), key=len, default="")
