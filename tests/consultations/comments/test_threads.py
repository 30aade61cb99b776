"""Published comments in their order and depth."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.comments.threads import (
    PublicComment,
    Threads,
    page_holding,
    page_of_threads,
)
from pages.articles.models import Article
from tests.factories.consultations import NOW, make_comment
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def write():
    """Writes and publishes comments under one article, each a minute after the last."""
    make_practice()
    article, count = make_article(), [0]

    def one(name: str, parent: Comment | None = None, *, minute: int | None = None) -> Comment:
        count[0] += 1
        at = NOW + timedelta(minutes=count[0] if minute is None else minute)
        return make_comment(article=article, parent=parent, name=name, approved=True, now=at)

    return one


def drawn(comments: list[PublicComment]) -> list:
    return [
        (comment.name or comment.gone, comment.depth, drawn(comment.replies)) if comment.replies
        else (comment.name or comment.gone, comment.depth)
        for comment in comments
    ]  # fmt: skip


def page(**options) -> Threads:
    return page_of_threads(Article.objects.get(), **options)


def threads() -> list:
    return drawn(page().comments)


def test_oldest_first_and_answers_under_their_comment(write) -> None:
    a = write("A")
    write("B")
    write("A2", a)
    write("A1", a, minute=2)
    assert threads() == [("A", 0, [("A1", 1), ("A2", 1)]), ("B", 0)]


def test_three_levels_are_shown_and_deeper_answers_stand_on_the_third(write) -> None:
    parent = None
    for name in "ABCDE":
        parent = write(name, parent)
    assert threads() == [("A", 0, [("B", 1, [("C", 2), ("D", 2), ("E", 2)])])]


def test_what_is_gone_keeps_an_empty_place_above_its_answers(write) -> None:
    a = write("A")
    b = write("B", a)
    c = write("C", b)
    workflow.trash_comment(a, by=None, now=NOW)
    assert threads() == [("hidden", 0, [("B", 1, [("C", 2)])])]
    workflow.withdraw_comment(b, now=NOW)
    assert threads() == [("hidden", 0, [("withdrawn", 1, [("C", 2)])])]
    assert page().count == 1
    workflow.withdraw_comment(c, now=NOW)
    assert (threads(), page().count) == ([], 0)


def test_an_empty_place_tells_nothing_of_what_stood_there(write) -> None:
    a = write("A")
    write("B", a)
    workflow.trash_comment(a, by=None, now=NOW)
    (place,) = page().comments
    assert (place.name, place.html, place.is_edited, place.initial) == ("", "", False, "")


def test_the_answer_to_a_row_that_is_deleted_stands_on_its_own(write) -> None:
    a = write("A")
    write("B", a)
    a.delete()
    assert threads() == [("B", 0)]


def test_the_order_of_approval_does_not_lose_an_answer(write) -> None:
    late = write("late", minute=90)
    write("answer", late, minute=5)
    assert threads() == [("late", 0, [("answer", 1)])]


def test_a_template_gets_nothing_private(write) -> None:
    write("A")
    (shown,) = page().comments
    assert set(vars(shown)) == {
        "public_id", "name", "html", "published_at", "is_by_practice", "depth", "replies",
        "url", "report_url", "is_edited", "gone",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("sam", "S"),
        ("שרה", "ש"),
        ("\u200dזה", "ז"),
        ("👩‍👧", "👩"),
        ("ß", "S"),
        ("...", "."),
        ("", ""),
    ],
)
def test_the_mark_beside_a_name_is_made_of_the_name(name, initial) -> None:
    shown = PublicComment("x", name, "", NOW, is_by_practice=False)
    assert shown.initial == initial


def test_a_page_holds_a_hundred_and_each_comment_is_found_on_its_own(write) -> None:
    first = write("first")
    rows = [
        Comment(
            article=first.article,
            parent=first if number < 150 else None,
            status="approved",
            name="x",
            text="x",
            published_name=f"n{number}",
            published_html="<p>x</p>",
            published_at=NOW + timedelta(hours=1, seconds=number),
            created_at=NOW,
            status_changed_at=NOW,
        )
        for number in range(250)
    ]
    Comment.objects.bulk_create(rows)
    sizes, names = [], []
    for number in (1, 2, 3):
        shown = page(number=number)
        flat = list(flattened(shown.comments))
        sizes.append(len(flat))
        names += [comment.name for comment in flat]
        assert (shown.number, shown.total, shown.count) == (number, 3, 251)
    # The long thread goes on on the second page; the others are not torn off their beginning.
    assert sizes == [100, 51, 100]
    assert names == ["first", *(f"n{number}" for number in range(250))]
    assert page(number=99).number == 3
    continued = page(number=2)
    assert continued.continues is not None
    assert continued.continues.name == "first"
    assert {comment.depth for comment in continued.comments} == {0}
    for row in (rows[0], rows[120], rows[249]):
        at = page_holding(first.article, row.public_id)
        assert at == page(holding=row.public_id).number
        assert row.public_id in {c.public_id for c in flattened(page(number=at).comments)}


def flattened(comments: list[PublicComment]) -> Iterator[PublicComment]:
    for comment in comments:
        yield comment
        yield from flattened(comment.replies)
