"""A corrupt or misplaced encrypted value is reported, and everything else keeps working."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from consultations import tasks
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import EncryptedTextField
from tests.consultations.privacy.test_fields import read_raw, tamper, write_raw
from tests.factories.consultations import (
    NOW,
    START,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
UNREADABLE_MESSAGE = "cannot be read"


@pytest.fixture(autouse=True)
def clock():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False) as moved:
        yield moved


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def encrypted_columns(model) -> list[str]:
    return [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]


def make_full_consultation(**facts):
    return make_consultation_with_status(
        "confirmed",
        name="Ada Damaged",
        phone="+15035550142",
        note="A note",
        access_needs="Captions",
        **facts,
    )


def admin_change_url(row) -> str:
    return reverse(f"admin:consultations_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("column", encrypted_columns(Consultation))
def test_corrupt_consultation_column_breaks_nothing_else(staff, client, clock, column) -> None:
    row, other = (
        make_full_consultation(email="ada@mail.example"),
        make_consultation(name="Zoe Sound"),
    )
    row.staff_notes = "Call before noon"
    row.save(update_fields=["staff_notes"])
    if not read_raw(row, column):
        write_raw(row, column, b"\1\1" + b"x" * 40)
    tamper(row, column)
    # Staff: the lists, the page and each action work; other rows are readable.
    every = staff.get("/admin/consultations/consultation/", {"group": "all"})
    assert every.status_code == 200
    assert "ZS" in every.content.decode()
    page = staff.get(admin_change_url(row))
    assert page.status_code == 200
    assert UNREADABLE_MESSAGE in page.content.decode()
    assert "Zoe Sound" in staff.get(admin_change_url(other)).content.decode()
    for act in ("cancel", "move"):
        address = reverse("admin:consultations_consultation_action", args=[row.pk, act])
        assert staff.get(address).status_code == 200
    assert staff.get("/admin/").status_code == 200
    assert staff.get("/admin/consultations/consultation/week/").status_code == 200
    # The visitor's private pages.
    own = row.get_absolute_url()
    for step in ("", "cancel/", "calendar.ics"):
        assert client.get(own + step).status_code == 200, step
    assert client.post(own + "cancel/").status_code == 303
    row.refresh_from_db()
    assert row.status == "cancelled_by_visitor"
    # The background tasks, and `keys verify`.
    clock.move_to(START + timedelta(hours=1))
    for task in (
        tasks.expire_holds_and_send_reminders,
        tasks.deliver_email,
        tasks.run_hourly_cleanup,
    ):
        task(START + timedelta(hours=1))
    with pytest.raises(SystemExit):
        call_command("keys", "verify")
    clock.move_to(NOW + timedelta(days=200))
    tasks.run_hourly_cleanup(NOW + timedelta(days=200))
    assert not Consultation.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("column", encrypted_columns(Comment))
def test_corrupt_comment_column_breaks_nothing_else(staff, client, column) -> None:
    row, other = make_comment(name="Ada"), make_comment(name="Zoe Sound")
    if not read_raw(row, column):
        write_raw(row, column, b"\1\1" + b"x" * 40)
    tamper(row, column)
    waiting = staff.get("/admin/consultations/comment/")
    assert waiting.status_code == 200
    assert "Zoe Sound" in waiting.content.decode()
    page = staff.get(admin_change_url(row))
    assert page.status_code == 200
    if column == "email":
        page = staff.post(reverse("admin:consultations_comment_reveal", args=[row.pk]))
    if column in ("name", "email", "text"):
        assert UNREADABLE_MESSAGE in page.content.decode()
    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.post(f"{row.get_absolute_url()}withdraw/").status_code == 303
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert read_raw(row, column) in (b"", None)
    assert client.get(other.get_absolute_url()).status_code == 200


def test_published_comment_survives_corrupt_text(client) -> None:
    row = make_comment(approved=True, text="Words for everybody")
    tamper(row, "text")
    assert "Words for everybody" in client.get(row.article.get_absolute_url()).content.decode()


@pytest.mark.parametrize("column", encrypted_columns(OutgoingEmail))
def test_corrupt_email_does_not_block_others(column) -> None:
    make_consultation(email="ada@mail.example")
    bad, good = OutgoingEmail.objects.order_by("message")
    if not read_raw(bad, column):
        write_raw(bad, column, b"\1\1" + b"x" * 40)
    tamper(bad, column)
    tasks.deliver_email(NOW + timedelta(minutes=5))
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.state == "sent"
    assert bad.state in ("waiting", "dead", "sent")


def test_value_copied_from_another_row_is_not_decrypted(staff) -> None:
    row, other = make_consultation(note="Mine"), make_consultation(note="Theirs")
    write_raw(row, "note", read_raw(other, "note"))
    page = staff.get(admin_change_url(row)).content.decode()
    assert UNREADABLE_MESSAGE in page
    assert "Theirs" not in page
    assert "Theirs" in staff.get(admin_change_url(other)).content.decode()
