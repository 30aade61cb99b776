"""The visitor's pages of a consultation: asking, the own page, taking back."""

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
    consultation_post,
    make_comment,
    make_consultation,
    make_consultation_in,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice

pytestmark = pytest.mark.django_db
FORM = "/consultation/details/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    make_licence()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


def send(client, *, headers=None, **answers):
    return client.post(FORM, consultation_post(**answers), headers=headers)


def words_of(response) -> str:
    return response.content.decode()


# --- asking ---
def test_the_first_page_names_the_ways(client) -> None:
    page = words_of(client.get("/consultation/"))
    assert "details/?kind=preferred_times" in page
    assert "details/?kind=call_back" in page
    make_practice(accepting="waitlist")
    page = words_of(client.get("/consultation/"))
    assert "details/?kind=waitlist" in page
    assert "call_back" not in page
    make_practice(accepting="closed")
    assert "details/" not in words_of(client.get("/consultation/"))


@pytest.mark.parametrize("path", ["/consultation/", "/consultation/?zone=Asia/Kolkata", FORM])
def test_every_page_of_asking_is_stored_nowhere_and_sets_nothing(client, path) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    # Search engines list the way in alone: it stands in the sitemap, and nothing was chosen on it.
    assert ("X-Robots-Tag" not in response) is (path == "/consultation/")
    assert not response.cookies
    assert "Set-Cookie" not in response.headers
    assert "csrf" not in words_of(response).lower()


def test_a_good_form_leads_to_the_own_page(client) -> None:
    response = send(client, note="Quillfeather")
    row = Consultation.objects.get()
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    assert "no-store" in response["Cache-Control"]
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert row.reference in words_of(page)
    assert "We answer by Wednesday, 6 May." in words_of(page)
    assert OutgoingEmail.objects.filter(about=row.pk).count() == 2


def test_a_double_click_is_one_request_and_one_answer(client) -> None:
    answers = consultation_post()
    first, second = client.post(FORM, answers), client.post(FORM, answers)
    assert first["Location"] == second["Location"]
    assert (Consultation.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_faults_come_back_with_every_word_kept(client) -> None:
    response = send(client, name="", note="Kept <b>words</b>", preferred=["tue-evening"])
    page = words_of(response)
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
def test_a_form_from_elsewhere_comes_back_filled(client, headers) -> None:
    response = send(client, headers=headers, note="Kept words")
    assert response.status_code == 403
    assert "Kept words" in words_of(response)
    assert "press the button once more" in words_of(response)
    assert not Consultation.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}]
)
def test_a_form_from_our_own_page_is_taken(client, headers) -> None:
    assert send(client, headers=headers).status_code == 303


def test_the_sixth_in_an_hour_keeps_its_words_and_shows_the_phone(client, settings) -> None:
    assert [send(client).status_code for _ in range(5)] == [303] * 5
    response = send(client, note="Kept words")
    assert response.status_code == 429
    assert "(503) 555-0142" in words_of(response)
    assert "Kept words" in words_of(response)
    assert Consultation.objects.count() == 5
    assert client.post(FORM, consultation_post(), REMOTE_ADDR="192.0.2.9").status_code == 303


def test_a_form_sent_again_is_answered_by_the_first_and_not_counted(client) -> None:
    answers = consultation_post()
    first = client.post(FORM, answers)["Location"]
    again = [client.post(FORM, answers) for _ in range(8)]
    assert {(one.status_code, one["Location"]) for one in again} == {(303, first)}
    assert [send(client).status_code for _ in range(4)] == [303] * 4
    # Also for somebody who has used up the hour meanwhile.
    assert send(client).status_code == 429
    assert client.post(FORM, answers)["Location"] == first
    assert Consultation.objects.count() == 5


def test_faulty_tries_do_not_count_against_a_person(client) -> None:
    assert [send(client, name="").status_code for _ in range(8)] == [422] * 8
    assert send(client).status_code == 303


def test_a_program_gets_the_same_answer_and_a_mark(client) -> None:
    now = NOW + timedelta(minutes=5)
    response = send(client, website="http://x.example", opened=sign_opened_at(now))
    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 200
    row = Consultation.objects.get()
    assert (row.status, row.suspicions) == ("requested", ["honeypot", "too_fast"])


def test_a_form_left_open_overnight_keeps_its_words(client) -> None:
    response = send(client, opened=sign_opened_at(NOW - timedelta(days=2)), note="Kept words")
    assert response.status_code == 422
    assert "Kept words" in words_of(response)
    assert "You were away for a while" in words_of(response)


def test_a_closed_practice_takes_no_form(client) -> None:
    make_practice(accepting="closed")
    for response in (client.get(FORM), send(client)):
        assert (response.status_code, response["Location"]) == (302, "/consultation/")
    assert not Consultation.objects.exists()


def test_the_waiting_list_says_so_and_promises_no_day(client) -> None:
    make_practice(accepting="waitlist")
    response = send(client, kind="waitlist")
    assert Consultation.objects.get().kind == "waitlist"
    page = words_of(client.get(response["Location"]))
    assert "You are on the waiting list" in page
    assert "We answer by" not in page
    assert "You stay on it for 180 days" in page


def test_an_address_that_cannot_be_opened_leaves_the_page_standing(client) -> None:
    from tests.consultations.privacy.test_fields import tamper

    for row in (make_consultation(), make_consultation_in("confirmed")):
        tamper(row, "email")
        response = client.get(row.get_absolute_url())
        assert response.status_code == 200
        assert "that begins with" not in words_of(response)
        assert row.reference in words_of(response)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_are_refused(client, method) -> None:
    assert getattr(client, method)(FORM).status_code == 405


# --- the own page ---
WORDS: dict[str, Any] = {
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
        ("confirmed", "Your call is arranged"),
        ("declined", "We cannot offer you a call"),
        ("cancelled_by_visitor", "You have taken your request back"),
        ("cancelled_by_staff", "We had to cancel your call"),
        ("expired", "This request has ended"),
        ("completed", "This call has been"),
        ("no_show", "This call has been"),
    ],
)
def test_the_own_page_in_every_state_shows_no_word_of_the_visitor(client, state, heading) -> None:
    row = make_consultation_in(state, **WORDS)
    response = client.get(row.get_absolute_url())
    page = words_of(response)
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


def test_a_late_answer_is_admitted(client) -> None:
    row = make_consultation()
    with time_machine.travel(row.reply_by, tick=False):
        assert "we are late" in words_of(client.get(row.get_absolute_url()))


def test_a_call_that_is_over_offers_no_cancelling(client) -> None:
    row = make_consultation_in("confirmed")
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        page = words_of(client.get(row.get_absolute_url()))
        assert "Your call was planned for this time" in page
        assert f"{row.get_absolute_url()}cancel/" not in page


def test_the_time_is_shown_in_both_zones(client) -> None:
    row = make_consultation_in("confirmed", zone="America/New_York")
    page = words_of(client.get(row.get_absolute_url()))
    assert "Wednesday, 6 May 2026, 1 p.m." in page
    assert "Time in New York, UTC-4" in page
    assert "For us that is Wednesday, 6 May, 10 a.m." in page


def wrong_links(row: Consultation) -> dict[str, str]:
    token = row.token
    public_id = "0" * 24
    return {
        "unknown": control_links.make("consultation", public_id, 0),
        "older version": control_links.make("consultation", row.public_id, row.token_version + 1),
        "cut": token[:-4],
        "changed": f"{'1' if token[0] == '0' else '0'}{token[1:]}",
        "unsigned": f"{row.public_id}-0",
        "of a comment": make_comment().token,
        "reference": row.reference,
        "nonsense": "x" * 300,
    }


def test_every_wrong_link_is_one_and_the_same_404(client) -> None:
    row = make_consultation()
    links = wrong_links(row)
    row.token_version = 1  # "older version" is now what the mail once said
    row.save()
    links["revoked"] = control_links.make("consultation", row.public_id, 0)
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


# --- taking back ---
def test_looking_at_the_question_changes_nothing(client) -> None:
    row = make_consultation()
    path = f"{row.get_absolute_url()}cancel/"
    for method in ("get", "head"):
        assert getattr(client, method)(path).status_code == 200
    assert client.post(row.get_absolute_url()).status_code == 303  # no offer, nothing to answer
    row.refresh_from_db()
    assert (row.status, row.events.count()) == ("requested", 1)


@pytest.mark.parametrize("state", ["requested", "confirmed"])
def test_one_press_takes_it_back_and_a_second_changes_nothing(client, state) -> None:
    row = make_consultation_in(state)
    path = f"{row.get_absolute_url()}cancel/"
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    row.refresh_from_db()
    assert row.status == "cancelled_by_visitor"
    events = row.events.count()
    assert client.post(path).status_code == 409
    assert client.get(path).status_code == 303
    assert row.events.count() == events


def test_a_press_from_another_site_takes_nothing_back(client) -> None:
    row = make_consultation()
    response = client.post(
        f"{row.get_absolute_url()}cancel/", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    row.refresh_from_db()
    assert row.status == "requested"


def test_what_happened_meanwhile_is_shown_instead(client, monkeypatch) -> None:
    row = make_consultation()
    withdraw = workflow.withdraw_consultation

    def too_late(found, *, now, reason):
        other = Consultation.objects.get(pk=found.pk)
        workflow.decline_consultation(other, reason="full", by=make_staff(), now=now)
        withdraw(found, now=now, reason=reason)

    monkeypatch.setattr(workflow, "withdraw_consultation", too_late)
    response = client.post(f"{row.get_absolute_url()}cancel/", follow=True)
    assert "We cannot offer you a call" in words_of(response)


def test_a_used_key_with_other_words_is_another_request(client) -> None:
    first = send(client, key="k" * 32, name="Ada")
    again = send(client, key="k" * 32, name="Ada")
    other = send(client, key="k" * 32, name="Bea")
    assert (first.status_code, again["Location"]) == (303, first["Location"])
    assert other["Location"] != first["Location"]
    assert sorted(row.name for row in Consultation.objects.all()) == ["Ada", "Bea"]


def test_a_used_key_with_other_times_that_suit_is_another_request(client) -> None:
    wish = {"key": "k" * 32, "kind": "preferred_times"}
    first = send(client, preferred=["mon-morning"], **wish)
    again = send(client, preferred=["mon-morning"], **wish)
    other = send(client, preferred=["tue-evening"], **wish)
    assert (first.status_code, again["Location"]) == (303, first["Location"])
    assert other["Location"] != first["Location"]
    stored = {row.preferred_times for row in Consultation.objects.all()}
    assert stored == {'["mon-morning"]', '["tue-evening"]'}
