"""The role groups: created and reset by migrations; other groups stay untouched."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.management import call_command

from consultations.accounts import roles

pytestmark = pytest.mark.django_db


def role_group(role: roles.Role) -> Group:
    return Group.objects.get(name=role.group_name)


def permissions_of_user(user: User) -> set[str]:
    return User.objects.get(pk=user.pk).get_all_permissions()


def test_migrate_creates_a_group_with_permissions_for_each_role():
    for role in roles.ROLES.values():
        named = {name for name in role.permissions if not name.endswith(".*")}
        held = {
            f"{row.content_type.app_label}.{row.codename}"
            for row in role_group(role).permissions.select_related("content_type")
        }
        assert named <= held, role.key
        if not any(name.endswith(".*") for name in role.permissions):
            assert held == named, role.key


def test_only_the_owner_role_has_unrestricted_permissions():
    for name in ("view_everybodys_auditentry", "handle_person", "view_outgoingemail"):
        holders = {
            role.key
            for role in roles.ROLES.values()
            if role_group(role).permissions.filter(codename=name).exists()
        }
        assert holders == {"owner"}, name
    assert not Permission.objects.filter(
        group__name__in=[role.group_name for role in roles.ROLES.values()],
        codename__in=[
            "delete_user",
            "view_group",
            "add_group",
            "change_group",
            "change_permission",
        ],
    ).exists()


def test_author_has_no_permission_on_visitor_data():
    held = role_group(roles.AUTHOR).permissions.filter(content_type__app_label="consultations")
    assert not held.exists()


def test_migrate_repairs_role_groups_and_keeps_other_groups():
    strange = Permission.objects.get(codename="view_session")
    group = role_group(roles.AUTHOR)
    group.permissions.set([strange])
    own = Group.objects.create(name="Author")
    own.permissions.set([strange])
    role_group(roles.EDITOR).delete()
    call_command("migrate", verbosity=0)
    assert set(group.permissions.all()) == roles.get_role_permissions(roles.AUTHOR)
    assert set(own.permissions.all()) == {strange}
    assert role_group(roles.EDITOR).permissions.exists()


def test_syncing_role_groups_is_idempotent():
    roles.sync_role_groups()
    before = set(Group.permissions.through.objects.values_list("pk", flat=True))
    roles.sync_role_groups()
    assert set(Group.permissions.through.objects.values_list("pk", flat=True)) == before


def test_roles_are_cumulative_and_other_groups_stay():
    user = User.objects.create(username="jo", is_staff=True)
    club = Group.objects.create(name="Book club")
    user.groups.add(club)
    roles.set_roles(user, ["practitioner", "author"])
    assert [role.key for role in roles.get_roles(user)] == ["author", "practitioner"]
    assert {"pages.add_article", "consultations.view_consultation"} <= permissions_of_user(user)
    roles.set_roles(user, ["author"])
    assert [role.key for role in roles.get_roles(user)] == ["author"]
    assert club in user.groups.all()
    with pytest.raises(KeyError):
        roles.set_roles(user, ["superuser"])


def test_is_owner_requires_an_active_user_with_the_role():
    user = User.objects.create(username="jo", is_staff=True)
    assert not roles.is_owner(user)
    roles.set_roles(user, ["owner"])
    assert roles.is_owner(user)
    user.is_active = False
    assert not roles.is_owner(user)
    assert not roles.is_owner(AnonymousUser())
