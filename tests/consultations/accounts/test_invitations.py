"""Invitations and password resets: links that work once."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
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
LIST_URL = "/admin/consultations/invitation/"


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
    return desk.post(f"{LIST_URL}add/", fields)


def invitation_path() -> str:
    """Return the path of the link in the newest invitation email."""
    mail = OutgoingEmail.objects.filter(message="staff_invitation", state="waiting").get()
    assert mail.to == "sam@mail.example"
    return mail.text.split("http://testserver")[1].split()[0]


def accept_invitation(client: Client, path: str, **answers):
    fields = {"username": "sam-b", "password1": PASSWORD, "password2": PASSWORD, **answers}
    return client.post(path, fields)


def test_invited_person_chooses_login_and_gets_roles(desk, owner, client):
    person = make_practitioner(name="Robin Public")
    assert b"Robin Public" in desk.get(f"{LIST_URL}add/").content
    assert invite(desk, practitioner=person.pk)["Location"] == LIST_URL
    mail = OutgoingEmail.objects.get()
    everything = (mail.subject + mail.text + mail.html).lower()
    assert "works once" in everything
    for word in ("sam", "moderator", "therap", PASSWORD):
        assert word not in everything.replace("sam@mail", ""), word
    path = invitation_path()
    assert path.startswith("/admin/account/invitation/")
    page = client.get(path)
    assert b"Good that you are here, Sam" in page.content
    assert "no-store" in page["Cache-Control"]
    assert accept_invitation(client, path, password2="other").status_code == 422
    assert accept_invitation(client, path, username="olive").status_code == 422
    weak = {"password1": "sam@mail.example", "password2": "sam@mail.example"}
    assert accept_invitation(client, path, **weak).status_code == 422
    assert accept_invitation(client, path)["Location"] == "/admin/account/"
    sam = User.objects.get(username="sam-b")
    assert [role.key for role in roles.get_roles(sam)] == ["moderator"]
    assert (sam.is_staff, sam.is_superuser, sam.email) == (True, False, "sam@mail.example")
    person.refresh_from_db()
    assert person.user == sam
    # The link signs the user in, and works only once.
    assert client.get("/admin/").status_code == 200
    assert accept_invitation(Client(), path, username="second").status_code == 404
    assert not User.objects.filter(username="second").exists()
    acts = AuditEntry.objects.filter(model="consultations.invitation").order_by("number")
    assert [(row.action, row.staff_name, row.fields) for row in acts] == [
        ("staff_invited", "olive", ["role:moderator"]),
        ("staff_joined", "sam-b", ["role:moderator"]),
    ]
    listed = desk.get(LIST_URL).content.decode()
    assert "sam@mail.example" in listed
    assert ">used<" in listed


def test_concurrent_choice_of_the_same_login_is_reported(desk, client, monkeypatch):
    invite(desk)
    path = invitation_path()
    name = "consultations.accounts.forms.AcceptInvitationForm.clean_username"
    monkeypatch.setattr(name, lambda form: "olive")  # still free when the form was validated
    answer = accept_invitation(client, path)
    assert (answer.status_code, b"has this login already" in answer.content) == (422, True)
    assert client.get(path).status_code == 200
    assert not User.objects.filter(email="sam@mail.example").exists()


def test_all_invalid_links_show_the_same_page(desk, client):
    invite(desk)
    first = invitation_path()
    row = Invitation.objects.get()
    pages = {client.get(path).content for path in (first[:-2] + "/", f"{first[:-9]}x/")}
    act = {"_selected_action": row.pk}
    desk.post(LIST_URL, {**act, "action": "send_again"})
    second = (
        invitation_path()
    )  # only one email is waiting: the earlier one was voided with its link
    assert second != first
    pages.add(client.get(first).content)
    assert client.get(second).status_code == 200
    desk.post(LIST_URL, {**act, "action": "take_back"})
    assert not OutgoingEmail.objects.filter(state="waiting").exists()
    pages.add(client.get(second).content)
    assert accept_invitation(client, second).status_code == 404
    desk.post(LIST_URL, {**act, "action": "send_again"})
    third = invitation_path()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        answer = client.get(third)
        assert answer.status_code == 404
        pages.add(answer.content)
        assert Invitation.objects.get().state(timezone.now()) == Invitation.State.OVER
    assert len(pages) == 1
    assert client.get(third).status_code == 200


def test_inviting_requires_owner_and_recent_authentication(desk, client):
    editor = User.objects.create_user("ed", "", PASSWORD, is_staff=True)
    roles.set_roles(editor, ["editor", "moderator", "practitioner", "intake"])
    client.force_login(editor)
    for path in (LIST_URL, f"{LIST_URL}add/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{LIST_URL}add/", {}).status_code == 403
    session = desk.session
    name = "account_authentication_methods"
    session[name] = [{**record, "at": record["at"] - 301} for record in session[name]]
    session.save()
    asked = desk.get(f"{LIST_URL}add/")
    assert asked["Location"].startswith("/admin/account/confirm/?next=")
    # A form opened in time is not lost, and nothing from it gets into the session.
    assert invite(desk)["Location"] == LIST_URL
    session[name] = [{**record, "at": record["at"] - 1801} for record in session[name]]
    session.save()
    late = invite(desk, address="other@mail.example")
    assert late["Location"].startswith("/admin/account/confirm/")
    assert "other@mail.example" not in str(dict(desk.session))
    assert desk.post(asked["Location"], {"password": PASSWORD})["Location"] == f"{LIST_URL}add/"
    assert Invitation.objects.count() == 1


def test_staff_email_and_missing_role_are_refused(desk):
    assert invite(desk, address="OLIVE@mail.example").status_code == 200
    assert invite(desk, roles=[]).status_code == 200
    assert invite(desk, roles=["emperor"]).status_code == 200
    assert not Invitation.objects.exists()


def test_another_owner_can_resend_an_invitation(desk, owner, client):
    invite(desk)
    path = invitation_path()
    roles.set_roles(owner, ["author"])
    other = User.objects.create_user("second", "", PASSWORD, is_staff=True)
    roles.set_roles(other, ["owner"])
    client.post("/admin/login/", {"login": "second", "password": PASSWORD})
    assert "opens nothing" in client.get(LIST_URL).content.decode()
    row = Invitation.objects.get()
    client.post(LIST_URL, {"action": "send_again", "_selected_action": [str(row.pk)]})
    assert accept_invitation(Client(), path).status_code == 404
    assert accept_invitation(Client(), invitation_path())["Location"] == "/admin/account/"


def test_email_invited_twice_gets_one_login(desk):
    """With the same email, neither of two users could sign in by it."""
    invite(desk)
    first = invitation_path()
    OutgoingEmail.objects.all().delete()
    invite(desk)
    assert accept_invitation(Client(), first).status_code == 302
    assert accept_invitation(Client(), invitation_path(), username="other").status_code == 404


def test_login_equal_to_a_colleagues_email_is_refused(desk, client):
    """The username would win, and the colleague could no longer sign in by email."""
    invite(desk)
    assert (
        accept_invitation(client, invitation_path(), username="Olive@mail.example").status_code
        == 422
    )
    assert not User.objects.filter(username__contains="@").exists()
    assert (
        accept_invitation(client, invitation_path(), username="sam@mail.example").status_code == 302
    )


def test_invitations_are_purged_after_retention(desk):
    invite(desk)
    now = timezone.now()
    assert workflow.purge_expired_links(now + timedelta(days=36)) == 0
    assert workflow.purge_expired_links(now + timedelta(days=38)) == 1


# --- a lost phone ---
def create_reset_path(name: str = "olive") -> str:
    out = StringIO()
    call_command("staff_reset", name, stdout=out, stderr=StringIO())
    (line,) = out.getvalue().split()
    assert line.startswith("http://testserver/admin/account/reset/")
    return line.removeprefix("http://testserver")


def test_reset_link_replaces_password_and_second_factors(desk, owner, client):
    secret = get_adapter().encrypt("A" * 32)
    Authenticator.objects.create(user=owner, type="totp", data={"secret": secret})
    void, path = create_reset_path(), create_reset_path("OLIVE@mail.example")
    assert client.get(void).status_code == 404
    page = client.get(path)
    assert b"For the login olive" in page.content
    assert Authenticator.objects.exists()  # opening the link changes nothing
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


def test_reset_makes_old_browsers_unknown_again(owner, client):
    lost, here = Client(), client
    words = {"login": "olive", "password": PASSWORD}
    lost.post("/admin/login/", words)
    words["password"] = "another good word"
    here.post(create_reset_path(), {"password1": words["password"], "password2": words["password"]})
    notices = OutgoingEmail.objects.filter(message="staff_new_browser")
    here.post("/admin/login/", words)
    assert not notices.exists()
    lost.post("/admin/login/", words)
    assert notices.count() == 1


def test_reset_works_despite_exhausted_rate_limits(frozen_clock, owner, client, settings):
    """A thief of the password has used up the day's codes, and strangers the name's attempts."""
    settings.RATE_LIMIT_SCALE = 1
    now = timezone.now()
    for number in range(70):
        rate_limits.code_attempt(owner.pk).consume(now)
        rate_limits.password_attempt("olive", f"192.0.2.{number}").consume(now)
    words = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(create_reset_path(), words)["Location"] == "/admin/login/"
    answers = {"login": "olive", "password": PASSWORD}
    assert Client().post("/admin/login/", answers).status_code == 422
    assert client.post("/admin/login/", answers)["Location"] == "/admin/"
    set_up_app(client)


def test_reset_link_expires_and_needs_active_staff(owner, client):
    path = create_reset_path()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert client.get(path).status_code == 404
        assert workflow.purge_expired_links(timezone.now()) == 1
    path = create_reset_path()
    User.objects.update(is_active=False)
    assert client.get(path).status_code == 404
    User.objects.create_user("visitor", "v@mail.example")
    for name in ("olive", "visitor", "nobody"):
        with pytest.raises(CommandError) as refused:
            call_command("staff_reset", name, stdout=StringIO())
        assert refused.value.returncode == 2
    # A link for one purpose does not work for the other.
    assert client.get(path.replace("/reset/", "/invitation/")).status_code == 404


def test_invitation_by_a_former_owner_is_invalid(desk, client):
    invite(desk)
    path = invitation_path()
    assert client.get(path).status_code == 200
    olive = User.objects.get(username="olive")
    User.objects.filter(pk=olive.pk).update(is_superuser=False)
    roles.set_roles(olive, ["author"])
    assert client.get(path).status_code == 404
    assert accept_invitation(client, path).status_code == 404
