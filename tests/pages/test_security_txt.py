"""Where a fault can be reported, and for how long we say so."""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from pages import security_txt
from tests.factories.pages import make_practice

ADDRESS = "/.well-known/security.txt"


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["hello@quietroom.example", "", "odd%name@quietroom.example"])
def test_security_txt_has_contact_and_expiry(client, settings, email) -> None:
    make_practice(email=email)
    settings.SECURITY_TXT_EXPIRES = date(2030, 1, 31)
    answer = client.get(ADDRESS)
    lines = [line.split(": ", 1) for line in answer.content.decode().splitlines()]
    mail = [f"mailto:{email.replace('%', '%25')}"] if email else []
    assert [value for name, value in lines if name == "Contact"] == [
        *mail,
        "http://testserver/contact/",
    ]
    facts = dict(lines)
    assert facts["Expires"] == "2030-01-31T00:00:00Z"
    assert facts["Canonical"] == f"http://testserver{ADDRESS}"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get("/contact/").status_code == 200


@pytest.mark.parametrize(("days", "warned"), [(365, False), (31, False), (30, True), (-1, True)])
def test_deploy_check_warns_before_expiry(settings, days, warned) -> None:
    today = date(2030, 1, 1)
    settings.SECURITY_TXT_EXPIRES = today + timedelta(days=days)
    assert bool(security_txt.expiry_warnings(today)) is warned


def test_deploy_check_is_registered() -> None:
    """In a process of its own: here the address map, which imports it, is long read."""
    ask = (
        "import django; django.setup(); from django.core.checks.registry import registry as r;"
        "print(*(check.__name__ for check in r.deployment_checks))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert "check_security_txt_expiry" in done.stdout.split()
