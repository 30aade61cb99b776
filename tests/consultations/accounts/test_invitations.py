"""Asking somebody to join, and letting somebody in again: links that open once."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from consultations.accounts import rate_limits, roles, workflow
from consultations.accounts.models import Invitation, StaffSession
from consultations.audit.models import AuditEntry
from consultations.outbox.models import OutgoingEmail
from tests.consultations.accounts.test_second_factor import set_up_app
from tests.factories.pages import make_practitioner

pytestmark = pytest.mark.django_db

PASSWORD = "a long quiet river"
LIST = "/admin/consultations/invitation/"


@pytest.fixture
def owner() -> User:
    user = User.objects.create_user("olive", "olive@mail.example", PASSWORD, is_staff=True)
    roles.set_roles(user, ["owner"])
    return user


@pytest.fixture
def desk(owner) -> Client:
    client = Client()
    client.post("/admin/login/", {"login": "olive", "password": PASSWORD})
    return client


def invite(desk: Client, **answers):
    fields = {"address": "sam@mail.example", "name": "Sam", "roles": ["moderator"], **answers}
    return desk.post(f"{LIST}add/", fields)


def link() -> str:
    """The path in the newest invitation that was mailed."""
    mail = OutgoingEmail.objects.filter(message="staff_invitation", state="waiting").get()
    assert mail.to == "sam@mail.example"
    return mail.text.split("http://testserver")[1].split()[0]


def join(client: Client, path: str, **answers):
    fields = {"username": "sam-b", "password1": PASSWORD, "password2": PASSWORD, **answers}
    return client.post(path, fields)


def test_an_invited_person_chooses_login_and_password_and_has_the_roles(desk, owner, client):
    person = make_practitioner(name="Robin Public")
    assert b"Robin Public" in desk.get(f"{LIST}add/").content
    assert invite(desk, practitioner=person.pk)["Location"] == LIST
    mail = OutgoingEmail.objects.get()
    everything = (mail.subject + mail.text + mail.html).lower()
    assert "opens once" in everything
    for word in ("sam", "moderator", "therap", PASSWORD):
        assert word not in everything.replace("sam@mail", ""), word
    path = link()
    assert path.startswith("/admin/account/invitation/")
    page = client.get(path)
    assert b"Good that you are here, Sam" in page.content
    assert "no-store" in page["Cache-Control"]
    assert join(client, path, password2="other").status_code == 422
    assert join(client, path, username="olive").status_code == 422
    weak = {"password1": "sam@mail.example", "password2": "sam@mail.example"}
    assert join(client, path, **weak).status_code == 422
    assert join(client, path)["Location"] == "/admin/account/"
    sam = User.objects.get(username="sam-b")
    assert [role.key for role in roles.get_roles(sam)] == ["moderator"]
    assert (sam.is_staff, sam.is_superuser, sam.email) == (True, False, "sam@mail.example")
    person.refresh_from_db()
    assert person.user == sam
    # Signed in, and once only.
    assert client.get("/admin/").status_code == 200
    assert join(Client(), path, username="second").status_code == 404
    assert not User.objects.filter(username="second").exists()
    acts = AuditEntry.objects.filter(model="consultations.invitation").order_by("number")
    assert [(row.action, row.staff_name, row.fields) for row in acts] == [
        ("staff_invited", "olive", ["role:moderator"]),
        ("staff_joined", "sam-b", ["role:moderator"]),
    ]
    listed = desk.get(LIST).content.decode()
    assert "sam@mail.example" in listed
    assert ">used<" in listed


def test_of_two_who_choose_one_login_at_once_the_second_is_told(desk, client, monkeypatch):
    invite(desk)
    path = link()
    name = "consultations.accounts.forms.AcceptInvitationForm.clean_username"
    monkeypatch.setattr(name, lambda form: "olive")  # free when it was looked at
    answer = join(client, path)
    assert (answer.status_code, b"has this login already" in answer.content) == (422, True)
    assert client.get(path).status_code == 200
    assert not User.objects.filter(email="sam@mail.example").exists()


def test_links_that_open_nothing_look_the_same(desk, client):
    invite(desk)
    first = link()
    row = Invitation.objects.get()
    pages = {client.get(path).content for path in (first[:-2] + "/", f"{first[:-9]}x/")}
    act = {"_selected_action": row.pk}
    desk.post(LIST, {**act, "action": "send_again"})
    second = link()  # one mail waits: the former one was taken back with its link
    assert second != first
    pages.add(client.get(first).content)
    assert client.get(second).status_code == 200
    desk.post(LIST, {**act, "action": "take_back"})
    assert not OutgoingEmail.objects.filter(state="waiting").exists()
    pages.add(client.get(second).content)
    assert join(client, second).status_code == 404
    desk.post(LIST, {**act, "action": "send_again"})
    third = link()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        answer = client.get(third)
        assert answer.status_code == 404
        pages.add(answer.content)
        assert Invitation.objects.get().state(timezone.now()) == Invitation.State.OVER
    assert len(pages) == 1
    assert client.get(third).status_code == 200


def test_only_owners_invite_and_only_after_showing_once_more_who_they_are(desk, client):
    editor = User.objects.create_user("ed", "", PASSWORD, is_staff=True)
    roles.set_roles(editor, ["editor", "moderator", "practitioner", "intake"])
    client.force_login(editor)
    for path in (LIST, f"{LIST}add/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{LIST}add/", {}).status_code == 403
    session = desk.session
    name = "account_authentication_methods"
    session[name] = [{**one, "at": one["at"] - 301} for one in session[name]]
    session.save()
    asked = desk.get(f"{LIST}add/")
    assert asked["Location"].startswith("/admin/account/confirm/?next=")
    # A form that was opened in time is not lost, and nothing of it gets into the session.
    assert invite(desk)["Location"] == LIST
    session[name] = [{**one, "at": one["at"] - 1801} for one in session[name]]
    session.save()
    late = invite(desk, address="other@mail.example")
    assert late["Location"].startswith("/admin/account/confirm/")
    assert "other@mail.example" not in str(dict(desk.session))
    assert desk.post(asked["Location"], {"password": PASSWORD})["Location"] == f"{LIST}add/"
    assert Invitation.objects.count() == 1


def test_an_address_of_the_staff_is_not_invited_and_a_role_is_needed(desk):
    assert invite(desk, address="OLIVE@mail.example").status_code == 200
    assert invite(desk, roles=[]).status_code == 200
    assert invite(desk, roles=["emperor"]).status_code == 200
    assert not Invitation.objects.exists()


def test_another_owner_may_stand_by_an_invitation(desk, owner, client):
    invite(desk)
    path = link()
    roles.set_roles(owner, ["author"])
    other = User.objects.create_user("second", "", PASSWORD, is_staff=True)
    roles.set_roles(other, ["owner"])
    client.post("/admin/login/", {"login": "second", "password": PASSWORD})
    assert "opens nothing" in client.get(LIST).content.decode()
    row = Invitation.objects.get()
    client.post(LIST, {"action": "send_again", "_selected_action": [str(row.pk)]})
    assert join(Client(), path).status_code == 404
    assert join(Client(), link())["Location"] == "/admin/account/"


def test_an_address_gets_one_login_however_often_it_was_invited(desk):
    """Of two logins with one address neither could sign in by it."""
    invite(desk)
    first = link()
    OutgoingEmail.objects.all().delete()
    invite(desk)
    assert join(Client(), first).status_code == 302
    assert join(Client(), link(), username="other").status_code == 404


def test_no_login_is_a_colleagues_address(desk, client):
    """It would stand before it, and lock them out of signing in by their address."""
    invite(desk)
    assert join(client, link(), username="Olive@mail.example").status_code == 422
    assert not User.objects.filter(username__contains="@").exists()
    assert join(client, link(), username="sam@mail.example").status_code == 302


def test_invitations_go_thirty_days_after_they_ran_out(desk):
    invite(desk)
    now = timezone.now()
    assert workflow.purge_expired_links(now + timedelta(days=36)) == 0
    assert workflow.purge_expired_links(now + timedelta(days=38)) == 1


# --- a lost phone ---
def reset_link(name: str = "olive") -> str:
    out = StringIO()
    call_command("staff_reset", name, stdout=out, stderr=StringIO())
    (line,) = out.getvalue().split()
    assert line.startswith("http://testserver/admin/account/reset/")
    return line.removeprefix("http://testserver")


def test_a_lost_phone(desk, owner, client):
    TOTP.activate(owner, "A" * 32)
    void, path = reset_link(), reset_link("OLIVE@mail.example")
    assert client.get(void).status_code == 404
    page = client.get(path)
    assert b"For the login olive" in page.content
    assert Authenticator.objects.exists()  # looking changes nothing
    fields = {"password1": "another good word", "password2": "another good word"}
    assert client.post(path, {**fields, "password1": "short"}).status_code == 422
    assert client.post(path, fields)["Location"] == "/admin/login/"
    assert not Authenticator.objects.exists()
    assert not StaffSession.objects.exists()
    assert desk.get("/admin/").status_code == 302
    assert client.get(path).status_code == 404
    assert client.post(path, fields).status_code == 404
    mail = OutgoingEmail.objects.get(message="staff_sign_in_changed")
    assert "was reset" in mail.text
    assert "another good word" not in mail.text
    acts = list(AuditEntry.objects.values_list("action", flat=True))
    assert acts.count("reset_link_made") == 2
    assert "sign_in_reset" in acts
    signed = client.post("/admin/login/", {"login": "olive", "password": "another good word"})
    assert signed["Location"] == "/admin/"


def test_the_browser_of_a_lost_device_is_a_new_one_afterwards(owner, client):
    lost, here = Client(), client
    words = {"login": "olive", "password": PASSWORD}
    lost.post("/admin/login/", words)
    words["password"] = "another good word"
    here.post(reset_link(), {"password1": words["password"], "password2": words["password"]})
    told = OutgoingEmail.objects.filter(message="staff_new_browser")
    here.post("/admin/login/", words)
    assert not told.exists()
    lost.post("/admin/login/", words)
    assert told.count() == 1


def test_a_lost_phone_is_replaced_whatever_somebody_else_tried(owner, client, settings):
    """A thief of the password has used up the codes of the day, and strangers the name."""
    settings.RATE_LIMIT_SCALE = 1
    now = timezone.now()
    for number in range(70):
        rate_limits.code_attempt(owner.pk).is_allowed(now)
        rate_limits.password_attempt("olive", f"192.0.2.{number}").is_allowed(now)
    words = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reset_link(), words)["Location"] == "/admin/login/"
    answers = {"login": "olive", "password": PASSWORD}
    assert Client().post("/admin/login/", answers).status_code == 422
    assert client.post("/admin/login/", answers)["Location"] == "/admin/"
    set_up_app(client)


def test_a_link_is_good_for_an_hour_and_for_staff_who_may_sign_in(owner, client):
    path = reset_link()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert client.get(path).status_code == 404
        assert workflow.purge_expired_links(timezone.now()) == 1
    path = reset_link()
    User.objects.update(is_active=False)
    assert client.get(path).status_code == 404
    User.objects.create_user("visitor", "v@mail.example")
    for name in ("olive", "visitor", "nobody"):
        with pytest.raises(CommandError) as refused:
            call_command("staff_reset", name, stdout=StringIO())
        assert refused.value.returncode == 2
    # A link of one purpose opens nothing of the other.
    assert client.get(path.replace("/reset/", "/invitation/")).status_code == 404


def test_what_a_former_owner_sent_opens_nothing(desk, client):
    invite(desk)
    path = link()
    assert client.get(path).status_code == 200
    olive = User.objects.get(username="olive")
    User.objects.filter(pk=olive.pk).update(is_superuser=False)
    roles.set_roles(olive, ["author"])
    assert client.get(path).status_code == 404
    assert join(client, path).status_code == 404
