"""Who may do what: six roles, each a Django group of the same rights in every practice.

Somebody may have several; their rights add up. A superuser stands above all roles. What concerns
single rows (one's own consultations, one's own articles) is said by the querysets and admin pages
that show them; the rights that lift that limit are named here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User
from django.db import connection
from django.utils.translation import gettext_lazy as _

GROUP_PREFIX = "role:"  # a practice's own group called "Editor" is never mistaken for ours
MANAGED_APPS = ("pages", "consultations")


@dataclass(frozen=True)
class Role:
    """``key`` is for ever: it stands in the group's name, in tests and in invitations."""

    key: str
    title: Any
    words: Any  # one sentence, beside the box that gives the role
    permissions: tuple[str, ...]  # "app.codename", or "app.*" for all of an app

    @property
    def group_name(self) -> str:
        return GROUP_PREFIX + self.key


def _all_permissions(*models: str) -> tuple[str, ...]:
    """The four rights that Django knows of each of these models."""
    names = (name.split(".") for name in models)
    return tuple(
        f"{app}.{verb}_{model}"
        for app, model in names
        for verb in ("view", "add", "change", "delete")
    )


AUTHOR = Role(
    "author",
    _("Author"),
    _("Writes and publishes their own articles and brings pictures. Sees nothing of visitors."),
    (
        "pages.view_article",
        "pages.add_article",
        "pages.change_article",
        "pages.delete_article",
        "pages.view_picture",
        "pages.add_picture",
        "pages.change_picture",
    ),
)
EDITOR = Role(
    "editor",
    _("Editor"),
    _("Looks after everything that visitors read: all articles, pages, menus, pictures, people."),
    (
        *_all_permissions(
            "pages.article",
            "pages.category",
            "pages.tag",
            "pages.picture",
            "pages.sitepage",
            "pages.freepage",
            "pages.menuentry",
            "pages.reusableblock",
            "pages.redirect",
            "pages.service",
            "pages.fee",
            "pages.frequentquestion",
            "pages.crisisline",
            "pages.licence",
        ),
        "pages.change_everybodys_article",
        "pages.change_everybodys_picture",
        "pages.view_practitioner",
        "pages.change_practitioner",
        "pages.view_searchsynonyms",
        "pages.add_searchsynonyms",
        "pages.change_searchsynonyms",
    ),
)
MODERATOR = Role(
    "moderator",
    _("Moderator"),
    _("Reads, publishes, answers and erases comments, and sees no consultation."),
    (
        "consultations.view_comment",
        "consultations.change_comment",
        "consultations.delete_comment",
    ),
)
PRACTITIONER = Role(
    "practitioner",
    _("Practitioner"),
    _("Sees and answers the consultations that are their own, and keeps their own hours."),
    (
        "consultations.view_consultation",
        "consultations.add_consultation",
        "consultations.change_consultation",
        "consultations.view_consultationtype",
        "consultations.view_practitionerhours",
        "consultations.change_practitionerhours",
        *_all_permissions(
            "consultations.busysource",
            "consultations.weeklywindow",
            "consultations.dateoverride",
            "consultations.overridewindow",
            "consultations.timeoff",
        ),
    ),
)
INTAKE = Role(
    "intake",
    _("Intake"),
    _("Sees and answers everybody’s consultations and the waiting list, and keeps all hours."),
    (
        "consultations.view_consultation",
        "consultations.add_consultation",
        "consultations.change_consultation",
        "consultations.work_for_everybody",
        "consultations.view_consultationtype",
        "consultations.view_practitionerhours",
        "consultations.change_practitionerhours",
        *_all_permissions(
            "consultations.weeklywindow",
            "consultations.dateoverride",
            "consultations.overridewindow",
            "consultations.timeoff",
        ),
    ),
)
OWNER = Role(
    "owner",
    _("Owner"),
    _("May do everything: staff and their roles, practice facts, people’s data, the whole log."),
    (
        *(f"{app}.*" for app in MANAGED_APPS),
        # New people are invited: an account made for somebody would begin with a shared password.
        "auth.view_user",
        "auth.change_user",
    ),
)

ROLES: Mapping[str, Role] = MappingProxyType(
    {role.key: role for role in (AUTHOR, EDITOR, MODERATOR, PRACTITIONER, INTAKE, OWNER)}
)


def get_role_permissions(role: Role) -> set[Permission]:
    """The rows for its rights; those of a version that is not migrated to are left out."""
    rows = Permission.objects.filter(content_type__app_label__in=(*MANAGED_APPS, "auth"))
    names = set(role.permissions)
    return {
        row
        for row in rows.select_related("content_type")
        if f"{row.content_type.app_label}.*" in names
        or f"{row.content_type.app_label}.{row.codename}" in names
    }


def get_roles(user: User) -> list[Role]:
    """The roles somebody has, in the order of the list."""
    names = set(user.groups.values_list("name", flat=True))
    return [role for role in ROLES.values() if role.group_name in names]


def set_roles(user: User, keys: Iterable[str]) -> None:
    """Exactly these roles; other groups of the practice stay as they are."""
    wanted = {ROLES[key].group_name for key in keys}
    ours = {role.group_name for role in ROLES.values()}
    user.groups.remove(*Group.objects.filter(name__in=ours - wanted))
    user.groups.add(*Group.objects.filter(name__in=wanted))


def is_owner(user: AbstractBaseUser | AnonymousUser) -> bool:
    """A superuser, or somebody with the owner's role."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or user.groups.filter(name=OWNER.group_name).exists()


# The groups of the six roles, made and kept right after every migration.


def sync_role_groups() -> None:
    """Each group has the rights of its role, no more and no less; other groups are not touched.

    A right that a later version brings arrives with its migration. A practice that wants something
    else makes a group of its own, since what it changes in ours would be undone by an upgrade.
    """
    for role in ROLES.values():
        group, _made = Group.objects.get_or_create(name=role.group_name)
        group.permissions.set(get_role_permissions(role))


def sync_roles_after_migrate(sender: Any, apps: Any = installed, **kwargs: Any) -> None:
    """Connected to post_migrate of this app, in whichever order Django goes through the apps."""
    if Group._meta.db_table not in connection.introspection.table_names():
        return  # only a few apps were migrated, and staff are not among them
    for label in (*MANAGED_APPS, "auth"):
        create_permissions(installed.get_app_config(label), verbosity=0, apps=apps)
    sync_role_groups()
