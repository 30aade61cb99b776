"""Email backend that writes .eml files, used by the demo and development instead of SMTP."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Writes one file per email into ``EMAIL_FILE_PATH``."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
            draft = folder / f".{name}"
            draft.write_bytes(message.message().as_bytes())
            os.replace(draft, folder / f"{name}.eml")  # atomic: readers see whole files only
        return len(email_messages)
