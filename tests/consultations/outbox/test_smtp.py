"""Delivery against a real server: taken, refused, hung up, away."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from consultations.outbox.queue import sender
from tests.consultations.outbox.smtp import (
    Handler,
    free_port,
    point_to,
    refuse_login,
    running,
    state_of,
)
from tests.factories.consultations import NOW, make_mail
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=7)  # after every back-off


@pytest.fixture
def server(settings):
    with running(settings) as handler:
        yield handler


def deliver(now=NOW) -> dict[str, int]:
    return dict(delivery.deliver_due(now))


def test_a_mail_arrives_whole_and_once(server: Handler) -> None:
    mail = make_mail(to="ada@mail.example", subject="We received your message")
    assert deliver() == {"sent": 1}
    assert deliver(LATER) == {}
    (message,) = server.taken
    assert (message["To"], message["Subject"]) == ("ada@mail.example", "We received your message")
    assert message["From"] == "Robin <hello@quietroom.example.com>"
    assert message["Reply-To"] == "hello@quietroom.example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    assert state_of(mail) == ("sent", 1)
    assert (mail.sent_at, mail.lease_until, mail.last_error) == (NOW, None, "")


def test_a_link_in_a_header_arrives_in_one_piece(server: Handler) -> None:
    link = "https://quietroom.example.com/comments/stop/" + "AbCd-_09" * 14
    make_mail(unsubscribe=link)
    assert deliver() == {"sent": 1}
    assert server.taken[0]["List-Unsubscribe"].strip() == f"<{link}>"


@pytest.mark.parametrize(
    "name",
    ["Zoë, Praxis", "Zoë <me@mail.example>", 'Köln [1] "a" \\ b: c; @d', "Room <me@b.example>"],
)
def test_a_sender_is_the_practice_whatever_its_name(server: Handler, name: str) -> None:
    practice = make_practice(discreet_name=name, email="hello@quietroom.example.com")
    make_mail(sender=sender(practice))
    assert deliver() == {"sent": 1}
    head = message_from_bytes(server.taken[0].as_bytes(), policy=policy.default)["From"]
    found = [(one.display_name, one.addr_spec) for one in head.addresses]
    assert found == [(name, "hello@quietroom.example.com")]


def test_several_mails_go_through_one_conversation(server: Handler, monkeypatch) -> None:
    opened: list[int] = []
    original = delivery.opened_connection

    def counted() -> object:
        opened.append(1)
        return original()

    monkeypatch.setattr(delivery, "opened_connection", counted)
    for _ in range(3):
        make_mail()
    assert deliver() == {"sent": 3}
    assert (len(server.taken), len(opened)) == (3, 1)


def test_a_recipient_refused_for_good_is_given_up_and_others_go(server: Handler) -> None:
    dead = make_mail(to="nobody@mail.example")
    others = [make_mail(), make_mail()]
    server.recipients["nobody@mail.example"] = "550 5.1.1 nobody@mail.example unknown here"
    assert deliver() == {"dead": 1, "sent": 2}
    assert state_of(dead) == ("dead", 1)
    assert dead.last_error == "SMTPRecipientsRefused 550"
    assert [state_of(mail)[0] for mail in others] == ["sent", "sent"]
    assert deliver(LATER) == {}


def test_a_recipient_refused_for_now_is_tried_again(server: Handler) -> None:
    mail = make_mail(to="full@mail.example")
    server.recipients["full@mail.example"] = "451 4.2.2 mailbox of full@mail.example busy"
    assert deliver() == {"waiting": 1}
    assert (state_of(mail), mail.last_error) == (("waiting", 1), "SMTPRecipientsRefused 451")
    assert mail.next_at == NOW + timedelta(minutes=1)
    assert deliver(NOW + timedelta(seconds=59)) == {}
    del server.recipients["full@mail.example"]
    assert deliver(NOW + timedelta(minutes=1)) == {"sent": 1}
    assert server.addresses == ["full@mail.example"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 try later: Thank you.", "waiting"), ("554 refused: Thank you.", "dead")],
)
def test_refused_words_are_recorded_by_code_only(server: Handler, caplog, answer, state) -> None:
    mail = make_mail()
    server.data_answer = answer
    assert deliver() == {state: 1}
    assert state_of(mail)[0] == state
    assert mail.last_error == f"SMTPDataError {answer[:3]}"
    # The server runs in this process and logs as well.
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("consultations")]
    assert ours == [f"mail not delivered: message={mail.message} error={mail.last_error}"]


def test_a_server_that_hangs_up_after_the_data_gets_the_same_mail_again(server: Handler) -> None:
    mail = make_mail()
    server.drops_after_data = True
    assert deliver() == {"waiting": 1}
    assert (state_of(mail), mail.last_error) == (("waiting", 1), "SMTPServerDisconnected")
    server.drops_after_data = False
    assert deliver(LATER) == {"sent": 1}
    # Both carry one Message-ID, by which the reader's mailbox knows them as one.
    assert len(server.taken) == 2
    assert len({message["Message-ID"] for message in server.taken}) == 1


def test_after_a_hang_up_the_next_mail_gets_a_new_conversation(server: Handler) -> None:
    first, second = make_mail(next_at=NOW - timedelta(hours=1)), make_mail()
    taken: list[int] = []
    original = Handler.handle_DATA

    async def first_only(self, smtp, session, envelope):
        self.drops_after_data = not taken
        taken.append(1)
        return await original(self, smtp, session, envelope)

    server.handle_DATA = first_only.__get__(server)  # type: ignore[method-assign]
    assert deliver() == {"waiting": 1, "sent": 1}
    assert (state_of(first)[0], state_of(second)[0]) == ("waiting", "sent")


def test_no_server_at_all(settings) -> None:
    point_to(settings, free_port())
    mails = [make_mail(), make_mail()]
    assert deliver() == {"waiting": 2}
    assert {state_of(mail) for mail in mails} == {("waiting", 1)}
    assert mails[0].last_error.startswith("ConnectionRefusedError")


def test_a_refused_login_keeps_every_mail_waiting(settings) -> None:
    with running(settings, authenticator=refuse_login, auth_require_tls=False) as handler:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "wrong-password"
        mail = make_mail()
        assert deliver() == {"waiting": 1}
        assert (state_of(mail), mail.last_error) == (
            ("waiting", 1),
            "SMTPAuthenticationError 535",
        )
        assert handler.taken == []


def test_an_unreadable_mail_is_given_up_and_others_go(server: Handler) -> None:
    from tests.consultations.privacy.test_fields import tamper

    broken, whole = make_mail(), make_mail()
    tamper(broken, "text")
    assert deliver() == {"dead": 1, "sent": 1}
    assert (state_of(broken)[0], state_of(whole)[0]) == ("dead", "sent")
    assert broken.last_error == "CannotOpen"


def test_a_header_never_begins_another_one(server: Handler) -> None:
    mail = make_mail(subject="Hello\r\nBcc: all@mail.example")
    assert deliver() == {"waiting": 1}
    assert server.taken == []
    assert state_of(mail)[0] == "waiting"
    # Refused by Django; from Django 6 on by Python.
    assert mail.last_error in ("BadHeaderError", "ValueError")


def test_22_mails_with_trouble_on_the_way_lose_and_double_none(server: Handler) -> None:
    for _ in range(20):
        make_mail()
    make_mail(to="never@mail.example")
    make_mail(to="later@mail.example")
    server.recipients = {"never@mail.example": "550 no", "later@mail.example": "451 later"}
    deliver()
    server.recipients.pop("later@mail.example")
    deliver(LATER)
    assert len(server.taken) == len({message["Message-ID"] for message in server.taken}) == 21
    states = OutgoingEmail.objects.values_list("state", flat=True)
    assert sorted(states) == ["dead"] + ["sent"] * 21
