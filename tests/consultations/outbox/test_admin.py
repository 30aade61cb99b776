"""The outbox in the admin: staff see the state of emails, never their content."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.outbox.models import OutgoingEmail
from pages.practice.staff_dates import format_day
from tests.factories.consultations import make_email, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LIST_URL = "/admin/consultations/outgoingemail/"


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    return client


def test_pages_show_neither_address_nor_text(staff) -> None:
    mail = make_email(to="quill@mail.example", text="Featherword", last_error="SMTPDataError 554")
    for address in (LIST_URL, f"{LIST_URL}{mail.pk}/change/"):
        page = staff.get(address).content.decode()
        assert "SMTPDataError 554" in page
        deleted_on = (mail.created_at + timedelta(days=7)).date()
        assert format_day(deleted_on, deleted_on) in page  # when it is deleted
        assert "quill@" not in page
        assert "Featherword" not in page


def test_retry_action_requeues_only_unsent_emails(staff) -> None:
    mails = {state: make_email(state=state, attempts=9) for state in OutgoingEmail.State.values}
    before = timezone.now()
    chosen = [str(mail.pk) for mail in mails.values()]
    page = staff.post(LIST_URL, {"action": "send_again", "_selected_action": chosen}, follow=True)
    assert "2 mails will be tried now." in page.content.decode()
    states = dict(OutgoingEmail.objects.values_list("pk", "state"))
    assert {state: states[mail.pk] for state, mail in mails.items()} == {
        "waiting": "waiting", "sending": "sending", "sent": "sent", "dead": "waiting",
        "void": "void",
    }  # fmt: skip
    dead = OutgoingEmail.objects.get(pk=mails["dead"].pk)
    assert dead.attempts == 0
    assert dead.next_at >= before


def test_list_requires_permission(client) -> None:
    make_practice()
    client.force_login(make_staff("view_article"))
    assert client.get(LIST_URL).status_code == 403
