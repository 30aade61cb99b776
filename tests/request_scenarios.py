"""Typical visitor requests, measured by test_request_budgets.py and tools/structure.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.booking import make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import NOW, START, comment_form_data, make_comment
from tests.factories.pages import make_practice, make_whole_site

Send = Callable[[], None]


def booking_post() -> Send:
    """Book a slot with instant confirmation; each call takes the next hour for another visitor."""
    make_whole_site()
    make_practice(is_licence_bound=False)
    make_open_practitioner(slug="open")
    type, client = make_type(), Client()
    hours = iter(range(8))

    def send() -> None:
        hour = next(hours)
        fields = slot_form_data(
            type, START + timedelta(hours=hour), email=f"visitor-{hour}@mail.example"
        )
        check(client.post("/consultation/details/", fields), 303)

    return send


def comment_post_on_article() -> Send:
    """Post a comment on an article with comments; each call is another visitor's."""
    client, address = Client(), article_with_comments()
    numbers = iter(range(100))

    def send() -> None:
        number = next(numbers)
        fields = comment_form_data(
            name=f"Visitor {number}",
            email=f"visitor-{number}@mail.example",
            text=f"A kind thought, the {number}th of its kind.",
        )
        check(client.post(f"{address}comments/", fields), 303)

    return send


def article_get() -> Send:
    """Read an article with an author, a category, a tag and a short discussion."""
    client, address = Client(), article_with_comments()
    return lambda: check(client.get(address), 200)


def article_with_comments() -> str:
    article = make_whole_site()
    first = make_comment(article=article, approved=True)
    make_comment(article=article, parent=first, approved=True)
    return article.get_absolute_url()


def check(response: Any, status: int) -> None:
    assert response.status_code == status, response.content.decode()[:2000]


SCENARIOS: dict[str, Callable[[], Send]] = {
    "booking POST": booking_post,
    "comment POST": comment_post_on_article,
    "article GET": article_get,
}


@contextmanager
def scenario(name: str) -> Iterator[Send]:
    """Yield a function that sends the request; the clock is stopped, the rows go afterwards."""
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        yield SCENARIOS[name]()
        transaction.set_rollback(True)


def count_queries(send: Send) -> int:
    """Count every statement that Django logs, those that open and close transactions included."""
    with CaptureQueriesContext(connection) as queries:
        send()
    return len(queries)
