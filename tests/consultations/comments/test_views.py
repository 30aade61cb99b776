"""Comments for visitors: posting, reading, the private page."""

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
    comment_form_data,
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


def post_comment(client, *, headers=None, slug="rest", **answers):
    return client.post(f"/articles/{slug}/comments/", comment_form_data(**answers), headers=headers)


def page_text(response) -> str:
    return response.content.decode()


# Posting.
def test_valid_comment_redirects_to_manage_page(client, article) -> None:
    response = post_comment(client, text="A kind <thought>.")
    comment = Comment.objects.get()
    assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
    page = page_text(client.get(response["Location"]))
    assert "We read each comment first" in page
    assert "A kind &lt;thought&gt;." in page
    assert "sam@" not in page
    assert (comment.article, comment.status, comment.parent) == (article, "waiting", None)


def test_comment_is_on_article_only_when_approved(client, article) -> None:
    post_comment(client, text="Featherword", name="Xanthippe")
    for status in ("waiting", "spam", "trash", "withdrawn"):
        Comment.objects.update(status=status)
        page = page_text(client.get(article.get_absolute_url()))
        assert "Featherword" not in page
        assert "Xanthippe" not in page
    Comment.objects.update(status="waiting")
    workflow.approve_comment(Comment.objects.get(), by=None, now=NOW)
    page = page_text(client.get(article.get_absolute_url()))
    assert "Featherword" in page
    assert "Xanthippe" in page


def test_invalid_comment_is_reported_and_keeps_input(client, article) -> None:
    response = post_comment(client, text="Kept <i>words</i>", email="nonsense", name="Sam")
    page = page_text(response)
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
def test_cross_site_comment_is_rejected_and_keeps_input(client, article, headers) -> None:
    response = post_comment(client, headers=headers, text="Kept words")
    assert response.status_code == 403
    assert "Kept words" in page_text(response)
    assert "Post Comment once more" in page_text(response)
    assert not Comment.objects.exists()


def test_double_submit_creates_one_comment(client, article) -> None:
    first, second = post_comment(client), post_comment(client)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Comment.objects.count() == 1


def test_repeated_submits_do_not_count_against_limit(client, article) -> None:
    answers = [post_comment(client)["Location"] for _press in range(6)]
    assert len(set(answers)) == 1
    assert Comment.objects.count() == 1
    assert post_comment(client, text="Another thought.").status_code == 303
    assert post_comment(client, text="A third thought.").status_code == 303
    # At the limit a comment that is already stored still leads to its page.
    assert post_comment(client, text="A fourth thought.").status_code == 429
    assert post_comment(client)["Location"] == answers[0]


def test_concurrent_submit_at_limit_returns_existing_comment(client, article, monkeypatch) -> None:
    first = post_comment(client)["Location"]
    for words in ("Another thought.", "A third thought."):
        post_comment(client, text=words)
    looks = []

    def miss_once(**arguments):
        looks.append(arguments)
        return sent_just_now(**arguments) if len(looks) > 1 else None

    sent_just_now = workflow.find_recent_submission
    monkeypatch.setattr(workflow, "find_recent_submission", miss_once)
    answer = post_comment(client)
    assert (answer.status_code, answer["Location"], len(looks)) == (303, first, 2)


def test_same_text_from_other_network_counts_against_limit(client, article) -> None:
    here = post_comment(client)["Location"]
    client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    guesses = [post_comment(client, email=f"guess-{n}@example.com").status_code for n in range(3)]
    assert guesses == [303, 303, 303]
    assert post_comment(client).status_code == 429
    client.defaults["REMOTE_ADDR"] = "198.51.100.8"
    assert post_comment(client)["Location"] == here


def test_later_duplicate_is_reported(client, article) -> None:
    post_comment(client)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        response = post_comment(client)
    assert response.status_code == 409
    assert "We already have this comment" in page_text(response)
    assert "A kind thought." in page_text(response)
    assert Comment.objects.count() == 1


def test_rate_limited_comment_keeps_input(client, article) -> None:
    codes = [post_comment(client, text=f"Number {number}").status_code for number in range(4)]
    assert codes == [303, 303, 303, 429]
    response = post_comment(client, text="Kept words")
    assert "Kept words" in page_text(response)
    assert "Please wait a few minutes" in page_text(response)
    assert Comment.objects.count() == 3
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert post_comment(client, text="Another").status_code == 303


@pytest.mark.parametrize("how", ["article", "date", "practice"])
def test_closed_article_rejects_comment_and_keeps_input(client, article, how) -> None:
    if how == "article":
        article.comments_are_open = False
    elif how == "date":
        article.comments_close_on = (NOW - timedelta(days=2)).date()
    else:
        make_practice(comments_are_on=False)
    article.save()
    response = post_comment(client, text="Kept words")
    assert response.status_code == 403
    assert "Comments are closed now" in page_text(response)
    assert "Kept words" in page_text(response)
    assert not Comment.objects.exists()
    assert '<form method="post"' not in page_text(client.get(article.get_absolute_url()))


@pytest.mark.parametrize("facts", [{"status": "draft"}, {"published_at": NOW + timedelta(days=1)}])
def test_unpublished_article_rejects_comment(client, facts) -> None:
    make_article(slug="hidden", **facts)
    assert post_comment(client, slug="hidden").status_code == 404
    assert post_comment(client, slug="nowhere").status_code == 404
    assert not Comment.objects.exists()


def test_get_of_submit_url_redirects_to_article(client, article) -> None:
    response = client.get("/articles/rest/comments/")
    assert (response.status_code, response["Location"]) == (303, "/articles/rest/#comments")
    assert client.put("/articles/rest/comments/").status_code == 405


def test_bot_gets_normal_response_and_lands_in_spam(client, article) -> None:
    response = post_comment(client, website="x", opened=sign_opened_at(NOW))
    assert response.status_code == 303
    comment = Comment.objects.get()
    assert (comment.status, comment.suspicions) == ("spam", ["honeypot", "too_fast"])
    page = page_text(client.get(response["Location"]))
    assert "We read each comment first" in page
    assert "spam" not in page.lower()


def test_stale_form_keeps_input(client, article) -> None:
    response = post_comment(
        client, opened=sign_opened_at(NOW - timedelta(days=2)), text="Kept words"
    )
    assert response.status_code == 422
    assert "Kept words" in page_text(response)


def test_reply_is_stored_under_its_parent(client, article) -> None:
    first = make_comment(article=article, approved=True, name="Ada")
    page = page_text(client.get(f"/articles/rest/?reply={first.public_id}"))
    assert "You’re replying to <bdi>Ada</bdi>." in page
    post_comment(client, parent=first.public_id)
    assert Comment.objects.get(status="waiting").parent == first


@pytest.mark.parametrize("which", ["waiting", "other article", "unknown", "odd"])
def test_reply_to_hidden_comment_becomes_top_level(client, article, which) -> None:
    parent = {
        "waiting": lambda: make_comment(article=article).public_id,
        "other article": lambda: make_comment(approved=True).public_id,
        "unknown": lambda: "0" * 24,
        "odd": lambda: "'; --",
    }[which]()
    assert post_comment(client, parent=parent, text="An answer").status_code == 303
    assert (
        Comment.objects.get(status="waiting", email_fingerprint=_default_email_fingerprint()).parent
        is None
    )


def _default_email_fingerprint() -> str:
    from consultations.privacy.fingerprints import email_fingerprint

    return email_fingerprint("sam@mail.example")


# Reading.
def test_article_contains_no_email_address_or_hash(client, article) -> None:
    address, network = "quill@mail.example", "203.0.113.77"
    comment = make_comment(article=article, approved=True, email=address, network=network)
    responses = [client.get(article.get_absolute_url()), client.get("/articles/feed/rss/"),
                 client.get("/articles/feed/atom/"), client.get("/search/?q=quill")]  # fmt: skip
    whole = "".join(page_text(r) + str(sorted(r.headers.items())) for r in responses)
    assert comment.published_html in whole  # the text contains what the test looks for
    forbidden = [address, "quill@", network, comment.email_fingerprint, comment.token,
                 comment.content_fingerprint, comment.network_fingerprint]  # fmt: skip
    for value in (address, address.upper(), network):
        for algorithm in ("md5", "sha1", "sha256"):
            forbidden.append(hashlib.new(algorithm, value.encode()).hexdigest())
    assert all(forbidden)
    assert [value for value in forbidden if value in whole] == []


def test_each_paragraph_has_automatic_text_direction(client, article) -> None:
    make_comment(article=article, approved=True, name="שרה", text="שלום\n\nHello")
    page = page_text(client.get(article.get_absolute_url()))
    assert '<p dir="auto">שלום</p><p dir="auto">Hello</p>' in page


def test_practice_reply_shows_badge_and_no_username(client, article) -> None:
    staff = make_staff()
    comment = make_comment(article=article, approved=True)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    page = page_text(client.get(article.get_absolute_url()))
    assert "Quiet Room Counselling" in page
    assert '<span class="badge">Practice</span>' in page
    assert staff.username not in page


def test_article_query_count_is_constant(client, article) -> None:
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


def test_article_form_has_standard_wording_and_no_csrf_token(client, article) -> None:
    response = client.get(article.get_absolute_url())
    page = page_text(response)
    for words in (
        "Leave a Comment",
        "Post Comment",
        "Your email address will not be published. Required fields are marked *",
    ):
        assert words in page
    assert "csrf" not in page.lower()
    assert not response.cookies


# The private page.
@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("", "We read each comment first"),
        ("approve_comment", "Your comment is published"),
        ("mark_as_spam", "We read each comment first"),
        ("trash_comment", "Your comment isn’t shown"),
        ("withdraw_comment", "You’ve withdrawn your comment"),
    ],
)
def test_manage_page_shows_each_status(client, article, verb, words) -> None:
    comment = make_comment(article=article, text="Featherword")
    if verb:
        by = {} if verb == "withdraw_comment" else {"by": None}
        getattr(workflow, verb)(comment, **by, now=NOW)
    response = client.get(comment.get_absolute_url())
    assert words in page_text(response)
    assert ("Featherword" in page_text(response)) is (verb != "withdraw_comment")
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert "mail.example" not in page_text(response).replace("quietroom.example", "")


def test_invalid_links_give_identical_404(client, article) -> None:
    comment = make_comment(article=article)
    token = comment.token
    Comment.objects.filter(pk=comment.pk).update(token_version=1)
    invalid_tokens = [token, token[:-3], "x", "0" * 24 + "-0", make_consultation().token,
             control_links.make_token("comment", "0" * 24, 0)]  # fmt: skip
    responses = set()
    for invalid in invalid_tokens:
        for path in (f"/comments/manage/{invalid}/", f"/comments/manage/{invalid}/withdraw/"):
            response = client.get(path)
            responses.add((response.status_code, response.content, response["Cache-Control"]))
        post = client.post(f"/comments/manage/{invalid}/withdraw/")
        responses.add((post.status_code, post.content, post["Cache-Control"]))
    assert [status for status, *_rest in responses] == [404]


def test_only_same_site_post_withdraws(client, article) -> None:
    comment = make_comment(article=article, approved=True, text="Featherword")
    path = f"{comment.get_absolute_url()}withdraw/"
    assert client.get(path).status_code == client.head(path).status_code == 200
    foreign = client.post(path, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert Comment.objects.get().status == "approved"
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
    assert Comment.objects.get().status == "withdrawn"
    assert "Featherword" not in page_text(client.get(article.get_absolute_url()))
    assert client.post(path).status_code == 303
