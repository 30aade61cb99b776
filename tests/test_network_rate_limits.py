"""Each rate limit is reached from one network, not from thirty, whatever the headers claim."""

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
    comment_form_data,
    consultation_form_data,
    make_comment,
    make_consultation,
)
from tests.factories.pages import make_article, make_licence, make_practice

pytestmark = pytest.mark.django_db
Submit = Callable[[Client, int, dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def _practice_and_clock():
    make_practice()
    make_licence()
    with time_machine.travel(NOW, tick=False):
        yield


def submit_consultation() -> Submit:
    return lambda client, number, meta: client.post(
        "/consultation/details/", consultation_form_data(email=f"a{number}@mail.example"), **meta
    )


def submit_correction() -> Submit:
    row = make_consultation()

    def act(client: Client, number: int, meta: dict[str, Any]) -> Any:
        row.refresh_from_db()  # each correction changes the page's URL
        address = row.get_absolute_url()
        return client.post(address, {"email": f"a{number}@mail.example"}, **meta)

    return act


def submit_comment() -> Submit:
    path = f"{make_article().get_absolute_url()}comments/"
    return lambda client, number, meta: client.post(
        path, comment_form_data(text=f"Thought {number}", email=f"a{number}@mail.example"), **meta
    )


def submit_comment_edit() -> Submit:
    path = f"{make_comment(now=NOW).get_absolute_url()}edit/"
    return lambda client, number, meta: client.post(
        path, {"text": f"Words {number}", "name": "Sam"}, **meta
    )


def submit_report() -> Submit:
    article = make_article()
    known = make_comment(article=article, approved=True, now=NOW)
    path = f"{article.get_absolute_url()}comments/{known.public_id}/report/"
    return lambda client, number, meta: client.post(path, **meta)


def submit_data_request() -> Submit:
    return lambda client, number, meta: client.post(
        "/your-data/", {"email": f"a{number}@mail.example"}, **meta
    )


LIMITS = [
    (submit_consultation, 30),
    (submit_correction, 5),
    (submit_comment, 3),
    (submit_comment_edit, 20),
    (submit_report, 10),
    (submit_data_request, 10),
]
FORWARDING_HEADERS = (
    "X-Forwarded-For",
    "X-Real-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Client-IP",
)


def forged_headers(number: int) -> dict[str, Any]:
    """Return headers that claim another client address, in every form a server might trust."""
    headers = dict.fromkeys(FORWARDING_HEADERS, f"198.51.100.{number}")
    return {"headers": {**headers, "Forwarded": f"for=198.51.100.{number}"}}


@pytest.mark.parametrize(("guarded", "max_count"), LIMITS)
def test_forged_headers_do_not_evade_rate_limit(client, guarded, max_count) -> None:
    act = guarded()
    network = {"REMOTE_ADDR": "192.0.2.9"}
    responses = [
        act(client, n, {**network, **forged_headers(n)}).status_code for n in range(max_count + 2)
    ]
    assert responses == [303] * max_count + [429] * 2
    other = {"REMOTE_ADDR": "192.0.2.10"}
    assert act(client, 99, other).status_code == 303


@pytest.mark.parametrize(("guarded", "max_count"), LIMITS)
def test_thirty_networks_do_not_share_a_limit(client, guarded, max_count) -> None:
    act = guarded()
    responses = [act(client, n, {"REMOTE_ADDR": f"192.0.2.{n}"}).status_code for n in range(30)]
    assert responses == [303] * 30


@pytest.mark.parametrize(("guarded", "max_count"), LIMITS[:3])
def test_ipv6_64_prefix_shares_a_limit(client, guarded, max_count) -> None:
    act = guarded()
    homes = [{"REMOTE_ADDR": f"2001:db8:0:7:{n:x}::1"} for n in range(max_count + 1)]
    responses = [act(client, n, meta).status_code for n, meta in enumerate(homes)]
    assert responses == [303] * max_count + [429]
    assert act(client, 99, {"REMOTE_ADDR": "2001:db8:0:8::1"}).status_code == 303


def test_trusted_proxy_separates_visitors_and_ignores_forged_hops(
    settings,
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    client, act = Client(), submit_consultation()

    def status_for(visitor: str, number: int) -> int:
        headers = {"X-Forwarded-For": f"198.51.100.{number}, {visitor}"}
        return act(client, number, {"REMOTE_ADDR": "10.0.0.1", "headers": headers}).status_code

    assert [status_for("192.0.2.9", n) for n in range(31)] == [303] * 30 + [429]
    assert [status_for(f"192.0.2.{n}", n) for n in range(10, 40)] == [303] * 30


def test_campus_behind_one_address_is_not_locked_out(client) -> None:
    act, campus = submit_consultation(), {"REMOTE_ADDR": "192.0.2.9"}
    assert [act(client, n, campus).status_code for n in range(20)] == [303] * 20


def test_requests_are_limited_per_email_address(client) -> None:
    act = submit_consultation()
    responses = [act(client, 1, {"REMOTE_ADDR": f"192.0.2.{n}"}).status_code for n in range(7)]
    assert responses == [303] * 5 + [429] * 2
    assert limits.count_refusals(limits.CONSULTATION_REFUSALS, now=NOW) == 2
    # The refused ones count nowhere: the network is as free as before.
    assert act(client, 2, {"REMOTE_ADDR": "192.0.2.6"}).status_code == 303


def test_data_links_are_limited_per_email_address(client) -> None:
    for number in range(6):
        response = client.post(
            "/your-data/", {"email": "ada@mail.example"}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert (
            response.status_code == 303
        )  # the same response, so that nobody learns of earlier requests
    assert OutgoingEmail.objects.filter(to__isnull=False).count() == 3


def test_wrong_link_flood_is_logged_once_and_always_404(client, caplog) -> None:
    [limit] = limits.WRONG_LINK_LIMITS
    with caplog.at_level(logging.WARNING, logger="consultations"):
        responses = {client.get(f"/c/wrong-{n}/").status_code for n in range(limit.max_count + 5)}
    assert responses == {404}
    messages = [
        record.getMessage() for record in caplog.records if record.name.startswith("consult")
    ]
    assert messages == [f"more than {limit.max_count} wrong links from one place"]
