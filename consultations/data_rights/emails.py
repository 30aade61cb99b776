"""The mail that proves an address: it says nothing about what we hold."""

from datetime import datetime

from django.conf import settings

from consultations.data_rights.models import DataLink
from consultations.outbox import queue

MESSAGE = "your_data"


def link(row: DataLink, *, now: datetime) -> None:
    queue.enqueue(
        MESSAGE,
        key=f"{row.uuid}:{MESSAGE}",
        to=row.email,
        about=row.uuid,
        context={"link_url": settings.SITE_URL + row.get_absolute_url()},
        now=now,
    )
