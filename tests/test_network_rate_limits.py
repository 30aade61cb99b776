"""Each limit: reached from one network address, never from thirty, whatever headers say."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from consultations.outbox.models import OutgoingEmail
from consultations.rate_limits import limits
from tests.factories.consultations import (
    NOW,
    comment_post,
    consultation_post,
    make_comment,
    make_consultation,
)
from tests.factories.pages import make_article, make_licence, make_practice

pytestmark = pytest.mark.django_db
Act = Callable[[Client, int, dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def _practice_and_clock():
    make_practice()
    make_licence()
    with time_machine.travel(NOW, tick=False):
        yield


def consultation() -> Act:
    return lambda client, number, meta: client.post(
        "/consultation/details/", consultation_post(email=f"a{number}@mail.example"), **meta
    )


def correction() -> Act:
    row = make_consultation()

    def act(client: Client, number: int, meta: dict[str, Any]) -> Any:
        row.refresh_from_db()  # each correction gives the page a new address
        address = row.get_absolute_url()
        return client.post(address, {"email": f"a{number}@mail.example"}, **meta)

    return act


def comment() -> Act:
    path = f"{make_article().get_absolute_url()}comments/"
    return lambda client, number, meta: client.post(
        path, comment_post(text=f"Thought {number}", email=f"a{number}@mail.example"), **meta
    )


def comment_edit() -> Act:
    path = f"{make_comment(now=NOW).get_absolute_url()}edit/"
    return lambda client, number, meta: client.post(
        path, {"text": f"Words {number}", "name": "Sam"}, **meta
    )


def report() -> Act:
    article = make_article()
    known = make_comment(article=article, approved=True, now=NOW)
    path = f"{article.get_absolute_url()}comments/{known.public_id}/report/"
    return lambda client, number, meta: client.post(path, **meta)


def your_data() -> Act:
    return lambda client, number, meta: client.post(
        "/your-data/", {"email": f"a{number}@mail.example"}, **meta
    )


LIMITS = [(consultation, 5), (correction, 5), (comment, 3), (comment_edit, 20), (report, 10),
          (your_data, 10)]  # fmt: skip
FORGED = ("X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Client-IP")


def forged(number: int) -> dict[str, Any]:
    """Another address in every header that somebody might believe."""
    headers = dict.fromkeys(FORGED, f"198.51.100.{number}")
    return {"headers": {**headers, "Forwarded": f"for=198.51.100.{number}"}}


@pytest.mark.parametrize(("guarded", "most"), LIMITS)
def test_one_place_reaches_the_limit_whatever_its_headers_say(client, guarded, most) -> None:
    act = guarded()
    one = {"REMOTE_ADDR": "192.0.2.9"}
    answers = [act(client, n, {**one, **forged(n)}).status_code for n in range(most + 2)]
    assert answers == [303] * most + [429] * 2
    other = {"REMOTE_ADDR": "192.0.2.10"}
    assert act(client, 99, other).status_code == 303


@pytest.mark.parametrize(("guarded", "most"), LIMITS)
def test_thirty_places_do_not(client, guarded, most) -> None:
    act = guarded()
    answers = [act(client, n, {"REMOTE_ADDR": f"192.0.2.{n}"}).status_code for n in range(30)]
    assert answers == [303] * 30


@pytest.mark.parametrize(("guarded", "most"), LIMITS[:3])
def test_one_ipv6_household_is_one_place(client, guarded, most) -> None:
    act = guarded()
    homes = [{"REMOTE_ADDR": f"2001:db8:0:7:{n:x}::1"} for n in range(most + 1)]
    answers = [act(client, n, meta).status_code for n, meta in enumerate(homes)]
    assert answers == [303] * most + [429]
    assert act(client, 99, {"REMOTE_ADDR": "2001:db8:0:8::1"}).status_code == 303


def test_behind_our_proxy_each_visitor_is_one_place_and_a_forged_start_changes_nothing(
    settings,
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    client, act = Client(), consultation()

    def from_(visitor: str, number: int) -> int:
        said = {"X-Forwarded-For": f"198.51.100.{number}, {visitor}"}
        return act(client, number, {"REMOTE_ADDR": "10.0.0.1", "headers": said}).status_code

    assert [from_("192.0.2.9", n) for n in range(6)] == [303] * 5 + [429]
    assert [from_(f"192.0.2.{n}", n) for n in range(10, 40)] == [303] * 30


def test_one_person_is_sent_three_links_an_hour_from_wherever_they_are_asked_for(client) -> None:
    for number in range(6):
        answer = client.post(
            "/your-data/", {"email": "ada@mail.example"}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert answer.status_code == 303  # never told, so that nobody learns of the others
    assert OutgoingEmail.objects.filter(to__isnull=False).count() == 3


def test_a_flood_of_wrong_links_is_told_once_and_answered_alike(client, caplog) -> None:
    [limit] = limits.WRONG_LINK_LIMITS
    with caplog.at_level(logging.WARNING, logger="consultations"):
        answers = {client.get(f"/c/wrong-{n}/").status_code for n in range(limit.most + 5)}
    assert answers == {404}
    told = [record.getMessage() for record in caplog.records if record.name.startswith("consult")]
    assert told == [f"more than {limit.most} wrong links from one place"]
