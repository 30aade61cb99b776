"""Admin of staff: owners give roles, not to themselves; only superusers change superusers."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from consultations.accounts import roles
from consultations.accounts.models import StaffSession
from consultations.audit.models import AuditEntry
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import Practitioner
from tests.factories.consultations import make_staff, make_staff_with_roles
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
ADD_URL = "/admin/auth/user/add/"
LIST_URL = "/admin/auth/user/"
INVITATIONS_URL = "/admin/consultations/invitation/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def owner(client) -> User:
    user = make_staff_with_roles("owner")
    client.force_login(user)
    return user


def change_url(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def form_data(user: User, **answers) -> dict:
    names = ("username", "first_name", "last_name", "email")
    form = {**{name: getattr(user, name) for name in names}, "is_active": "on", "roles": []}
    return {**form, "practitioner": "", **answers}


def role_keys(user: User) -> list[str]:
    return [role.key for role in roles.get_roles(user)]


def test_owner_sees_role_descriptions_but_no_permissions(client, owner) -> None:
    page = client.get(change_url(make_staff_with_roles("author"))).content.decode()
    for role in roles.ROLES.values():
        assert str(role.description) in page
    assert "user_permissions" not in page
    assert "is_superuser" not in page


def test_only_superusers_add_staff_directly(client, owner) -> None:
    assert client.get(ADD_URL).status_code == 403
    client.force_login(make_staff())
    person = make_practitioner(slug="sam")
    answers = form_data(User(username="new", email="n@a.example"), roles=["intake", "practitioner"])
    response = client.post(ADD_URL, {**answers, "practitioner": person.pk})
    assert response.status_code == 302
    user = User.objects.get(username="new")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert role_keys(user) == ["practitioner", "intake"]
    assert user.practitioner == person
    [entry] = AuditEntry.objects.filter(action="staff_changed")
    assert {"login:new", "gave:intake", "gave:practitioner"} <= set(entry.fields)


def test_owner_changes_roles_but_cannot_grant_superuser(client, owner) -> None:
    user = make_staff_with_roles("author")
    club = Group.objects.create(name="Book club")
    user.groups.add(club)
    right = Permission.objects.get(codename="delete_user")
    more = {"is_superuser": "on", "user_permissions": [right.pk], "groups": [club.pk]}
    person = make_practitioner(user=user)
    client.post(change_url(user), form_data(user, roles=["editor"], **more))
    user.refresh_from_db()
    assert role_keys(user) == ["editor"]
    assert (user.is_superuser, user.user_permissions.count()) == (False, 0)
    assert club in user.groups.all()
    assert Practitioner.objects.get(pk=person.pk).user is None
    response = client.post(change_url(user), form_data(user, roles=["superuser"]))
    assert response.status_code == 200
    assert role_keys(user) == ["editor"]


def test_staff_cannot_change_their_own_roles(client, owner) -> None:
    page = client.get(change_url(owner)).content.decode()
    assert 'name="roles"' not in page
    answers = form_data(owner, roles=["author"], first_name="Sam", is_superuser="on")
    assert client.post(change_url(owner), answers).status_code == 302
    owner.refresh_from_db()
    assert (owner.first_name, role_keys(owner), owner.is_superuser) == ("Sam", ["owner"], False)
    assert client.post(change_url(owner), {**answers, "is_active": ""}).status_code == 302
    owner.refresh_from_db()
    assert owner.is_active


def test_owner_can_view_but_not_change_a_superuser(client, owner) -> None:
    boss = make_staff(email="boss@a.example")
    page = client.get(change_url(boss)).content.decode()
    assert "superuser" in page
    assert 'name="_save"' not in page
    before = User.objects.filter(pk=boss.pk).values().get()
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    delete = reverse("admin:auth_user_delete", args=[boss.pk])
    for url in (change_url(boss), password, delete):
        answers = form_data(boss, email="x@a.example", password1="a" * 14, password2="a" * 14)
        assert client.post(url, {**answers, "post": "yes"}).status_code == 403, url
    chosen = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    client.post("/admin/auth/user/", chosen)
    assert User.objects.filter(pk=boss.pk).values().get() == before


def test_only_superusers_set_passwords_of_others(client, owner) -> None:
    user = make_staff_with_roles("author")
    password = reverse("admin:auth_user_password_change", args=[user.pk])
    answers = {"password1": "a-long-password", "password2": "a-long-password"}
    assert client.post(password, {**answers, "usable_password": "true"}).status_code == 403
    # A superuser can, and the user is notified.
    User.objects.filter(pk=user.pk).update(email="member@mail.example")
    boss = make_staff()
    client.force_login(boss)
    theirs = Client()
    theirs.force_login(user)
    assert client.get(password).status_code == 200
    assert client.post(password, {**answers, "usable_password": "true"}).status_code == 302
    assert not StaffSession.objects.filter(user=user).exists()
    mail = OutgoingEmail.objects.get()
    assert (mail.message, mail.to) == ("staff_sign_in_changed", "member@mail.example")
    [entry] = AuditEntry.objects.filter(action="staff_changed")
    assert entry.fields == [f"login:{user.username}", "password"]
    # Their own password only with the current one, which an unattended screen does not have.
    own = reverse("admin:auth_user_password_change", args=[boss.pk])
    former = User.objects.get(pk=boss.pk).password
    assert client.post(own, answers)["Location"] == "/admin/account/password/"
    assert User.objects.get(pk=boss.pk).password == former
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    delete = reverse("admin:auth_user_delete", args=[user.pk])
    chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    for url, asked in ((password, answers), (delete, {"post": "yes"}), (LIST_URL, chosen)):
        assert client.post(url, asked)["Location"].startswith("/admin/account/confirm/"), url
    assert User.objects.filter(pk=user.pk).exists()


def test_deactivating_staff_ends_their_sessions(client, owner) -> None:
    user = make_staff_with_roles("author")
    theirs = Client()
    theirs.force_login(user)
    off = {key: value for key, value in form_data(user).items() if key != "is_active"}
    assert client.post(change_url(user), off).status_code == 302
    assert client.post(change_url(user), form_data(user)).status_code == 302
    assert theirs.get("/admin/")["Location"].startswith("/admin/login/")
    client.force_login(make_staff())
    client.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"})
    assert AuditEntry.objects.filter(fields__icontains="deleted").exists()


def test_superuser_assigns_groups_besides_roles(client) -> None:
    boss, user = make_staff(), make_staff_with_roles("author")
    club = Group.objects.create(name="Book club")
    client.force_login(boss)
    page = client.get(change_url(user)).content.decode()
    assert "Book club" in page
    assert f">{roles.AUTHOR.group_name}<" not in page
    more = {"is_staff": "on", "groups": [club.pk]}
    assert (
        client.post(change_url(user), form_data(user, roles=["author"], **more)).status_code == 302
    )
    assert set(user.groups.values_list("name", flat=True)) == {"role:author", "Book club"}


def test_login_differing_only_in_case_is_refused(client) -> None:
    client.force_login(make_staff())
    User.objects.create(username="Jo")
    response = client.post(ADD_URL, form_data(User(username="jo"), roles=["author"]))
    assert response.status_code == 200
    assert not User.objects.filter(username="jo").exists()


def test_role_groups_are_read_only(client) -> None:
    client.force_login(make_staff())
    group = Group.objects.get(name=roles.AUTHOR.group_name)
    url = reverse("admin:auth_group_change", args=[group.pk])
    assert client.post(url, {"name": "x", "permissions": []}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    client.post("/admin/auth/group/", chosen)
    assert Group.objects.filter(name=roles.AUTHOR.group_name).exists()


def test_staff_list_filters_by_role(client, owner) -> None:
    author, editor = make_staff_with_roles("author"), make_staff_with_roles("editor")
    users = client.get("/admin/auth/user/", {"role": "author"}).context["cl"].result_list
    assert (author in users, editor in users) == (True, False)


def test_list_of_logins_links_to_invitations(client, owner) -> None:
    page = client.get(LIST_URL).content.decode()
    assert "<h1>Logins</h1>" in page
    assert f'href="{INVITATIONS_URL}"' in page
    assert "Authentication" not in client.get(LIST_URL).content.decode()


def test_email_of_another_login_is_refused(client, owner) -> None:
    robin, sam = make_staff_with_roles("author"), make_staff_with_roles("editor")
    for user, address in ((robin, "robin@mail.example"), (sam, "sam@mail.example")):
        user.email = address
        user.save(update_fields=["email"])
    answer = client.post(
        change_url(sam), form_data(sam, email="Robin@mail.example", roles=["editor"])
    )
    assert answer.status_code == 200
    assert "Somebody signs in with this address already." in answer.content.decode()
    sam.refresh_from_db()
    assert sam.email == "sam@mail.example"
    assert client.post(change_url(sam), form_data(sam, roles=["editor"])).status_code == 302
