"""Comments as visitors meet them: sending, the own page, taking back, reading."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.privacy import control_links
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import (
    NOW,
    comment_post,
    make_comment,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def article():
    return make_article(slug="rest", title="On rest")


def send(client, *, headers=None, slug="rest", **answers):
    return client.post(f"/articles/{slug}/comments/", comment_post(**answers), headers=headers)


def words_of(response) -> str:
    return response.content.decode()


# --- sending ---
def test_a_good_comment_leads_to_its_own_page(client, article) -> None:
    response = send(client, text="A kind <thought>.")
    comment = Comment.objects.get()
    assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
    page = words_of(client.get(response["Location"]))
    assert "We read each comment first" in page
    assert "A kind &lt;thought&gt;." in page
    assert "sam@" not in page
    assert (comment.article, comment.status, comment.parent) == (article, "waiting", None)


def test_nothing_of_it_is_on_the_article_before_approval(client, article) -> None:
    send(client, text="Featherword", name="Xanthippe")
    for status in ("waiting", "spam", "trash", "withdrawn"):
        Comment.objects.update(status=status)
        page = words_of(client.get(article.get_absolute_url()))
        assert "Featherword" not in page
        assert "Xanthippe" not in page
    Comment.objects.update(status="waiting")
    workflow.approve_comment(Comment.objects.get(), by=None, now=NOW)
    page = words_of(client.get(article.get_absolute_url()))
    assert "Featherword" in page
    assert "Xanthippe" in page


def test_faults_return_the_article_with_every_word_kept(client, article) -> None:
    response = send(client, text="Kept <i>words</i>", email="nonsense", name="Sam")
    page = words_of(response)
    assert response.status_code == 422
    assert "no-store" in response["Cache-Control"]
    for part in ("On rest", "Please check a few things", 'href="#id_comment_email"',
                 "Kept &lt;i&gt;words&lt;/i&gt;", 'value="nonsense"', 'value="Sam"',
                 "<title>Error: "):  # fmt: skip
        assert part in page
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_comment_from_another_site_comes_back_filled(client, article, headers) -> None:
    response = send(client, headers=headers, text="Kept words")
    assert response.status_code == 403
    assert "Kept words" in words_of(response)
    assert "Post Comment once more" in words_of(response)
    assert not Comment.objects.exists()


def test_a_double_click_is_one_comment_and_one_answer(client, article) -> None:
    first, second = send(client), send(client)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Comment.objects.count() == 1


def test_pressing_again_and_again_is_no_flood(client, article) -> None:
    answers = [send(client)["Location"] for _press in range(6)]
    assert len(set(answers)) == 1
    assert Comment.objects.count() == 1
    assert send(client, text="Another thought.").status_code == 303
    assert send(client, text="A third thought.").status_code == 303
    # The limit is reached; the comment that is here already still leads to its page.
    assert send(client, text="A fourth thought.").status_code == 429
    assert send(client)["Location"] == answers[0]


def test_a_press_that_looked_too_early_finds_the_first_one_all_the_same(
    client, article, monkeypatch
) -> None:
    first = send(client)["Location"]
    for words in ("Another thought.", "A third thought."):
        send(client, text=words)
    looks = []

    def too_early_once(**said):
        looks.append(said)
        return sent_just_now(**said) if len(looks) > 1 else None

    sent_just_now = workflow.find_recent_submission
    monkeypatch.setattr(workflow, "find_recent_submission", too_early_once)
    answer = send(client)
    assert (answer.status_code, answer["Location"], len(looks)) == (303, first, 2)


def test_the_same_words_from_elsewhere_count_against_the_limit(client, article) -> None:
    here = send(client)["Location"]
    client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    guesses = [send(client, email=f"guess-{n}@example.com").status_code for n in range(3)]
    assert guesses == [303, 303, 303]
    assert send(client).status_code == 429
    client.defaults["REMOTE_ADDR"] = "198.51.100.8"
    assert send(client)["Location"] == here


def test_the_same_words_later_get_a_kind_answer(client, article) -> None:
    send(client)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        response = send(client)
    assert response.status_code == 409
    assert "We already have this comment" in words_of(response)
    assert "A kind thought." in words_of(response)
    assert Comment.objects.count() == 1


def test_the_fourth_in_ten_minutes_keeps_its_words(client, article) -> None:
    codes = [send(client, text=f"Number {number}").status_code for number in range(4)]
    assert codes == [303, 303, 303, 429]
    response = send(client, text="Kept words")
    assert "Kept words" in words_of(response)
    assert "Please wait a few minutes" in words_of(response)
    assert Comment.objects.count() == 3
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert send(client, text="Another").status_code == 303


@pytest.mark.parametrize("how", ["article", "date", "practice"])
def test_a_closed_article_keeps_the_words_and_stores_none(client, article, how) -> None:
    if how == "article":
        article.comments_are_open = False
    elif how == "date":
        article.comments_close_on = (NOW - timedelta(days=2)).date()
    else:
        make_practice(comments_are_on=False)
    article.save()
    response = send(client, text="Kept words")
    assert response.status_code == 403
    assert "Comments here are closed now" in words_of(response)
    assert "Kept words" in words_of(response)
    assert not Comment.objects.exists()
    assert '<form method="post"' not in words_of(client.get(article.get_absolute_url()))


@pytest.mark.parametrize("facts", [{"status": "draft"}, {"published_at": NOW + timedelta(days=1)}])
def test_what_is_not_public_takes_no_comment(client, facts) -> None:
    make_article(slug="hidden", **facts)
    assert send(client, slug="hidden").status_code == 404
    assert send(client, slug="nowhere").status_code == 404
    assert not Comment.objects.exists()


def test_looking_at_the_address_of_the_form_leads_to_the_article(client, article) -> None:
    response = client.get("/articles/rest/comments/")
    assert (response.status_code, response["Location"]) == (303, "/articles/rest/#comments")
    assert client.put("/articles/rest/comments/").status_code == 405


def test_a_program_gets_the_same_answer_and_lands_in_spam(client, article) -> None:
    response = send(client, website="x", opened=sign_opened_at(NOW))
    assert response.status_code == 303
    comment = Comment.objects.get()
    assert (comment.status, comment.suspicions) == ("spam", ["honeypot", "too_fast"])
    page = words_of(client.get(response["Location"]))
    assert "We read each comment first" in page
    assert "spam" not in page.lower()


def test_a_form_from_a_page_opened_long_ago_keeps_its_words(client, article) -> None:
    response = send(client, opened=sign_opened_at(NOW - timedelta(days=2)), text="Kept words")
    assert response.status_code == 422
    assert "Kept words" in words_of(response)


def test_an_answer_stands_under_what_it_answers(client, article) -> None:
    first = make_comment(article=article, approved=True, name="Ada")
    page = words_of(client.get(f"/articles/rest/?reply={first.public_id}"))
    assert "You are answering <bdi>Ada</bdi>." in page
    send(client, parent=first.public_id)
    assert Comment.objects.get(status="waiting").parent == first


@pytest.mark.parametrize("which", ["waiting", "other article", "unknown", "odd"])
def test_an_answer_to_what_is_not_shown_here_stands_on_its_own(client, article, which) -> None:
    parent = {
        "waiting": lambda: make_comment(article=article).public_id,
        "other article": lambda: make_comment(approved=True).public_id,
        "unknown": lambda: "0" * 24,
        "odd": lambda: "'; --",
    }[which]()
    assert send(client, parent=parent, text="An answer").status_code == 303
    assert Comment.objects.get(status="waiting", email_fingerprint=_print()).parent is None


def _print() -> str:
    from consultations.privacy.fingerprints import email_fingerprint

    return email_fingerprint("sam@mail.example")


# --- reading ---
def test_the_article_holds_neither_address_nor_a_hash_of_one(client, article) -> None:
    address, network = "quill@mail.example", "203.0.113.77"
    comment = make_comment(article=article, approved=True, email=address, network=network)
    responses = [client.get(article.get_absolute_url()), client.get("/articles/feed/rss/"),
                 client.get("/articles/feed/atom/"), client.get("/search/?q=quill")]  # fmt: skip
    whole = "".join(words_of(r) + str(sorted(r.headers.items())) for r in responses)
    assert comment.published_html in whole  # it was there to be found
    forbidden = [address, "quill@", network, comment.email_fingerprint, comment.token,
                 comment.content_fingerprint, comment.network_fingerprint]  # fmt: skip
    for value in (address, address.upper(), network):
        for algorithm in ("md5", "sha1", "sha256"):
            forbidden.append(hashlib.new(algorithm, value.encode()).hexdigest())
    assert all(forbidden)
    assert [value for value in forbidden if value in whole] == []


def test_each_paragraph_runs_in_the_direction_of_its_script(client, article) -> None:
    make_comment(article=article, approved=True, name="שרה", text="שלום\n\nHello")
    page = words_of(client.get(article.get_absolute_url()))
    assert '<p dir="auto">שלום</p><p dir="auto">Hello</p>' in page


def test_a_reply_carries_the_badge_and_not_the_login(client, article) -> None:
    staff = make_staff()
    comment = make_comment(article=article, approved=True)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    page = words_of(client.get(article.get_absolute_url()))
    assert "Quiet Room Counselling" in page
    assert '<span class="badge">Practice</span>' in page
    assert staff.username not in page


def test_reading_takes_as_many_queries_for_fifty_as_for_five(client, article) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(article.get_absolute_url()).status_code == 200
        return len(seen)

    parent = None
    for number in range(5):
        parent = make_comment(article=article, approved=True, parent=parent, text=f"No {number}")
    few = queries()
    for number in range(45):
        make_comment(article=article, approved=True, parent=parent, text=f"More {number}")
    assert queries() == few


def test_the_form_on_the_article_carries_the_familiar_words_and_no_token(client, article) -> None:
    response = client.get(article.get_absolute_url())
    page = words_of(response)
    for words in (
        "Leave a Comment",
        "Post Comment",
        "Your email address will not be published. Required fields are marked *",
    ):
        assert words in page
    assert "csrf" not in page.lower()
    assert not response.cookies


# --- the own page ---
@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("", "We read each comment first"),
        ("approve_comment", "Your comment is published"),
        ("mark_as_spam", "We read each comment first"),
        ("trash_comment", "Your comment is not shown"),
        ("withdraw_comment", "You have taken your comment back"),
    ],
)
def test_the_own_page_in_every_state(client, article, verb, words) -> None:
    comment = make_comment(article=article, text="Featherword")
    if verb:
        by = {} if verb == "withdraw_comment" else {"by": None}
        getattr(workflow, verb)(comment, **by, now=NOW)
    response = client.get(comment.get_absolute_url())
    assert words in words_of(response)
    assert ("Featherword" in words_of(response)) is (verb != "withdraw_comment")
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert "mail.example" not in words_of(response).replace("quietroom.example", "")


def test_every_wrong_link_is_one_and_the_same_404(client, article) -> None:
    comment = make_comment(article=article)
    token = comment.token
    Comment.objects.filter(pk=comment.pk).update(token_version=1)
    wrong = [token, token[:-3], "x", "0" * 24 + "-0", make_consultation().token,
             control_links.make("comment", "0" * 24, 0)]  # fmt: skip
    answers = set()
    for one in wrong:
        for path in (f"/comments/manage/{one}/", f"/comments/manage/{one}/withdraw/"):
            response = client.get(path)
            answers.add((response.status_code, response.content, response["Cache-Control"]))
        posted = client.post(f"/comments/manage/{one}/withdraw/")
        answers.add((posted.status_code, posted.content, posted["Cache-Control"]))
    assert [status for status, *_rest in answers] == [404]


def test_only_a_press_takes_a_comment_back(client, article) -> None:
    comment = make_comment(article=article, approved=True, text="Featherword")
    path = f"{comment.get_absolute_url()}withdraw/"
    assert client.get(path).status_code == client.head(path).status_code == 200
    foreign = client.post(path, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert Comment.objects.get().status == "approved"
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
    assert Comment.objects.get().status == "withdrawn"
    assert "Featherword" not in words_of(client.get(article.get_absolute_url()))
    assert client.post(path).status_code == 303
