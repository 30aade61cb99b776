"""Tests for the visitor's consultation pages: request form, private page and cancellation."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from consultations.booking import workflow
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import (
    NOW,
    START,
    consultation_form_data,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice

pytestmark = pytest.mark.django_db
FORM = "/consultation/details/"
FORM_WITH_KEY = f"{FORM}?kind=call_back&key={'k' * 32}"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    make_licence()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


def post_form(client, *, headers=None, **answers):
    return client.post(FORM, consultation_form_data(**answers), headers=headers)


def page_text(response) -> str:
    return response.content.decode()


# --- request form ---
def test_first_page_lists_request_kinds(client) -> None:
    page = page_text(client.get("/consultation/"))
    assert "details/?kind=preferred_times" in page
    assert "details/?kind=call_back" in page
    make_practice(accepting="waitlist")
    page = page_text(client.get("/consultation/"))
    assert "details/?kind=waitlist" in page
    assert "call_back" not in page
    make_practice(accepting="closed")
    assert "details/" not in page_text(client.get("/consultation/"))


@pytest.mark.parametrize(
    "path", ["/consultation/", "/consultation/?zone=Asia/Kolkata", FORM_WITH_KEY]
)
def test_request_pages_are_uncached_and_cookieless(client, path) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    # Only the first page is indexed: it is in the sitemap and contains no choices.
    assert ("X-Robots-Tag" not in response) is (path == "/consultation/")
    assert not response.cookies
    assert "Set-Cookie" not in response.headers
    assert "csrf" not in page_text(response).lower()


def test_valid_form_redirects_to_manage_page(client) -> None:
    response = post_form(client, note="Quillfeather")
    row = Consultation.objects.get()
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    assert "no-store" in response["Cache-Control"]
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert row.reference in page_text(page)
    assert "We’ll answer by Wednesday, May 6." in page_text(page)
    assert OutgoingEmail.objects.filter(about=row.pk).count() == 2


def test_double_submit_creates_one_request(client) -> None:
    answers = consultation_form_data()
    first, second = client.post(FORM, answers), client.post(FORM, answers)
    assert first["Location"] == second["Location"]
    assert (Consultation.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_invalid_form_keeps_answers(client) -> None:
    response = post_form(client, name="", note="Kept <b>words</b>", preferred=["tue-evening"])
    page = page_text(response)
    assert response.status_code == 422
    assert "no-store" in response["Cache-Control"]
    assert "Please check a few things" in page
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in page
    assert "<title>Error: " in page
    assert 'href="#id_name"' in page
    assert not Consultation.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/"},
    ],
)
def test_cross_site_form_is_returned_filled(client, headers) -> None:
    response = post_form(client, headers=headers, note="Kept words")
    assert response.status_code == 403
    assert "Kept words" in page_text(response)
    assert "press the button once more" in page_text(response)
    assert not Consultation.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}]
)
def test_same_origin_form_is_accepted(client, headers) -> None:
    assert post_form(client, headers=headers).status_code == 303


def test_rate_limited_form_keeps_answers_and_shows_phone(client, settings) -> None:
    assert [post_form(client).status_code for _ in range(5)] == [303] * 5
    response = post_form(client, note="Kept words")
    assert response.status_code == 429
    assert "(503) 555-0142" in page_text(response)
    assert "Kept words" in page_text(response)
    assert Consultation.objects.count() == 5
    assert post_form(client, email="other@mail.example").status_code == 303


def test_resubmitted_form_is_not_rate_limited(client) -> None:
    answers = consultation_form_data()
    first = client.post(FORM, answers)["Location"]
    again = [client.post(FORM, answers) for _ in range(8)]
    assert {(one.status_code, one["Location"]) for one in again} == {(303, first)}
    assert [post_form(client).status_code for _ in range(4)] == [303] * 4
    # Also after the hourly limit has been reached.
    assert post_form(client).status_code == 429
    assert client.post(FORM, answers)["Location"] == first
    assert Consultation.objects.count() == 5


def test_invalid_forms_are_not_rate_limited(client) -> None:
    assert [post_form(client, name="").status_code for _ in range(8)] == [422] * 8
    assert post_form(client).status_code == 303


def test_bot_gets_same_response_and_is_marked(client) -> None:
    now = NOW + timedelta(minutes=5)
    response = post_form(client, website="http://x.example", opened=sign_opened_at(now))
    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 200
    row = Consultation.objects.get()
    assert (row.status, row.suspicions) == ("requested", ["honeypot", "too_fast"])


def test_stale_form_keeps_answers(client) -> None:
    response = post_form(client, opened=sign_opened_at(NOW - timedelta(days=2)), note="Kept words")
    assert response.status_code == 422
    assert "Kept words" in page_text(response)
    assert "You were away for a while" in page_text(response)


def test_closed_practice_accepts_no_form(client) -> None:
    make_practice(accepting="closed")
    for response in (client.get(FORM), post_form(client)):
        assert (response.status_code, response["Location"]) == (302, "/consultation/")
    assert not Consultation.objects.exists()


def test_waitlist_page_promises_no_reply_date(client) -> None:
    make_practice(accepting="waitlist")
    response = post_form(client, kind="waitlist")
    assert Consultation.objects.get().kind == "waitlist"
    page = page_text(client.get(response["Location"]))
    assert "You’re on the waiting list" in page
    assert "We answer by" not in page
    assert "You stay on the list for 180 days" in page


def test_unreadable_email_does_not_break_manage_page(client) -> None:
    from tests.consultations.privacy.test_fields import tamper

    for row in (make_consultation(), make_consultation_with_status("confirmed")):
        tamper(row, "email")
        response = client.get(row.get_absolute_url())
        assert response.status_code == 200
        assert "that begins with" not in page_text(response)
        assert row.reference in page_text(response)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_return_405(client, method) -> None:
    assert getattr(client, method)(FORM).status_code == 405


# --- private page ---
PRIVATE_ANSWERS: dict[str, Any] = {
    "name": "Xanthippe",
    "email": "quill@mail.example",
    "phone": "+15035550199",
    "note": "Featherword",
    "access_needs": "Rampword",
}


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("requested", "We have your request"),
        ("confirmed", "You’re booked"),
        ("declined", "We can’t offer you a call"),
        ("cancelled_by_visitor", "Your request is withdrawn"),
        ("cancelled_by_staff", "We had to cancel your call"),
        ("expired", "This request has ended"),
        ("completed", "This call has taken place"),
        ("no_show", "This call has taken place"),
    ],
)
def test_manage_page_shows_no_private_answers(client, state, heading) -> None:
    row = make_consultation_with_status(state, **PRIVATE_ANSWERS)
    response = client.get(row.get_absolute_url())
    page = page_text(response)
    assert f">{heading}</h1>" in page
    assert row.reference in page
    for word in ("Xanthippe", "quill@", "quill", "5550199", "Featherword", "Rampword"):
        assert word not in page
    assert ("q…" in page) is (state in ("requested", "confirmed"))
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"
    assert not response.cookies
    may_cancel = state in ("requested", "confirmed")
    assert (f"{row.get_absolute_url()}calendar.ics" in page) is (state == "confirmed")
    assert (f"{row.get_absolute_url()}cancel/" in page) is may_cancel


def test_overdue_reply_is_acknowledged(client) -> None:
    row = make_consultation()
    with time_machine.travel(row.reply_by, tick=False):
        assert "we’re late" in page_text(client.get(row.get_absolute_url()))


def test_past_call_cannot_be_canceled(client) -> None:
    row = make_consultation_with_status("confirmed")
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        page = page_text(client.get(row.get_absolute_url()))
        assert "Your call was planned for this time" in page
        assert f"{row.get_absolute_url()}cancel/" not in page


def test_manage_page_shows_time_in_both_zones(client) -> None:
    row = make_consultation_with_status("confirmed", zone="America/New_York")
    page = page_text(client.get(row.get_absolute_url()))
    assert 'Wednesday, May 6,</span> <span class="nowrap">1:00 PM' in page
    assert "Eastern Time (UTC-4)" in page
    assert "For us that’s Wednesday, May 6, 10:00 AM" in page


def wrong_links(row: Consultation) -> dict[str, str]:
    token = row.token
    public_id = "0" * 24
    return {
        "unknown": control_links.make_token("consultation", public_id, 0),
        "older version": control_links.make_token(
            "consultation", row.public_id, row.token_version + 1
        ),
        "cut": token[:-4],
        "changed": f"{'1' if token[0] == '0' else '0'}{token[1:]}",
        "unsigned": f"{row.public_id}-0",
        "of a comment": make_comment().token,
        "reference": row.reference,
        "nonsense": "x" * 300,
    }


def test_every_invalid_link_returns_the_same_404(client) -> None:
    row = make_consultation()
    links = wrong_links(row)
    row.token_version = 1  # makes the link from the earlier email an "older version"
    row.save()
    links["revoked"] = control_links.make_token("consultation", row.public_id, 0)
    links.pop("older version")
    answers = set()
    for token in links.values():
        for path in (f"/c/{token}/", f"/c/{token}/cancel/"):
            response = client.get(path)
            answers.add((response.status_code, response.content, response["Cache-Control"]))
            answers.add(
                (
                    (posted := client.post(f"/c/{token}/cancel/")).status_code,
                    posted.content,
                    posted["Cache-Control"],
                )
            )
    assert len(answers) == 1
    ((status, _content, caching),) = answers
    assert status == 404
    assert "no-store" in caching
    assert client.get(row.get_absolute_url()).status_code == 200


# --- cancellation ---
def test_viewing_cancel_page_changes_nothing(client) -> None:
    row = make_consultation()
    path = f"{row.get_absolute_url()}cancel/"
    for method in ("get", "head"):
        assert getattr(client, method)(path).status_code == 200
    assert client.post(row.get_absolute_url()).status_code == 303  # there is no offer to answer
    row.refresh_from_db()
    assert (row.status, row.events.count()) == ("requested", 1)


@pytest.mark.parametrize("state", ["requested", "confirmed"])
def test_cancel_is_idempotent(client, state) -> None:
    row = make_consultation_with_status(state)
    path = f"{row.get_absolute_url()}cancel/"
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    row.refresh_from_db()
    assert row.status == "cancelled_by_visitor"
    events = row.events.count()
    assert client.post(path).status_code == 409
    assert client.get(path).status_code == 303
    assert row.events.count() == events


def test_cross_site_cancel_is_rejected(client) -> None:
    row = make_consultation()
    response = client.post(
        f"{row.get_absolute_url()}cancel/", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    row.refresh_from_db()
    assert row.status == "requested"


def test_concurrent_change_is_shown_after_cancel(client, monkeypatch) -> None:
    row = make_consultation()
    withdraw = workflow.withdraw_consultation

    def too_late(found, *, now, reason):
        other = Consultation.objects.get(pk=found.pk)
        workflow.decline_consultation(other, reason="full", by=make_staff(), now=now)
        withdraw(found, now=now, reason=reason)

    monkeypatch.setattr(workflow, "withdraw_consultation", too_late)
    response = client.post(f"{row.get_absolute_url()}cancel/", follow=True)
    assert "We can’t offer you a call" in page_text(response)


def test_reused_key_with_other_answers_updates_the_request(client) -> None:
    first = post_form(client, key="k" * 32, name="Ada")
    again = post_form(client, key="k" * 32, name="Ada")
    other = post_form(client, key="k" * 32, name="Bea")
    assert (first.status_code, again["Location"]) == (303, first["Location"])
    assert (other.status_code, other["Location"]) == (303, first["Location"])
    assert Consultation.objects.get().name == "Bea"


def test_reused_key_with_other_preferred_times_updates_the_request(client) -> None:
    answers = {"key": "k" * 32, "kind": "preferred_times"}
    first = post_form(client, preferred=["mon-morning"], **answers)
    other = post_form(client, preferred=["tue-evening"], **answers)
    assert (other.status_code, other["Location"]) == (303, first["Location"])
    assert Consultation.objects.get().preferred_times == '["tue-evening"]'
