"""A real SMTP server on the loopback address, with answers set by the test."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from consultations.outbox.models import OutgoingEmail


class SMTPHandler:
    """Accepts email, unless ``answers`` has another reply for a recipient or the data."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.recipients: dict[str, str] = {}
        self.data_answer = "250 OK"
        self.drops_after_data = False

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.data_answer.startswith("2"):
            self.taken.append(message_from_bytes(envelope.content))
        if self.drops_after_data:
            server.transport.abort()  # type: ignore[union-attr]
        return self.data_answer

    @property
    def addresses(self) -> list[str]:
        return [str(message["To"]) for message in self.taken]


def refuse_login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=False, handled=False)


@contextmanager
def running_server(settings: Any, **options: Any) -> Iterator[SMTPHandler]:
    handler = SMTPHandler()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    use_server(settings, controller.port)
    try:
        yield handler
    finally:
        controller.stop()


def use_server(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 10


@contextmanager
def silent_server(settings: Any) -> Iterator[socket.socket]:
    """A server that accepts the connection and never sends its greeting."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        use_server(settings, listener.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.2
        yield listener


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def reload_state(mail: OutgoingEmail) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.state, mail.attempts
