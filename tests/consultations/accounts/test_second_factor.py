"""The second factor: who must have one, codes work once, secrets are stored encrypted."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from consultations.accounts.allauth_compat import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from consultations.accounts.models import StaffSession
from consultations.audit.models import AuditEntry
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import rotation
from consultations.privacy.encryption import generate_key
from consultations.rate_limits.models import RateCount

pytestmark = pytest.mark.django_db

PASSWORD = "a long quiet river"
LOGIN_DATA = {"login": "robin", "password": PASSWORD}


@pytest.fixture
def robin() -> User:
    return User.objects.create_user("robin", "robin@mail.example", PASSWORD, is_staff=True)


def totp_code(secret: str, *, steps: int = 0) -> str:
    counter = list(yield_hotp_counters_from_time())[1] + steps
    return format_hotp_value(hotp_value(secret, counter))


def set_up_app(client: Client) -> str:
    """Set up an authenticator app on the pages, as a person does; return its secret."""
    page = client.get("/admin/account/app/").content.decode()
    match = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert match, page
    secret = match[1].replace(" ", "")
    response = client.post("/admin/account/app/", {"code": totp_code(secret)})
    assert response["Location"] == "/admin/account/recovery-codes/"
    return secret


def submit_second_factor(client: Client, value: str):
    assert client.post("/admin/login/", LOGIN_DATA)["Location"] == "/admin/account/second-step/"
    return client.post("/admin/account/second-step/", {"code": value})


def test_setup_and_sign_in_work_without_javascript(
    client, robin, django_capture_on_commit_callbacks
):
    client.post("/admin/login/", LOGIN_DATA)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(client)
    picture = client.get("/admin/account/recovery-codes/")
    codes = re.findall(r"<code>(\d+)</code>", picture.content.decode())
    assert len(codes) == 10
    assert "no-store" in picture["Cache-Control"]
    file = client.get("/admin/account/recovery-codes/file/")
    assert file.content.decode().split() == codes
    assert "no-store" in file["Cache-Control"]
    # The email and the audit row report it without the secret.
    mail = OutgoingEmail.objects.get()
    assert (mail.message, mail.to) == ("staff_sign_in_changed", "robin@mail.example")
    assert "authenticator app was added" in mail.text
    assert secret not in mail.text + mail.html
    acts = AuditEntry.objects.filter(action="second_factor_added")
    assert {tuple(row.fields) for row in acts} == {("totp",), ("recovery_codes",)}

    # The password alone no longer gives access to any page.
    other = Client()
    other.post("/admin/login/", LOGIN_DATA)
    assert not StaffSession.objects.filter(user=robin).count() > 1
    for path in ("/admin/", "/admin/account/", "/admin/account/recovery-codes/"):
        assert other.get(path)["Location"].startswith("/admin/login/"), path
    assert submit_second_factor(other, "000000").status_code == 422
    assert submit_second_factor(other, totp_code(secret, steps=1))["Location"] == "/admin/"
    assert other.get("/admin/").status_code == 200
    # The same code again, while it is still valid: refused in every process.
    replayed = submit_second_factor(Client(), totp_code(secret, steps=1))
    assert replayed.status_code == 422
    # A recovery code works once.
    assert submit_second_factor(Client(), codes[3])["Location"] == "/admin/"
    assert submit_second_factor(Client(), codes[3]).status_code == 422


def test_setup_code_cannot_be_reused_to_sign_in(client, robin):
    """Somebody looking over the shoulder may have read the code."""
    with time_machine.travel(timezone.now(), tick=False):
        client.post("/admin/login/", LOGIN_DATA)
        secret = set_up_app(client)
        assert submit_second_factor(Client(), totp_code(secret)).status_code == 422
        assert submit_second_factor(Client(), totp_code(secret, steps=1))["Location"] == "/admin/"


def test_pending_second_factor_ends_when_account_changes(client, robin):
    """Someone who knew the old password is still waiting at the second step."""
    client.post("/admin/login/", LOGIN_DATA)
    secret = set_up_app(client)
    changes: tuple[dict[str, Any], ...]
    changes = ({"is_active": False}, {"is_staff": False}, {"password": "of another"})
    for change in changes:
        other = Client()
        RateCount.objects.all().delete()
        cache.clear()  # both processes get the same code
        other.post("/admin/login/", LOGIN_DATA)
        User.objects.filter(pk=robin.pk).update(**change)
        response = other.post("/admin/account/second-step/", {"code": totp_code(secret, steps=1)})
        assert response["Location"] == "/admin/login/"
        User.objects.filter(pk=robin.pk).update(
            is_active=True, is_staff=True, password=robin.password
        )
        assert other.get("/admin/")["Location"].startswith("/admin/login/")
        assert other.get("/admin/account/second-step/")["Location"] == "/admin/login/"
    assert StaffSession.objects.count() == 1
    assert AuditEntry.objects.filter(action="signed_in").count() == 1


def test_totp_secret_is_encrypted_and_survives_key_rotation(client, robin, settings):
    client.post("/admin/login/", LOGIN_DATA)
    secret = set_up_app(client)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT data FROM {Authenticator._meta.db_table}")
        cells = " ".join(str(row[0]) for row in cursor.fetchall())
    assert "secret" in cells
    assert secret not in cells
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [(9, __import__("base64").b64decode(generate_key())), *old]
    rotation.rotate_keys()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert submit_second_factor(Client(), totp_code(secret, steps=1))["Location"] == "/admin/"


def test_required_second_factor_redirects_every_page_to_setup(client, robin, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert client.post("/admin/login/", LOGIN_DATA)["Location"] == "/admin/"
    for path in ("/admin/", "/admin/consultations/consultation/", "/admin/auth/user/add/"):
        assert client.get(path)["Location"] == "/admin/account/", path
        assert client.post(path, {})["Location"] == "/admin/account/", path
    assert b"Before you go on" in client.get("/admin/account/").content
    set_up_app(client)
    assert client.get("/admin/").status_code == 200
    # The last one can be replaced, but not removed.
    page = client.post("/admin/account/app/remove/")
    assert page.status_code == 422
    assert Authenticator.objects.filter(type="totp").exists()


def test_second_factor_is_optional_outside_production(client, robin):
    client.post("/admin/login/", LOGIN_DATA)
    assert client.get("/admin/").status_code == 200


def test_changed_email_does_not_block_second_factor_setup(client, robin, settings):
    """allauth refuses a second factor to users with an unverified email; ours are verified."""
    settings.SECOND_FACTOR_REQUIRED = True
    client.post("/admin/login/", LOGIN_DATA)
    assert client.get("/admin/account/app/").status_code == 200
    robin.email = "moved@mail.example"
    robin.save()
    assert client.get("/admin/account/app/").status_code == 200


def test_code_attempts_are_limited_per_user_across_networks(frozen_clock, robin, settings, client):
    client.post("/admin/login/", LOGIN_DATA)
    secret = set_up_app(client)
    settings.RATE_LIMIT_SCALE = 1
    for number in range(5):
        assert (
            submit_second_factor(Client(REMOTE_ADDR=f"198.51.100.{number}"), "123456").status_code
            == 422
        )
    limited = submit_second_factor(Client(REMOTE_ADDR="203.0.113.1"), totp_code(secret, steps=1))
    assert b"many tries" in limited.content


def test_passkey_challenges_are_limited_per_network(frozen_clock, client, settings):
    settings.RATE_LIMIT_SCALE = 1
    address = "/admin/account/passkeys/sign-in/"

    def ask(place: str) -> int:
        client = Client(REMOTE_ADDR=place)
        return client.get(address, HTTP_ACCEPT="application/json").status_code

    assert [ask("198.51.100.7") for _ in range(41)] == [200] * 40 + [429]
    assert ask("198.51.100.8") == 200
    assert Session.objects.count() == 41
    late = Client(REMOTE_ADDR="198.51.100.7").post(address, {"credential": "{}"}, follow=True)
    assert b"many tries" in late.content


MALFORMED_CREDENTIALS = [
    *("", "{}", "[]", "x", "null", "1", '"a"', '{"id": 1}', "[" * 20_000),
    *('{"response": 1}', '{"response": []}', '{"response": {"userHandle": 5}}'),
    '{"type": "public-key", "id": "MQ", "rawId": "MQ", "response": {"clientDataJSON": "MQ"}}',
    '{"id": "%%", "rawId": "MQ", "response": {"userHandle": "////", "clientDataJSON": "e30"}}',
]


def test_malformed_passkey_answers_are_refused(client, robin):
    for credential in MALFORMED_CREDENTIALS:
        answer = client.post("/admin/account/passkeys/sign-in/", {"credential": credential})
        assert answer["Location"] == "/admin/login/", credential
    assert not StaffSession.objects.exists()
    client.post("/admin/login/", LOGIN_DATA)
    set_up_app(client)
    for credential in MALFORMED_CREDENTIALS:
        client.get("/admin/account/passkeys/add/")
        answer = client.post("/admin/account/passkeys/add/", {"credential": credential})
        assert answer.status_code == 422, credential
        again = client.post("/admin/account/confirm/passkey/", {"credential": credential})
        assert again.status_code == 302, credential
    second = Client()
    second.post("/admin/login/", LOGIN_DATA)
    for credential in MALFORMED_CREDENTIALS:
        answer = second.post("/admin/account/second-step/", {"credential": credential})
        assert answer.status_code in (200, 422), credential
    for code_typed in ("🙂", "\x00", "９９９９９９", "a" * 10_000, " "):
        answer = second.post("/admin/account/second-step/", {"code": code_typed})
        assert answer.status_code == 422, code_typed
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_damaged_totp_secret_is_reported_as_wrong_code(client, robin):
    client.post("/admin/login/", LOGIN_DATA)
    secret = set_up_app(client)
    row = Authenticator.objects.get(type="totp")
    row.data = {"secret": "AAAA"}
    row.save()
    assert submit_second_factor(Client(), totp_code(secret, steps=1)).status_code == 422


def test_sensitive_pages_require_recent_authentication(client, robin):
    client.post("/admin/login/", LOGIN_DATA)
    assert client.get("/admin/account/app/").status_code == 200
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**row, "at": row["at"] - 301} for row in records]
    session.save()
    again = client.get("/admin/account/app/")
    assert again["Location"] == "/admin/account/confirm/?next=%2Fadmin%2Faccount%2Fapp%2F"
    assert client.post(again["Location"], {"password": "wrong"}).status_code == 422
    back = client.post(again["Location"], {"password": PASSWORD})
    assert back["Location"] == "/admin/account/app/"
    assert client.get("/admin/account/app/").status_code == 200


def test_password_change_ends_other_sessions(client, robin):
    other = Client()
    for browser in (client, other):
        browser.post("/admin/login/", LOGIN_DATA)
    assert StaffSession.objects.count() == 2
    fields = {"oldpassword": PASSWORD, "password1": "quite another word", "password2": "x"}
    assert client.post("/admin/account/password/", fields).status_code == 422
    fields["password2"] = fields["password1"]
    assert client.post("/admin/account/password/", fields)["Location"] == "/admin/account/"
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert StaffSession.objects.count() == 1
    assert OutgoingEmail.objects.get(message="staff_sign_in_changed").text.count("password") == 1
    assert client.get("/admin/password_change/")["Location"] == "/admin/account/password/"


def test_own_sessions_are_listed_and_can_be_ended(client, robin):
    others = [Client(), Client(), Client()]
    for browser in (client, *others):
        browser.post("/admin/login/", LOGIN_DATA)
    row = StaffSession.objects.order_by("began_at")[1]
    assert client.get(f"/admin/account/sign-ins/{row.pk}/end/").status_code == 405
    client.post(f"/admin/account/sign-ins/{row.pk}/end/")
    assert [browser.get("/admin/").status_code for browser in others] == [302, 200, 200]
    stranger = User.objects.create_user("sam", "", PASSWORD, is_staff=True)
    strange = Client()
    strange.force_login(stranger)
    left = StaffSession.objects.filter(user=robin)[0]
    strange.post(f"/admin/account/sign-ins/{left.pk}/end/")
    assert StaffSession.objects.filter(user=robin).count() == 3
    client.post("/admin/account/sign-ins/end-others/")
    assert [browser.get("/admin/").status_code for browser in others] == [302, 302, 302]
    assert client.get("/admin/").status_code == 200
    assert strange.get("/admin/").status_code == 200


def test_deactivated_user_is_signed_out_at_once(client, robin):
    client.post("/admin/login/", LOGIN_DATA)
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
    User.objects.update(is_active=True, is_staff=False)
    assert client.get("/admin/").status_code == 302


def test_intake_session_times_out_after_fifteen_minutes(client, robin):
    from consultations.accounts import roles

    roles.set_roles(robin, ["intake"])
    client.post("/admin/login/", LOGIN_DATA)
    StaffSession.objects.update(seen_at=timezone.now() - timedelta(minutes=16))
    assert "ended=idle" in client.get("/admin/account/")["Location"]
