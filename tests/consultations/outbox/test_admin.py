"""Mails as staff meet them: that they left, never what they say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import make_mail, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/outgoingemail/"


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    return client


def test_neither_list_nor_page_shows_an_address_or_a_word(staff) -> None:
    mail = make_mail(to="quill@mail.example", text="Featherword", last_error="SMTPDataError 554")
    for address in (LIST, f"{LIST}{mail.pk}/change/"):
        page = staff.get(address).content.decode()
        assert "SMTPDataError 554" in page
        assert f"{mail.created_at + timedelta(days=7):%Y-%m-%d}" in page  # when it is deleted
        assert "quill@" not in page
        assert "Featherword" not in page


def test_trying_again_reaches_what_failed_and_not_what_was_sent(staff) -> None:
    mails = {state: make_mail(state=state, attempts=9) for state in OutgoingEmail.State.values}
    before = timezone.now()
    chosen = [str(mail.pk) for mail in mails.values()]
    page = staff.post(LIST, {"action": "send_again", "_selected_action": chosen}, follow=True)
    assert "2 mails will be tried now." in page.content.decode()
    states = dict(OutgoingEmail.objects.values_list("pk", "state"))
    assert {state: states[mail.pk] for state, mail in mails.items()} == {
        "waiting": "waiting", "sending": "sending", "sent": "sent", "dead": "waiting",
        "void": "void",
    }  # fmt: skip
    dead = OutgoingEmail.objects.get(pk=mails["dead"].pk)
    assert dead.attempts == 0
    assert dead.next_at >= before


def test_who_may_look(client) -> None:
    make_practice()
    client.force_login(make_staff("view_article"))
    assert client.get(LIST).status_code == 403
