"""Signing in with a password: who may, what others see, what is stored, session limits."""

import json
import re
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from consultations.accounts import sessions
from consultations.accounts.models import HeldForm, KnownBrowser, StaffSession
from consultations.audit.models import AuditEntry
from consultations.outbox.models import OutgoingEmail
from consultations.rate_limits.models import RateCount
from pages.articles.models import Tag

pytestmark = pytest.mark.django_db

PASSWORD = "a long quiet river"
LOGIN_URL = "/admin/login/"


@pytest.fixture
def robin() -> User:
    return User.objects.create_user("robin", "Robin@Mail.example", PASSWORD, is_staff=True)


def sign_in(client, name: str = "robin", password: str = PASSWORD, **extra):
    return client.post(LOGIN_URL, {"login": name, "password": password}, **extra)


def audit_actions() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("number").values_list("action", "staff_name"))


@pytest.mark.parametrize("name", ["robin", "robin@mail.EXAMPLE"])
def test_staff_sign_in_by_login_or_email_rotates_session_key(client, robin, name):
    client.get(LOGIN_URL)
    client.cookies["staff"] = client.session.session_key or "x" * 32
    before = client.cookies["staff"].value
    response = sign_in(client, name)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.cookies["staff"].value != before
    assert client.get("/admin/").status_code == 200
    assert audit_actions() == [("signed_in", "robin")]
    assert StaffSession.objects.get().user == robin


def test_every_failed_sign_in_shows_the_same_page(client, robin):
    """Unknown, wrong password, inactive, not staff, no password, ambiguous email."""
    User.objects.create_user("visitor", "", PASSWORD)
    User.objects.create_user("gone", "", PASSWORD, is_staff=True, is_active=False)
    User.objects.create_user("keyless", "", is_staff=True)
    User.objects.create_user("twin", "twin@mail.example", PASSWORD, is_staff=True)
    User.objects.create_user("twin2", "twin@mail.example", PASSWORD, is_staff=True)
    seen = set()
    for name in ("robin", "nobody", "visitor", "gone", "keyless", "twin@mail.example"):
        word = "wrong" if name == "robin" else PASSWORD
        response = sign_in(Client(), name, word)
        page = response.content.decode()
        start = page.index("errornote")
        seen.add((response.status_code, page[start : start + 200]))
        assert word not in page
    assert len(seen) == 1
    assert not StaffSession.objects.exists()
    # The account's name, if there is one; never what was typed.
    assert audit_actions() == [
        ("sign_in_failed", name) for name in ("robin", "", "visitor", "gone", "keyless", "")
    ]


def test_known_and_unknown_logins_cost_the_same_work(client, robin, monkeypatch):
    """This counts the work; tools/bench/login_timing.py measures the time."""
    hasher = type(hashers.get_hasher())
    hashings: Counter[str] = Counter()
    encode, name = hasher.encode, ""

    def counted(self, *args):
        hashings[name] += 1
        return encode(self, *args)

    monkeypatch.setattr(hasher, "encode", counted)
    statements = {}
    sign_in(Client(), "warm", "up")  # creates the key of the audit log
    hashings.clear()
    for name in ("robin", "robin@mail.example", "nobody", "nobody@mail.example"):
        with CaptureQueriesContext(connection) as caught:
            assert sign_in(Client(), name, "wrong").status_code == 422
        statements[name] = [query["sql"].split()[0] for query in caught]
    assert set(hashings.values()) == {1}
    assert len(hashings) == 4
    assert len({tuple(queries) for queries in statements.values()}) == 1


def test_next_url_is_limited_to_the_admin(client, robin):
    for wanted, got in (
        ("/admin/pages/", "/admin/pages/"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("/admin/../../evil", "/admin/../../evil"),
        ("javascript:alert(1)", "/admin/"),
        ("/articles/", "/admin/"),
        ("/\\evil.example", "/admin/"),
    ):
        fields = {"login": "robin", "password": PASSWORD, "next": wanted}
        response = Client().post(LOGIN_URL, fields)
        assert response["Location"] == got, wanted
    assert client.get("/admin/")["Location"] == f"{LOGIN_URL}?next=/admin/"
    # The form keeps the parameter.
    page = client.get(f"{LOGIN_URL}?next=/admin/pages/").content.decode()
    assert 'name="next" value="/admin/pages/"' in page


def test_attempts_are_limited_by_login_and_network(frozen_clock, robin, settings):
    settings.RATE_LIMIT_SCALE = 1
    answers = {}
    for name in ("robin", "nobody"):
        for number in range(6):
            response = sign_in(Client(), name, "wrong", REMOTE_ADDR="198.51.100.7")
            answers[name, number] = (response.status_code, b"many tries" in response.content)
    for name in ("robin", "nobody"):
        assert [answers[name, n] for n in range(6)] == [(422, False)] * 5 + [(422, True)]
    # There even the right password has to wait, but nowhere else.
    here = sign_in(Client(), REMOTE_ADDR="198.51.100.7")
    assert (here.status_code, b"many tries" in here.content) == (422, True)
    assert sign_in(Client(), REMOTE_ADDR="198.51.100.8").status_code == 302
    # The table holds neither names nor addresses.
    assert all(len(key) == 64 for key in RateCount.objects.values_list("key", flat=True))


def test_strangers_cannot_lock_out_a_known_browser(frozen_clock, robin, settings):
    settings.RATE_LIMIT_SCALE = 1
    own = Client()
    assert sign_in(own).status_code == 302
    own.post("/admin/logout/")
    for number in range(70):
        sign_in(Client(), "robin", "wrong", REMOTE_ADDR=f"2001:db8:{number}::1")
    # From a new network it has to wait: too many attempts for this name from everywhere.
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.9").status_code == 422
    assert sign_in(own).status_code == 302
    # The cookie alone grants no access, and its attempts are limited too.
    own.post("/admin/logout/")
    tried = [sign_in(own, "robin", "wrong").content for _ in range(11)]
    assert [b"many tries" in page for page in tried] == [False] * 10 + [True]


def test_ipv6_prefix_counts_as_one_network(frozen_clock, robin, settings):
    settings.RATE_LIMIT_SCALE = 1
    for number in range(5):
        sign_in(Client(), "robin", "wrong", REMOTE_ADDR=f"2001:db8::{number + 1}")
    assert sign_in(Client(), REMOTE_ADDR="2001:db8::ffff").status_code == 422


def test_correct_password_does_not_count_as_an_attempt(frozen_clock, robin, settings):
    settings.RATE_LIMIT_SCALE = 1
    assert [sign_in(Client()).status_code for _ in range(8)] == [302] * 8


def test_unused_allauth_pages_do_not_exist(client, robin):
    for name in (
        "account_signup", "account_email", "account_reset_password", "account_set_password",
        "account_confirm_email", "account_inactive", "mfa_signup_webauthn", "mfa_trust",
    ):  # fmt: skip
        with pytest.raises(NoReverseMatch):
            reverse(name, args=["x"] if name == "account_confirm_email" else [])
    client.force_login(robin)
    for path in ("signup/", "account/signup/", "account/email/", "account/social/", "accounts/"):
        assert client.get(f"/admin/{path}").status_code in (302, 404), path
        assert b"<form" not in client.get(f"/admin/{path}").content
    for path in ("emailaddress", "authenticator", "emailconfirmation"):
        assert client.get(f"/admin/account/{path}/").status_code == 404
        assert client.get(f"/admin/mfa/{path}/").status_code == 404


def test_sign_in_pages_are_no_store_and_readers_get_no_cookie(client, robin):
    assert not client.get("/accessibility/").cookies
    assert "no-store" in client.get(LOGIN_URL)["Cache-Control"]
    sign_in(client)
    page = client.get("/admin/account/")
    assert "no-store" in page["Cache-Control"]
    assert b'lang="en"' in page.content
    assert b"<main" in page.content
    assert not client.get("/accessibility/").cookies


def test_sign_in_without_csrf_token_is_refused(robin):
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    assert not StaffSession.objects.exists()


def test_sign_out_requires_post(client, robin):
    sign_in(client)
    assert client.get("/admin/logout/").status_code == 405
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/logout/")["Location"] == LOGIN_URL
    assert client.get("/admin/").status_code == 302
    assert not StaffSession.objects.exists()


def test_new_browser_is_announced_once_but_not_the_first(client, robin):
    agent = {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Gecko/2010 Firefox/140.0"}
    sign_in(client, **agent)
    assert not OutgoingEmail.objects.exists()
    other = Client()
    sign_in(other, **agent)
    mail = OutgoingEmail.objects.get()
    assert (mail.message, mail.to) == ("staff_new_browser", "Robin@mail.example")
    assert "Firefox, Windows" in mail.text
    assert "127.0.0.1" not in mail.text
    assert "therap" not in (mail.subject + mail.text + mail.html).lower()
    for again in (client, other):
        again.post("/admin/logout/")
        sign_in(again)
    assert OutgoingEmail.objects.count() == 1
    cookie = client.cookies["staff-browser"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie.value not in [row.token_fingerprint for row in KnownBrowser.objects.all()]
    # A cookie that we did not set is not accepted: an attacker who set it would know it.
    planted = Client()
    planted.cookies["staff-browser"] = "x" * 43
    sign_in(planted)
    assert planted.cookies["staff-browser"].value != "x" * 43
    assert KnownBrowser.objects.filter(user=robin).count() == 3


@pytest.mark.parametrize(
    ("way", "kwargs"),
    [("create_superuser", {}), ("create_user", {"is_staff": True})],
)
def test_new_staff_have_a_verified_email_address(way, kwargs):
    user = getattr(User.objects, way)("owner", "Own@Mail.example", PASSWORD, **kwargs)
    row = EmailAddress.objects.get()
    assert (row.user, row.email, row.verified, row.primary) == (
        user,
        "own@mail.example",
        True,
        True,
    )
    user.email = "new@mail.example"
    user.save()
    assert EmailAddress.objects.get().email == "new@mail.example"
    # A colleague with the same address does not lock anybody out.
    User.objects.create_user("other", "new@mail.example", PASSWORD, is_staff=True)
    assert not EmailAddress.objects.filter(verified=False).exists()


def test_session_ends_after_idle_timeout_or_maximum_age(client, robin):
    sign_in(client)
    row = StaffSession.objects.get()
    now = timezone.now()
    rows = StaffSession.objects.filter(pk=row.pk)
    rows.update(seen_at=now - timedelta(minutes=29))
    # Auto-refresh does not keep the session alive.
    client.get("/admin/?renewed")
    assert StaffSession.objects.get().seen_at < now
    assert client.get("/admin/").status_code == 200
    assert StaffSession.objects.get().seen_at >= now
    rows.update(seen_at=timezone.now() - timedelta(minutes=31))
    away = client.get("/admin/pages/?q=x")
    assert away["Location"] == f"{LOGIN_URL}?ended=idle&next=%2Fadmin%2Fpages%2F%3Fq%3Dx"
    assert b"You were away for a while" in client.get(away["Location"]).content
    sign_in(client)
    StaffSession.objects.update(began_at=timezone.now() - timedelta(hours=12, minutes=1))
    assert client.session.get_expiry_age() > 13 * 3600  # or the page could not say why it ended
    other = Client()
    sign_in(other)
    assert b"End the one" not in other.get("/admin/account/").content
    assert "ended=long" in client.get("/admin/")["Location"]
    assert sessions.purge_sessions(timezone.now() + timedelta(hours=25)) > 0
    assert not StaffSession.objects.exists()


def test_form_posted_after_session_timeout_is_kept(robin):
    robin.is_superuser = True
    robin.save()
    client = Client(enforce_csrf_checks=True)
    page = "/admin/pages/tag/add/"

    def token() -> str:
        return client.cookies["staff-form"].value

    def sign_in_again(answer):
        client.get(answer["Location"])
        way_on = parse_qs(urlsplit(answer["Location"]).query).get("next", [""])[0]
        fields = {"login": "robin", "password": PASSWORD, "next": way_on}
        return client.post(LOGIN_URL, {**fields, "csrfmiddlewaretoken": token()})

    client.get(LOGIN_URL)
    sign_in_again({"Location": LOGIN_URL})
    client.get(page)
    typed = {
        "name": "Slow <b>mornings</b>",
        "slug": "slow",
        "old_password": "x",
        "many": ["a", "b"],
    }
    StaffSession.objects.update(seen_at=timezone.now() - timedelta(minutes=31))
    assert sessions.purge_sessions(timezone.now()) == 0  # as the worker does every hour
    # Another site's form is not stored, and does not end the session.
    assert client.post(page, typed).status_code == 403
    away = client.post(page, {**typed, "csrfmiddlewaretoken": token()})
    assert "ended=idle&next=%2Fadmin%2Faccount%2Fwaiting%2F" in away["Location"]
    assert not Tag.objects.exists()
    own = sign_in_again(away)["Location"]
    shown = client.get(own).content.decode()
    assert 'value="Slow &lt;b&gt;mornings&lt;/b&gt;"' in shown
    assert shown.count('name="many"') == 2
    assert "old_password" not in shown
    assert f'action="{page}"' in shown
    form = shown.partition(f'action="{page}"')[2]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert client.post(page, fields)["Location"] == "/admin/pages/tag/"
    assert Tag.objects.exists()
    # Nobody else can open it, and it expires.
    other = Client()
    other.force_login(User.objects.create_user("sam", is_staff=True, is_superuser=True))
    assert b"mornings" not in other.get(own, follow=True).content
    assert sessions.purge_held_forms(timezone.now() + timedelta(minutes=61)) == 1


def test_form_posted_from_a_revoked_session_is_not_kept(client, robin):
    sign_in(client)
    StaffSession.objects.all().delete()
    answer = client.post("/admin/pages/tag/add/", {"name": "x"})
    assert answer["Location"] == f"{LOGIN_URL}?ended=ended"
    assert not HeldForm.objects.exists()


def test_text_posted_from_a_revoked_session_is_kept_as_a_draft(client, robin):
    sign_in(client)
    StaffSession.objects.all().delete()
    typed = {"title": "On rest", "status": "published", "_publish": "x"}
    answer = client.post("/admin/pages/article/add/", typed)
    assert "ended=ended&next=%2Fadmin%2Faccount%2Fwaiting%2F" in answer["Location"]
    pairs = json.loads(HeldForm.objects.get().fields)
    assert pairs == [["title", "On rest"], ["_draft_change", "1"]]


def test_script_of_a_page_left_open_is_refused_without_a_held_form(client, robin):
    sign_in(client)
    StaffSession.objects.all().delete()
    answer = client.post(
        "/admin/pages/article/add/autosave/", {"title": "x"}, headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (401, {"ended": "ended"})
    assert not HeldForm.objects.exists()
