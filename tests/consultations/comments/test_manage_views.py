"""The writer's own page: change the words, be told or not, take it back. GET acts never."""

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


def own(comment: Comment, page: str = "") -> str:
    return f"{comment.get_absolute_url()}{page}"


def words_of(response) -> str:
    return response.content.decode()


def new_words(comment: Comment, **answers):
    opened = sign_opened_at(LATER - timedelta(minutes=1))
    given = {"text": "Other words", "name": "Sam", "seen": comment.revision, "opened": opened}
    return {"website": "", **given, **answers}


def stored(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def approve(comment: Comment) -> None:
    workflow.approve_comment(stored(comment), by=None, now=LATER)


# --- changing it ---
def test_the_form_holds_what_was_sent_and_the_new_words_replace_it(client, comment) -> None:
    page = words_of(client.get(own(comment)))
    assert "Your comment is awaiting moderation." in page
    assert own(comment, "edit/") in page
    form = words_of(client.get(own(comment, "edit/")))
    assert "First words" in form
    assert 'value="Sam"' in form
    assert "sam@mail" not in form
    response = client.post(own(comment, "edit/"), new_words(comment, name="Sammy"))
    assert (response.status_code, response["Location"]) == (303, own(comment))
    page = words_of(client.get(own(comment)))
    assert "Other words" in page
    assert "First words" not in page
    assert (stored(comment).name, stored(comment).status) == ("Sammy", "waiting")


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
def test_the_same_rules_hold_and_every_word_is_kept(client, comment, answers, fault) -> None:
    response = client.post(own(comment, "edit/"), new_words(comment, **answers))
    page = words_of(response)
    assert response.status_code == 422
    assert fault in page
    kept = {**new_words(comment), **answers}
    for name in ("text", "name"):
        assert kept[name].strip() in page
    assert stored(comment).text == "First words"


def test_from_another_site_the_form_comes_back_filled(client, comment) -> None:
    headers = {"Origin": "https://evil.example"}
    for page, data in (("edit/", new_words(comment)), ("notices/", {"wanted": "yes"})):
        response = client.post(own(comment, page), data, headers=headers)
        assert response.status_code == 403
    assert "Other words" in words_of(
        client.post(own(comment, "edit/"), new_words(comment), headers=headers)
    )
    assert (stored(comment).text, stored(comment).wants_notice) == ("First words", False)


def test_of_two_tabs_the_older_one_is_told_and_may_still_win(client, comment) -> None:
    older = new_words(comment, text="From the older tab")
    client.post(own(comment, "edit/"), new_words(comment, text="From the newer tab"))
    response = client.post(own(comment, "edit/"), older)
    page = words_of(response)
    assert response.status_code == 409
    assert "changed meanwhile" in page
    assert "From the older tab" in page
    assert "From the newer tab" in page
    again = {**older, "seen": str(stored(comment).revision)}
    assert f'name="seen" value="{again["seen"]}"' in page
    assert client.post(own(comment, "edit/"), again).status_code == 303
    assert stored(comment).text == "From the older tab"


def test_words_sent_without_the_number_of_their_page_are_taken(client, comment) -> None:
    response = client.post(own(comment, "edit/"), {"text": "Other words", "name": "Sam"})
    assert response.status_code == 303
    assert stored(comment).text == "Other words"


def test_a_press_in_the_moment_of_approval_keeps_the_words(client, comment, monkeypatch) -> None:
    before = workflow.screening.screen

    def approved_meanwhile(**facts):
        approve(comment)
        return before(**facts)

    monkeypatch.setattr(workflow.screening, "screen", approved_meanwhile)
    response = client.post(own(comment, "edit/"), new_words(comment))
    assert response.status_code == 409
    assert "We have read the comment meanwhile" in words_of(response)
    assert "Other words" in words_of(response)
    assert (stored(comment).text, stored(comment).status) == ("First words", "approved")


def test_after_a_decision_the_form_leads_back_and_a_post_keeps_its_words(client, comment) -> None:
    form = new_words(comment)
    approve(comment)
    assert own(comment, "edit/") not in words_of(client.get(own(comment)))
    assert client.get(own(comment, "edit/")).status_code == 303
    response = client.post(own(comment, "edit/"), form)
    assert response.status_code == 409
    assert "Other words" in words_of(response)
    assert "First words" in stored(comment).published_html


def test_a_new_text_that_is_doubted_changes_nothing_for_the_writer(client, comment) -> None:
    links = "https://a.example and https://b.example"
    client.post(own(comment, "edit/"), new_words(comment, text=links))
    assert stored(comment).status == "spam"
    page = words_of(client.get(own(comment)))
    assert "awaiting moderation" in page
    assert own(comment, "edit/") in page
    assert '<a href="https://a.example' not in page


def test_a_letter_mended_in_a_second_is_no_sign_of_a_program(client, comment) -> None:
    client.post(own(comment, "edit/"), new_words(comment, opened=sign_opened_at(LATER)))
    assert (stored(comment).status, stored(comment).suspicions) == ("waiting", [])
    filled = new_words(stored(comment), text="Filled by a program", website="x")
    client.post(own(comment, "edit/"), filled)
    assert stored(comment).status == "spam"
    client.post(own(comment, "edit/"), new_words(stored(comment), text="Again by a person"))
    # How it was sent is not edited away.
    assert (stored(comment).status, stored(comment).suspicions) == ("spam", ["honeypot"])


@pytest.mark.parametrize("column", ["text", "name", "email"])
def test_a_cell_that_cannot_be_opened_breaks_no_page_and_no_act(client, comment, column) -> None:
    tamper(comment, column)
    for page in ("", "edit/", "notices/", "withdraw/"):
        assert client.get(own(comment, page)).status_code == 200
    for page in ("edit/", "notices/", "withdraw/"):
        data = {**new_words(stored(comment)), "wanted": "yes"}
        assert client.post(own(comment, page), data).status_code == 303
    assert stored(comment).status == "withdrawn"


def test_twenty_changes_an_hour_are_enough(client, comment) -> None:
    codes = []
    for number in range(21):
        data = new_words(stored(comment), text=f"Number {number} of them")
        codes.append(client.post(own(comment, "edit/"), data).status_code)
    assert codes == [303] * 20 + [429]
    assert stored(comment).text == "Number 19 of them"


# --- the state in words ---
def test_words_that_staff_took_out_are_shown_to_the_writer_alone(client, comment) -> None:
    workflow.redact_comment(stored(comment), text="[name] words", by=make_staff(), now=LATER)
    page = words_of(client.get(own(comment)))
    assert "First words" in page
    assert "[name] words" in page
    article = words_of(client.get("/articles/rest/"))
    assert "[name] words" in article
    assert "[edited for privacy by the practice]" in article
    assert "First words" not in article


def test_help_stands_first_where_somebody_may_need_it(client, comment) -> None:
    def at() -> int:
        return words_of(client.get(own(comment))).find("If you need help now")

    heading = words_of(client.get(own(comment))).find("<h1")
    assert not 0 < at() < heading
    Comment.objects.update(read_first=True)
    page = words_of(client.get(own(comment)))
    assert 0 < page.find("If you need help now") < page.find("<h1")


# --- mail on and off ---
def test_one_press_turns_mail_on_and_off(client, comment) -> None:
    for wanted, after in (("yes", True), ("yes", True), ("no", False), ("", False)):
        response = client.post(own(comment, "notices/"), {"wanted": wanted})
        assert (response.status_code, response["Location"]) == (303, own(comment))
        assert stored(comment).wants_notice is after


def test_opening_the_link_of_a_mail_changes_nothing(client, comment) -> None:
    Comment.objects.update(wants_notice=True)
    for method in (client.get, client.head):
        assert method(own(comment, "notices/")).status_code == 200
    assert "Send me no more mail" in words_of(client.get(own(comment, "notices/")))
    assert stored(comment).wants_notice is True


def test_the_button_of_a_mail_program_works_without_a_page(client, comment) -> None:
    Comment.objects.update(wants_notice=True)
    data = "List-Unsubscribe=One-Click"
    kind = "application/x-www-form-urlencoded"
    response = client.post(own(comment, "notices/"), data, content_type=kind)
    assert response.status_code == 200
    assert stored(comment).wants_notice is False


def test_without_an_address_nothing_is_offered(client, comment) -> None:
    comment.email = ""
    comment.save()
    assert own(comment, "notices/") not in words_of(client.get(own(comment)))
    client.post(own(comment, "notices/"), {"wanted": "yes"})
    assert stored(comment).wants_notice is False


# --- taking it back ---
@pytest.mark.parametrize("verb", ["approve_comment", "mark_as_spam", "trash_comment"])
def test_taken_back_in_the_moment_of_a_decision(client, comment, monkeypatch, verb) -> None:
    real = workflow.withdraw_comment
    calls: list[Comment] = []

    def decided_meanwhile(row, *, now):
        if not calls:
            getattr(workflow, verb)(stored(comment), by=None, now=now)
        calls.append(row)
        real(row, now=now)

    monkeypatch.setattr(workflow, "withdraw_comment", decided_meanwhile)
    assert client.post(own(comment, "withdraw/")).status_code == 303
    assert (stored(comment).status, stored(comment).text) == ("withdrawn", "")
    assert len(calls) == 2
    assert "First words" not in words_of(client.get("/articles/rest/"))


@pytest.mark.parametrize("page", ["", "edit/", "notices/", "withdraw/"])
def test_a_revoked_link_opens_no_page_and_no_act(client, comment, page) -> None:
    path = own(comment, page)
    Comment.objects.update(token_version=7)
    assert client.get(path).status_code == 404
    if page:
        assert client.post(path, new_words(comment)).status_code == 404
    assert stored(comment).text == "First words"


def test_a_link_revoked_in_the_same_moment_acts_no_more(comment) -> None:
    Comment.objects.update(token_version=7)
    with pytest.raises(workflow.NotAllowed):
        workflow.withdraw_comment(comment, now=LATER)


def test_own_pages_are_kept_by_nobody_and_set_no_cookie(client, comment) -> None:
    for page in ("", "edit/", "notices/", "withdraw/"):
        response = client.get(own(comment, page))
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert not response.cookies
        assert comment.token not in words_of(response).split("<title>")[1].split("</title>")[0]
