"""Delivery to a real SMTP server that accepts, refuses, disconnects or is unreachable."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from consultations.outbox.queue import sender_address
from tests.consultations.outbox.smtp import (
    SMTPHandler,
    free_port,
    refuse_login,
    reload_state,
    running_server,
    use_server,
)
from tests.factories.consultations import NOW, make_email
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=7)  # after every back-off


@pytest.fixture
def server(settings):
    with running_server(settings) as handler:
        yield handler


def deliver(now=NOW) -> dict[str, int]:
    return dict(delivery.deliver_due(now))


def test_email_arrives_complete_and_once(server: SMTPHandler) -> None:
    mail = make_email(to="ada@mail.example", subject="We received your message")
    assert deliver() == {"sent": 1}
    assert deliver(LATER) == {}
    (message,) = server.taken
    assert (message["To"], message["Subject"]) == ("ada@mail.example", "We received your message")
    assert message["From"] == "Robin <hello@quietroom.example.com>"
    assert message["Reply-To"] == "hello@quietroom.example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    assert reload_state(mail) == ("sent", 1)
    assert (mail.sent_at, mail.lease_until, mail.last_error) == (NOW, None, "")


def test_unsubscribe_link_is_not_folded(server: SMTPHandler) -> None:
    link = "https://quietroom.example.com/comments/stop/" + "AbCd-_09" * 14
    make_email(unsubscribe=link)
    assert deliver() == {"sent": 1}
    assert server.taken[0]["List-Unsubscribe"].strip() == f"<{link}>"


@pytest.mark.parametrize(
    "name",
    ["Zoë, Praxis", "Zoë <me@mail.example>", 'Köln [1] "a" \\ b: c; @d', "Room <me@b.example>"],
)
def test_sender_is_the_practice_whatever_its_name(server: SMTPHandler, name: str) -> None:
    practice = make_practice(discreet_name=name, email="hello@quietroom.example.com")
    make_email(sender=sender_address(practice))
    assert deliver() == {"sent": 1}
    head = message_from_bytes(server.taken[0].as_bytes(), policy=policy.default)["From"]
    senders = [(address.display_name, address.addr_spec) for address in head.addresses]
    assert senders == [(name, "hello@quietroom.example.com")]


def test_several_emails_share_one_connection(server: SMTPHandler, monkeypatch) -> None:
    opened: list[int] = []
    original = delivery.open_connection

    def counted() -> object:
        opened.append(1)
        return original()

    monkeypatch.setattr(delivery, "open_connection", counted)
    for _ in range(3):
        make_email()
    assert deliver() == {"sent": 3}
    assert (len(server.taken), len(opened)) == (3, 1)


def test_permanently_refused_recipient_does_not_block_others(server: SMTPHandler) -> None:
    dead = make_email(to="nobody@mail.example")
    others = [make_email(), make_email()]
    server.recipients["nobody@mail.example"] = "550 5.1.1 nobody@mail.example unknown here"
    assert deliver() == {"dead": 1, "sent": 2}
    assert reload_state(dead) == ("dead", 1)
    assert dead.last_error == "SMTPRecipientsRefused 550"
    assert [reload_state(mail)[0] for mail in others] == ["sent", "sent"]
    assert deliver(LATER) == {}


def test_temporarily_refused_recipient_is_retried(server: SMTPHandler) -> None:
    mail = make_email(to="full@mail.example")
    server.recipients["full@mail.example"] = "451 4.2.2 mailbox of full@mail.example busy"
    assert deliver() == {"waiting": 1}
    assert (reload_state(mail), mail.last_error) == (("waiting", 1), "SMTPRecipientsRefused 451")
    assert mail.next_at == NOW + timedelta(minutes=1)
    assert deliver(NOW + timedelta(seconds=59)) == {}
    del server.recipients["full@mail.example"]
    assert deliver(NOW + timedelta(minutes=1)) == {"sent": 1}
    assert server.addresses == ["full@mail.example"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 try later: Thank you.", "waiting"), ("554 refused: Thank you.", "dead")],
)
def test_refused_message_is_recorded_by_code_only(
    server: SMTPHandler, caplog, answer, state
) -> None:
    mail = make_email()
    server.data_answer = answer
    assert deliver() == {state: 1}
    assert reload_state(mail)[0] == state
    assert mail.last_error == f"SMTPDataError {answer[:3]}"
    # The server runs in this process and writes to the same log.
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("consultations")]
    assert ours == [f"mail not delivered: message={mail.message} error={mail.last_error}"]


def test_disconnect_after_data_resends_with_same_message_id(server: SMTPHandler) -> None:
    mail = make_email()
    server.drops_after_data = True
    assert deliver() == {"waiting": 1}
    assert (reload_state(mail), mail.last_error) == (("waiting", 1), "SMTPServerDisconnected")
    server.drops_after_data = False
    assert deliver(LATER) == {"sent": 1}
    # Both have the same Message-ID, by which mailboxes recognize duplicates.
    assert len(server.taken) == 2
    assert len({message["Message-ID"] for message in server.taken}) == 1


def test_next_email_after_disconnect_uses_a_new_connection(server: SMTPHandler) -> None:
    first, second = make_email(next_at=NOW - timedelta(hours=1)), make_email()
    taken: list[int] = []
    original = SMTPHandler.handle_DATA

    async def first_only(self, smtp, session, envelope):
        self.drops_after_data = not taken
        taken.append(1)
        return await original(self, smtp, session, envelope)

    server.handle_DATA = first_only.__get__(server)  # type: ignore[method-assign]
    assert deliver() == {"waiting": 1, "sent": 1}
    assert (reload_state(first)[0], reload_state(second)[0]) == ("waiting", "sent")


def test_unreachable_server_keeps_emails_waiting(settings) -> None:
    use_server(settings, free_port())
    mails = [make_email(), make_email()]
    assert deliver() == {"waiting": 2}
    assert {reload_state(mail) for mail in mails} == {("waiting", 1)}
    assert mails[0].last_error.startswith("ConnectionRefusedError")


def test_refused_login_keeps_emails_waiting(settings) -> None:
    with running_server(settings, authenticator=refuse_login, auth_require_tls=False) as handler:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "wrong-password"
        mail = make_email()
        assert deliver() == {"waiting": 1}
        assert (reload_state(mail), mail.last_error) == (
            ("waiting", 1),
            "SMTPAuthenticationError 535",
        )
        assert handler.taken == []


def test_undecryptable_email_does_not_block_others(server: SMTPHandler) -> None:
    from tests.consultations.privacy.test_fields import tamper

    broken, whole = make_email(), make_email()
    tamper(broken, "text")
    assert deliver() == {"dead": 1, "sent": 1}
    assert (reload_state(broken)[0], reload_state(whole)[0]) == ("dead", "sent")
    assert broken.last_error == "DecryptionError"


def test_header_injection_is_refused(server: SMTPHandler) -> None:
    mail = make_email(subject="Hello\r\nBcc: all@mail.example")
    assert deliver() == {"waiting": 1}
    assert server.taken == []
    assert reload_state(mail)[0] == "waiting"
    # Refused by Django; from Django 6 on by Python.
    assert mail.last_error in ("BadHeaderError", "ValueError")


def test_mixed_failures_neither_lose_nor_duplicate_emails(server: SMTPHandler) -> None:
    for _ in range(20):
        make_email()
    make_email(to="never@mail.example")
    make_email(to="later@mail.example")
    server.recipients = {"never@mail.example": "550 no", "later@mail.example": "451 later"}
    deliver()
    server.recipients.pop("later@mail.example")
    deliver(LATER)
    assert len(server.taken) == len({message["Message-ID"] for message in server.taken}) == 21
    states = OutgoingEmail.objects.values_list("state", flat=True)
    assert sorted(states) == ["dead"] + ["sent"] * 21
