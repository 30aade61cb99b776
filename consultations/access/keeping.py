"""The groups of the six roles, made and kept right after every migration."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.db import connection

from consultations.access.roles import APPS, ROLES, permissions_of


def keep_roles() -> None:
    """Each group has the rights of its role, no more and no less; other groups are not touched.

    A right that a later version brings arrives with its migration. A practice that wants something
    else makes a group of its own, since what it changes in ours would be undone by an upgrade.
    """
    for role in ROLES.values():
        group, _made = Group.objects.get_or_create(name=role.group_name)
        group.permissions.set(permissions_of(role))


def after_migrations(sender: Any, apps: Any = installed, **kwargs: Any) -> None:
    """Connected to post_migrate of this app, in whichever order Django goes through the apps."""
    if Group._meta.db_table not in connection.introspection.table_names():
        return  # only a few apps were migrated, and staff are not among them
    for label in (*APPS, "auth"):
        create_permissions(installed.get_app_config(label), verbosity=0, apps=apps)
    keep_roles()
