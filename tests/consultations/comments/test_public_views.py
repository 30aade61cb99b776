"""Reading comments: pages of a discussion, permalinks and reports."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.comments import workflow
from consultations.comments.models import Comment, CommentReport
from pages.articles.models import Article
from tests.factories.consultations import NOW, make_comment
from tests.factories.pages import make_article, make_category, make_practice

pytestmark = pytest.mark.django_db
ARTICLE_URL = "/articles/rest/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def article():
    return make_article(slug="rest", title="On rest")


def page_text(response) -> str:
    return response.content.decode()


def make_published(article: Article, count: int, *, begins: int = 0) -> list[Comment]:
    """Create many rows as approval would leave them."""
    return Comment.objects.bulk_create(
        Comment(
            article=article,
            status="approved",
            name="x",
            text="x",
            published_name=f"Reader {number}",
            published_html=f"<p>Number {number}.</p>",
            published_at=NOW + timedelta(seconds=number),
            created_at=NOW,
            status_changed_at=NOW,
        )
        for number in range(begins, begins + count)
    )


def test_ten_thousand_comments_are_paginated_by_hundred(client, article) -> None:
    def queries(path: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as seen:
            response = client.get(path)
        assert response.status_code == 200
        return len(seen), page_text(response)

    make_published(article, 5)
    few, _page = queries(ARTICLE_URL)
    rows = make_published(article, 9_995, begins=5)
    many, page = queries(f"{ARTICLE_URL}?comments=37")
    assert many == few + 2  # the order, and the comments of the page
    assert page.count('class="comment"') == 100
    assert "Number 3600." in page
    assert "Number 3699." in page
    assert "10000 comments" in page.replace(",", "")
    assert "Page 37 of 100" in page
    last = rows[-1]
    link = client.get(f"{ARTICLE_URL}comments/{last.public_id}/")
    assert link["Location"] == f"{ARTICLE_URL}?comments=100#comment-{last.public_id}"
    assert f'id="comment-{last.public_id}"' in queries(f"{ARTICLE_URL}?comments=100")[1]


@pytest.mark.parametrize(
    ("asked", "number"),
    [("", 1), ("0", 1), ("-1", 1), ("x", 1), ("2", 2), ("999999", 3), ("9" * 50, 1), ("٢", 1)],
)
def test_page_number_is_clamped(client, article, asked, number) -> None:
    make_published(article, 201)
    page = page_text(client.get(ARTICLE_URL, {"comments": asked}))
    assert f"Page {number} of 3" in page
    (canonical,) = re.findall(r'rel="canonical" href="([^"]*)"', page)
    assert canonical.endswith(ARTICLE_URL)


def test_reply_form_opens_on_page_of_its_comment(client, article) -> None:
    rows = make_published(article, 150)
    page = page_text(client.get(ARTICLE_URL, {"reply": rows[120].public_id}))
    assert "You’re replying to <bdi>Reader 120</bdi>." in page
    assert "Number 120." in page
    assert f'name="parent" value="{rows[120].public_id}"' in page
    for odd in ("", "x", "0" * 24, "'" * 24, "ٱ" * 24, rows[0].public_id + "0"):
        page = page_text(client.get(ARTICLE_URL, {"reply": odd}))
        assert "You’re replying to" not in page


def test_pages_have_etags_and_answer_304(client, article) -> None:
    rows = make_published(article, 150)
    first = client.get(ARTICLE_URL)
    second = client.get(ARTICLE_URL, {"comments": "2"})
    answer = client.get(ARTICLE_URL, {"reply": rows[0].public_id})
    assert len({page["ETag"] for page in (first, second, answer)}) == 3
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.get(ARTICLE_URL, headers={"If-None-Match": first["ETag"]}).status_code == 304
    workflow.withdraw_comment(rows[0], now=NOW)
    again = client.get(ARTICLE_URL, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert "Number 0." not in page_text(again)


# Permalinks.
@pytest.mark.parametrize("state", ["waiting", "spam", "trash", "withdrawn"])
def test_unpublished_comment_has_no_permalink(client, article, state) -> None:
    comment = make_comment(article=article, approved=True)
    make_comment(article=article, approved=True, parent=comment)
    Comment.objects.filter(pk=comment.pk).update(status=state, published_html="", published_name="")
    for page in ("", "report/"):
        assert client.get(f"{ARTICLE_URL}comments/{comment.public_id}/{page}").status_code == 404


@pytest.mark.parametrize("odd", ["x", "0" * 24, "0" * 23, "G" * 24, "..", "%00"])
def test_malformed_public_id_is_not_found(client, article, odd) -> None:
    make_comment(article=article, approved=True)
    for page in ("", "report/"):
        assert client.get(f"{ARTICLE_URL}comments/{odd}/{page}").status_code == 404


def test_comment_of_other_or_draft_article_is_not_found(client, article) -> None:
    other = make_comment(article=make_article(slug="other"), approved=True)
    assert client.get(f"{ARTICLE_URL}comments/{other.public_id}/").status_code == 404
    draft = make_article(slug="draft", status="draft")
    hidden = make_comment(article=draft, approved=True)
    assert client.get(f"/articles/draft/comments/{hidden.public_id}/").status_code == 404


def test_category_named_comments_keeps_its_page(client) -> None:
    make_category(slug="comments", name="Comments")
    assert client.get("/articles/category/comments/").status_code == 200


# Reports.
def test_report_needs_no_reason_and_counts_once(client, article) -> None:
    comment = make_comment(article=article, approved=True, text="Rude words")
    path = f"{ARTICLE_URL}comments/{comment.public_id}/report/"
    assert path in page_text(client.get(ARTICLE_URL))
    page = page_text(client.get(path))
    assert "Rude words" in page
    assert "<textarea" not in page
    assert not CommentReport.objects.exists()
    for _press in range(2):
        response = client.post(path)
        assert (response.status_code, response["Location"]) == (303, f"{path}?sent=1")
    assert "Thank you" in page_text(client.get(f"{path}?sent=1"))
    assert CommentReport.objects.count() == 1
    assert Comment.objects.get().status == "approved"


def test_cross_site_and_excess_reports_are_rejected(client, article) -> None:
    rows = make_published(article, 12)
    paths = [f"{ARTICLE_URL}comments/{row.public_id}/report/" for row in rows]
    foreign = client.post(paths[0], headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert not CommentReport.objects.exists()
    codes = [client.post(path).status_code for path in paths]
    assert codes == [303] * 10 + [429] * 2
    assert CommentReport.objects.count() == 10


# Closed comments.
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("article", "Comments on this article are closed."),
        ("date", "the time for them is over"),
        ("age", "we accept them for 14 days after an article appears"),
        ("site", "Comments are turned off on this site."),
    ],
)
def test_closed_comments_show_the_reason(client, article, how, words) -> None:
    make_comment(article=article, approved=True, text="An old word")
    if how == "article":
        article.comments_are_open = False
    elif how == "date":
        article.comments_close_on = NOW.date() - timedelta(days=2)
    elif how == "age":
        make_practice(comments_close_by_age=True)
        article.published_at = NOW - timedelta(days=16)
    else:
        make_practice(comments_are_on=False)
    article.save()
    page = page_text(client.get(ARTICLE_URL))
    assert words in page
    assert "An old word" in page
    assert "<textarea" not in page
    assert "?reply=" not in page
    answer = client.post(
        f"{ARTICLE_URL}comments/", {"text": "Kept words", "name": "S", "email": "x"}
    )
    assert answer.status_code == 403
    assert words in page_text(answer)
    assert "Kept words" in page_text(answer)


@pytest.mark.parametrize(
    ("facts", "age", "is_open"),
    [
        ({}, 4000, True),
        ({"comments_close_by_age": True}, 13, True),
        ({"comments_close_by_age": True}, 14, True),
        ({"comments_close_by_age": True}, 15, False),
        ({"comments_close_by_age": True, "comments_close_after_days": 20}, 15, True),
    ],
)
def test_comments_close_days_after_publication(article, facts, age, is_open) -> None:
    make_practice(**facts)
    article.published_at = NOW - timedelta(days=age)
    assert (not article.comments_closed_reason(NOW)) is is_open
    article.comments_close_on = NOW.date()
    assert not article.comments_closed_reason(NOW)
