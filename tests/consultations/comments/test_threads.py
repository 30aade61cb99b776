"""Published comments in their order and depth."""

from datetime import timedelta

import pytest

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.comments.threads import PublicComment, public_threads
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
        (comment.name, comment.depth, drawn(comment.replies)) if comment.replies
        else (comment.name, comment.depth)
        for comment in comments
    ]  # fmt: skip


def threads() -> list:
    return drawn(public_threads(Comment.objects.published()))


def test_oldest_first_and_answers_under_their_comment(write) -> None:
    a = write("A")
    write("B")
    write("A2", a)
    write("A1", a, minute=0)
    assert threads() == [("A", 0, [("A1", 1), ("A2", 1)]), ("B", 0)]


def test_three_levels_are_shown_and_deeper_answers_stand_on_the_third(write) -> None:
    parent = None
    for name in "ABCDE":
        parent = write(name, parent)
    assert threads() == [("A", 0, [("B", 1, [("C", 2), ("D", 2), ("E", 2)])])]


def test_an_answer_to_what_is_gone_stands_on_its_own(write) -> None:
    a = write("A")
    b = write("B", a)
    write("C", b)
    workflow.trash_comment(a, by=None, now=NOW)
    assert threads() == [("B", 0, [("C", 1)])]
    workflow.withdraw_comment(b, now=NOW)
    assert threads() == [("C", 0)]


def test_the_order_of_approval_does_not_lose_an_answer(write) -> None:
    late = write("late", minute=90)
    write("answer", late, minute=5)
    assert threads() == [("late", 0, [("answer", 1)])]


def test_a_template_gets_nothing_private(write) -> None:
    write("A")
    (shown,) = public_threads(Comment.objects.published())
    assert set(vars(shown)) == {
        "public_id", "name", "html", "published_at", "is_by_practice", "depth", "replies",
    }  # fmt: skip
