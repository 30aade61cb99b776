"""The staff roles, each a Django group with the same permissions in every practice.

A user may have several roles; their permissions add up. A superuser can do everything. Which single
rows a role may see (own consultations, own articles) is decided by the querysets and admin pages
that show them; the permissions that lift this limit are listed here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUP_PREFIX = "role:"  # a practice's own group called "Editor" is never mistaken for ours
MANAGED_APPS = ("pages", "consultations")


@dataclass(frozen=True)
class Role:
    """A role. Its ``key`` never changes: groups, invitations and the audit log contain it."""

    key: str
    title: Promise
    description: Promise  # one sentence, beside the checkbox that gives the role
    permissions: tuple[str, ...]  # "app.codename", or "app.*" for all of an app

    @property
    def group_name(self) -> str:
        """The name of the Django group that holds the role's permissions."""
        return GROUP_PREFIX + self.key


def _all_permissions(*models: str) -> tuple[str, ...]:
    """Return Django's four permissions for each of these models."""
    names = (name.split(".") for name in models)
    return tuple(
        f"{app}.{verb}_{model}"
        for app, model in names
        for verb in ("view", "add", "change", "delete")
    )


CONTRIBUTOR = Role(
    "contributor",
    _("Contributor"),
    _("Writes their own articles and asks for a review; an editor publishes them."),
    (
        "pages.view_article",
        "pages.add_article",
        "pages.change_article",
        "pages.view_picture",
        "pages.add_picture",
        "pages.change_picture",
    ),
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
        "pages.publish_article",
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
        "pages.publish_article",
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
        # New staff are invited: an account created for them would start with a shared password.
        "auth.view_user",
        "auth.change_user",
    ),
)

ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.key: role
        for role in (CONTRIBUTOR, AUTHOR, EDITOR, MODERATOR, PRACTITIONER, INTAKE, OWNER)
    }
)


def get_role_permissions(role: Role) -> set[Permission]:
    """Return the role's permissions, without those that no migration has created yet."""
    rows = Permission.objects.filter(content_type__app_label__in=(*MANAGED_APPS, "auth"))
    names = set(role.permissions)
    return {
        row
        for row in rows.select_related("content_type")
        if f"{row.content_type.app_label}.*" in names
        or f"{row.content_type.app_label}.{row.codename}" in names
    }


def get_roles(user: User) -> list[Role]:
    """Return a user's roles, in the order of ``ROLES``."""
    names = set(user.groups.values_list("name", flat=True))
    return [role for role in ROLES.values() if role.group_name in names]


def set_roles(user: User, keys: Iterable[str]) -> None:
    """Give a user exactly these roles, and leave the practice's own groups alone."""
    selected = {ROLES[key].group_name for key in keys}
    role_groups = {role.group_name for role in ROLES.values()}
    user.groups.remove(*Group.objects.filter(name__in=role_groups - selected))
    user.groups.add(*Group.objects.filter(name__in=selected))


def is_owner(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether an active user is a superuser or has the owner role."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or user.groups.filter(name=OWNER.group_name).exists()


def sync_role_groups() -> None:
    """Give each role's group exactly the role's permissions; leave other groups alone.

    A permission that a later version adds arrives with its migration. A practice that wants
    something else creates its own group, because an upgrade resets changes to the role groups.
    """
    for role in ROLES.values():
        group, _created = Group.objects.get_or_create(name=role.group_name)
        group.permissions.set(get_role_permissions(role))


def sync_roles_after_migrate(
    sender: AppConfig, apps: Apps = installed_apps, **kwargs: object
) -> None:
    """Sync the groups. Connected to ``post_migrate`` of this app.

    Django creates the permissions of each app in the same signal, possibly later, so they are
    created here first.
    """
    if Group._meta.db_table not in connection.introspection.table_names():
        return  # only some apps were migrated, without django.contrib.auth
    for label in (*MANAGED_APPS, "auth"):
        create_permissions(installed_apps.get_app_config(label), verbosity=0, apps=apps)
    sync_role_groups()
