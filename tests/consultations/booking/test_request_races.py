"""Tests for concurrent requests and staff actions on real connections: exactly one succeeds."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from consultations.booking.claims import SlotTaken
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.booking.transitions import TransitionNotAllowed
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import (
    confirm_with_defaults,
    make_comment,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db(transaction=True)


def run_concurrently(*acts: Callable[[], object]) -> list[object]:
    """Run functions concurrently; return what each returned or raised."""
    gate, outcome = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(timeout=20)
            outcome.append(act())
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcome


def test_concurrent_identical_forms_create_one_request() -> None:
    make_practice()
    outcome = run_concurrently(*[lambda: make_consultation(key="k" * 32).pk] * 4)
    assert set(outcome) == {Consultation.objects.get().pk}
    assert (ConsultationEvent.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_concurrent_confirmations_for_one_time_have_one_winner() -> None:
    make_practice()
    practitioner, by = make_practitioner(), make_staff()
    rows = [make_consultation() for _ in range(4)]
    acts = [
        lambda row=row: confirm_with_defaults(row, practitioner=practitioner, by=by) for row in rows
    ]
    outcome = run_concurrently(*acts)
    assert outcome.count(None) == 1
    assert sum(isinstance(one, SlotTaken) for one in outcome) == 3
    assert Consultation.objects.filter(status="confirmed").count() == 1
    assert OutgoingEmail.objects.filter(message="consultation_confirmed").count() == 1


def test_concurrent_confirmations_of_one_request_succeed_once() -> None:
    make_practice()
    by, practitioners = make_staff(), [make_practitioner(), make_practitioner()]
    key = make_consultation().pk
    rows = [Consultation.objects.get(pk=key) for _ in practitioners]
    outcome = run_concurrently(
        *[
            lambda row=row, practitioner=practitioner: confirm_with_defaults(
                row, practitioner=practitioner, by=by
            )
            for row, practitioner in zip(rows, practitioners, strict=True)
        ]
    )
    assert outcome.count(None) == 1
    assert sum(isinstance(one, TransitionNotAllowed) for one in outcome) == 1
    assert Consultation.objects.get().events.count() == 2


def test_concurrent_identical_comments_create_one() -> None:
    make_practice()
    article = make_article()
    words: dict[str, Any] = {"name": "Sam", "email": "sam@mail.example", "text": "Twice"}
    outcome = run_concurrently(*[lambda: make_comment(article=article, **words).pk] * 4)
    assert set(outcome) == {Comment.objects.get().pk}
    assert OutgoingEmail.objects.filter(message="comments_waiting").count() == 1
