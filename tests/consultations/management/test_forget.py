"""Erasing a person's data from the command line."""

import json

import pytest
from django.core.management import CommandError, call_command

from consultations.booking.models import Consultation
from consultations.privacy import canary
from tests.factories.consultations import make_comment, make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
PHONE = "(503) 555-0142"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


def run_forget(capsys, *args: str) -> dict:
    call_command("forget", *args, "--json")
    return json.loads(capsys.readouterr().out)


def test_erases_by_email(capsys) -> None:
    make_consultation(email="ada@mail.example")
    make_comment(email="ada@mail.example")
    make_consultation(email="ben@mail.example")
    looked = run_forget(capsys, "Ada@mail.example", "--dry-run")
    assert looked["records"] == {"consultations": 1, "comments": 1, "mails": 1}
    assert Consultation.objects.count() == 2
    assert run_forget(capsys, "Ada@mail.example")["records"] == looked["records"]
    assert Consultation.objects.get().email == "ben@mail.example"
    assert run_forget(capsys, "Ada@mail.example")["records"] == {}


def test_erases_by_unshared_phone(capsys) -> None:
    make_consultation(email="", phone="+15035550142", channel="call", kind="call_back")
    assert run_forget(capsys, PHONE)["records"] == {"consultations": 1}
    assert not Consultation.objects.exists()


def test_shared_phone_erases_nobody(capsys) -> None:
    make_consultation(email="ada@mail.example", phone="+15035550142")
    make_consultation(email="ben@mail.example", phone="+15035550142")
    with pytest.raises(SystemExit) as stop:
        call_command("forget", PHONE)
    assert stop.value.code == 1
    assert "mail.example" not in capsys.readouterr().out
    assert Consultation.objects.count() == 2


@pytest.mark.parametrize("bad", ["", "nobody", "a@b@c", "12"])
def test_invalid_contact_exits_2(bad) -> None:
    with pytest.raises(CommandError) as stop:
        call_command("forget", bad)
    assert stop.value.returncode == 2


def test_wrong_keys_are_refused(settings) -> None:
    make_consultation(email="ada@mail.example")
    canary.verify_keys()
    settings.FIELD_KEYS = [(7, b"z" * 32)]
    with pytest.raises(CommandError) as refused:
        call_command("forget", "ada@mail.example")
    assert refused.value.returncode == 78
    assert Consultation.objects.exists()
