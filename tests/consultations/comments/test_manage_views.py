"""The writer's private pages: edit, notices, withdraw. GET changes nothing."""

from datetime import timedelta

import pytest
import time_machine

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.visitors.forms import sign_opened_at
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def comment():
    article = make_article(slug="rest", title="On rest")
    return make_comment(article=article, name="Sam", text="First words", email="sam@mail.example")


def manage_url(comment: Comment, page: str = "") -> str:
    return f"{comment.get_absolute_url()}{page}"


def page_text(response) -> str:
    return response.content.decode()


def edit_data(comment: Comment, **answers):
    opened = sign_opened_at(LATER - timedelta(minutes=1))
    given = {"text": "Other words", "name": "Sam", "seen": comment.revision, "opened": opened}
    return {"website": "", **given, **answers}


def reloaded(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def approve(comment: Comment) -> None:
    workflow.approve_comment(reloaded(comment), by=None, now=LATER)


# Editing.
def test_edit_form_is_prefilled_and_saves_new_text(client, comment) -> None:
    page = page_text(client.get(manage_url(comment)))
    assert "Your comment is awaiting moderation." in page
    assert manage_url(comment, "edit/") in page
    form = page_text(client.get(manage_url(comment, "edit/")))
    assert "First words" in form
    assert 'value="Sam"' in form
    assert "sam@mail" not in form
    response = client.post(manage_url(comment, "edit/"), edit_data(comment, name="Sammy"))
    assert (response.status_code, response["Location"]) == (303, manage_url(comment))
    page = page_text(client.get(manage_url(comment)))
    assert "Other words" in page
    assert "First words" not in page
    assert (reloaded(comment).name, reloaded(comment).status) == ("Sammy", "waiting")


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"text": ""}, "Write your comment"),
        ({"text": "x"}, "Write at least two characters"),
        ({"text": "\u200b\u2060\u200b"}, "Write your comment"),
        ({"text": "x" * 5001}, "5000"),
        ({"name": ""}, "Enter a name or nickname"),
        ({"name": "https://x.example"}, "without a web address"),
        ({"name": "sam@mail.example"}, "not your email address"),
        ({"name": "I, s\u200bam@mail.example"}, "not your email address"),
        ({"opened": sign_opened_at(NOW - timedelta(days=3))}, "You were away for a while"),
    ],
)
def test_invalid_edit_is_reported_and_keeps_input(client, comment, answers, fault) -> None:
    response = client.post(manage_url(comment, "edit/"), edit_data(comment, **answers))
    page = page_text(response)
    assert response.status_code == 422
    assert fault in page
    kept = {**edit_data(comment), **answers}
    for name in ("text", "name"):
        assert kept[name].strip() in page
    assert reloaded(comment).text == "First words"


def test_cross_site_post_is_rejected_and_keeps_input(client, comment) -> None:
    headers = {"Origin": "https://evil.example"}
    for page, data in (("edit/", edit_data(comment)), ("notices/", {"wanted": "yes"})):
        response = client.post(manage_url(comment, page), data, headers=headers)
        assert response.status_code == 403
    assert "Other words" in page_text(
        client.post(manage_url(comment, "edit/"), edit_data(comment), headers=headers)
    )
    assert (reloaded(comment).text, reloaded(comment).wants_notice) == ("First words", False)


def test_stale_tab_reports_conflict_and_can_overwrite(client, comment) -> None:
    older = edit_data(comment, text="From the older tab")
    client.post(manage_url(comment, "edit/"), edit_data(comment, text="From the newer tab"))
    response = client.post(manage_url(comment, "edit/"), older)
    page = page_text(response)
    assert response.status_code == 409
    assert "has changed since you opened it" in page
    assert "From the older tab" in page
    assert "From the newer tab" in page
    again = {**older, "seen": str(reloaded(comment).revision)}
    assert f'name="seen" value="{again["seen"]}"' in page
    assert client.post(manage_url(comment, "edit/"), again).status_code == 303
    assert reloaded(comment).text == "From the older tab"


def test_edit_without_revision_is_accepted(client, comment) -> None:
    response = client.post(manage_url(comment, "edit/"), {"text": "Other words", "name": "Sam"})
    assert response.status_code == 303
    assert reloaded(comment).text == "Other words"


def test_edit_during_approval_conflicts_and_keeps_input(client, comment, monkeypatch) -> None:
    before = workflow.screening.screen

    def approved_meanwhile(**facts):
        approve(comment)
        return before(**facts)

    monkeypatch.setattr(workflow.screening, "screen", approved_meanwhile)
    response = client.post(manage_url(comment, "edit/"), edit_data(comment))
    assert response.status_code == 409
    assert "We’ve already read the comment" in page_text(response)
    assert "Other words" in page_text(response)
    assert (reloaded(comment).text, reloaded(comment).status) == ("First words", "approved")


def test_decided_comment_redirects_get_and_rejects_post(client, comment) -> None:
    form = edit_data(comment)
    approve(comment)
    assert manage_url(comment, "edit/") not in page_text(client.get(manage_url(comment)))
    assert client.get(manage_url(comment, "edit/")).status_code == 303
    response = client.post(manage_url(comment, "edit/"), form)
    assert response.status_code == 409
    assert "Other words" in page_text(response)
    assert "First words" in reloaded(comment).published_html


def test_writer_is_not_told_that_edit_went_to_spam(client, comment) -> None:
    links = "https://a.example and https://b.example"
    client.post(manage_url(comment, "edit/"), edit_data(comment, text=links))
    assert reloaded(comment).status == "spam"
    page = page_text(client.get(manage_url(comment)))
    assert "awaiting moderation" in page
    assert manage_url(comment, "edit/") in page
    assert '<a href="https://a.example' not in page


def test_quick_edit_is_not_marked_as_too_fast(client, comment) -> None:
    client.post(manage_url(comment, "edit/"), edit_data(comment, opened=sign_opened_at(LATER)))
    assert (reloaded(comment).status, reloaded(comment).suspicions) == ("waiting", [])
    filled = edit_data(reloaded(comment), text="Filled by a program", website="x")
    client.post(manage_url(comment, "edit/"), filled)
    assert reloaded(comment).status == "spam"
    client.post(
        manage_url(comment, "edit/"), edit_data(reloaded(comment), text="Again by a person")
    )
    # An edit does not remove suspicions about how it was first sent.
    assert (reloaded(comment).status, reloaded(comment).suspicions) == ("spam", ["honeypot"])


@pytest.mark.parametrize("column", ["text", "name", "email"])
def test_undecryptable_field_breaks_no_page_or_action(client, comment, column) -> None:
    tamper(comment, column)
    for page in ("", "edit/", "notices/", "withdraw/"):
        assert client.get(manage_url(comment, page)).status_code == 200
    for page in ("edit/", "notices/", "withdraw/"):
        data = {**edit_data(reloaded(comment)), "wanted": "yes"}
        assert client.post(manage_url(comment, page), data).status_code == 303
    assert reloaded(comment).status == "withdrawn"


def test_edits_are_rate_limited(client, comment) -> None:
    codes = []
    for number in range(21):
        data = edit_data(reloaded(comment), text=f"Number {number} of them")
        codes.append(client.post(manage_url(comment, "edit/"), data).status_code)
    assert codes == [303] * 20 + [429]
    assert reloaded(comment).text == "Number 19 of them"


# The status shown to the writer.
def test_redacted_text_is_shown_to_writer_only(client, comment) -> None:
    workflow.redact_comment(reloaded(comment), text="[name] words", by=make_staff(), now=LATER)
    page = page_text(client.get(manage_url(comment)))
    assert "First words" in page
    assert "[name] words" in page
    article = page_text(client.get("/articles/rest/"))
    assert "[name] words" in article
    assert "[edited for privacy by the practice]" in article
    assert "First words" not in article


def test_crisis_lines_come_first_when_read_first(client, comment) -> None:
    def at() -> int:
        return page_text(client.get(manage_url(comment))).find("If you need help now")

    heading = page_text(client.get(manage_url(comment))).find("<h1")
    assert not 0 < at() < heading
    Comment.objects.update(read_first=True)
    page = page_text(client.get(manage_url(comment)))
    assert 0 < page.find("If you need help now") < page.find("<h1")


# Notices.
def test_notices_can_be_turned_on_and_off(client, comment) -> None:
    for wanted, after in (("yes", True), ("yes", True), ("no", False), ("", False)):
        response = client.post(manage_url(comment, "notices/"), {"wanted": wanted})
        assert (response.status_code, response["Location"]) == (303, manage_url(comment))
        assert reloaded(comment).wants_notice is after


def test_get_of_notices_page_changes_nothing(client, comment) -> None:
    Comment.objects.update(wants_notice=True)
    for method in (client.get, client.head):
        assert method(manage_url(comment, "notices/")).status_code == 200
    assert "Stop emailing me" in page_text(client.get(manage_url(comment, "notices/")))
    assert reloaded(comment).wants_notice is True


def test_one_click_unsubscribe_stops_notices(client, comment) -> None:
    Comment.objects.update(wants_notice=True)
    data = "List-Unsubscribe=One-Click"
    kind = "application/x-www-form-urlencoded"
    response = client.post(manage_url(comment, "notices/"), data, content_type=kind)
    assert response.status_code == 200
    assert reloaded(comment).wants_notice is False


def test_notices_are_not_offered_without_email(client, comment) -> None:
    comment.email = ""
    comment.save()
    assert manage_url(comment, "notices/") not in page_text(client.get(manage_url(comment)))
    client.post(manage_url(comment, "notices/"), {"wanted": "yes"})
    assert reloaded(comment).wants_notice is False


# Withdrawing.
@pytest.mark.parametrize("verb", ["approve_comment", "mark_as_spam", "trash_comment"])
def test_withdrawal_succeeds_during_staff_decision(client, comment, monkeypatch, verb) -> None:
    real = workflow.withdraw_comment
    calls: list[Comment] = []

    def decided_meanwhile(row, *, now):
        if not calls:
            getattr(workflow, verb)(reloaded(comment), by=None, now=now)
        calls.append(row)
        real(row, now=now)

    monkeypatch.setattr(workflow, "withdraw_comment", decided_meanwhile)
    assert client.post(manage_url(comment, "withdraw/")).status_code == 303
    assert (reloaded(comment).status, reloaded(comment).text) == ("withdrawn", "")
    assert len(calls) == 2
    assert "First words" not in page_text(client.get("/articles/rest/"))


@pytest.mark.parametrize("page", ["", "edit/", "notices/", "withdraw/"])
def test_revoked_link_is_not_found(client, comment, page) -> None:
    path = manage_url(comment, page)
    Comment.objects.update(token_version=7)
    assert client.get(path).status_code == 404
    if page:
        assert client.post(path, edit_data(comment)).status_code == 404
    assert reloaded(comment).text == "First words"


def test_link_revoked_during_request_cannot_withdraw(comment) -> None:
    Comment.objects.update(token_version=7)
    with pytest.raises(workflow.NotAllowed):
        workflow.withdraw_comment(comment, now=LATER)


def test_manage_pages_are_uncached_and_set_no_cookie(client, comment) -> None:
    for page in ("", "edit/", "notices/", "withdraw/"):
        response = client.get(manage_url(comment, page))
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert not response.cookies
        assert comment.token not in page_text(response).split("<title>")[1].split("</title>")[0]
