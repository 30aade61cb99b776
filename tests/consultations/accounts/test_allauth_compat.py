"""What this site uses of allauth's internals: one module imports it, and it behaves as expected.

Run these first after an upgrade of django-allauth.
"""

import base64
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.views import View

from consultations.accounts import allauth_compat
from tools.import_graph import PACKAGES, dotted, files, imports

COMPAT_MODULE = "consultations.accounts.allauth_compat"
DOCUMENTED = (
    "allauth.account.adapter",
    "allauth.account.forms",
    "allauth.account.models",
    "allauth.account.signals",
    "allauth.account.views",
    "allauth.core.exceptions.ImmediateHttpResponse",
    "allauth.mfa.adapter",
    "allauth.mfa.base.forms",
    "allauth.mfa.models",
    "allauth.mfa.signals",
    "allauth.mfa.totp.forms",
    "allauth.mfa.webauthn.forms",
)
MOVABLE = [
    "allauth.account.authentication.get_authentication_records",
    "allauth.account.internal.flows.login.record_authentication",
    "allauth.account.internal.stagekit.clear_login",
    "allauth.core.internal.cryptokit.normalize_user_code",
    "allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time",
    "allauth.mfa.utils.decrypt",
    "allauth.mfa.webauthn.views.login_webauthn",
]


@pytest.fixture
def request_with_session():
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_compat_module_imports_undocumented_parts(package) -> None:
    undocumented = [
        f"{dotted(path)}: {target}"
        for path in files(package)
        if dotted(path) != COMPAT_MODULE
        for target in imports(path)
        if target.split(".")[0] == "allauth"
        and not any(f"{target}.".startswith(f"{known}.") for known in DOCUMENTED)
    ]
    assert undocumented == []


@pytest.mark.parametrize("name", MOVABLE)
def test_moved_name_is_reported_with_the_file_to_change(name, monkeypatch) -> None:
    monkeypatch.delattr(name)
    spec = spec_from_file_location("compat_after_upgrade", Path(allauth_compat.__file__))
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match=r"django-allauth \d.*allauth_compat\.py.*") as raised:
        spec.loader.exec_module(module_from_spec(spec))
    assert name.rpartition(".")[2] in str(raised.value)


def test_hotp_values_follow_the_rfc() -> None:
    """The test values of RFC 4226, appendix D."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    codes = [
        allauth_compat.format_hotp_value(allauth_compat.hotp_value(secret, counter))
        for counter in range(3)
    ]
    assert codes == ["755224", "287082", "359152"]


def test_counters_cover_the_period_before_and_after() -> None:
    with time_machine.travel(1_000 * allauth_compat.TOTP_PERIOD, tick=False):
        assert list(allauth_compat.yield_hotp_counters_from_time()) == [999, 1_000, 1_001]


def test_punctuation_in_codes_is_ignored() -> None:
    assert allauth_compat.normalize_user_code(" 123-456 ") == "123456"


@pytest.mark.django_db
def test_recorded_authentication_is_read_back_until_cleared(request_with_session) -> None:
    request, user = request_with_session, User.objects.create_user("robin")
    allauth_compat.record_authentication(request, user, "sign-in", reauthenticated=True)
    (record,) = allauth_compat.get_authentication_records(request, user)
    assert record["method"] == "sign-in"
    assert record["reauthenticated"] is True
    assert isinstance(record["at"], float)
    allauth_compat.clear_login(request)
    assert allauth_compat.get_authentication_records(request, user) == []


@pytest.mark.django_db
def test_secrets_are_decrypted_by_our_adapter() -> None:
    encrypted = get_adapter().encrypt("JBSWY3DP")
    assert "JBSWY3DP" not in encrypted
    assert allauth_compat.decrypt(encrypted) == "JBSWY3DP"


def test_request_context_gives_the_current_request(request_with_session) -> None:
    with allauth_compat.context.request_context(request_with_session):
        assert allauth_compat.context.request is request_with_session


def test_views_are_class_based() -> None:
    views = [getattr(allauth_compat, name) for name in allauth_compat.__all__ if "View" in name]
    assert len(views) == 11
    assert all(issubclass(view, View) for view in views)
