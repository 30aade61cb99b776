"""Published comments from the database in their order and depth."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.comments.threads import (
    PublicComment,
    ThreadPage,
    find_page_number,
    get_thread_page,
)
from pages.articles.models import Article
from tests.factories.consultations import NOW, make_comment
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def write():
    """Return a function that publishes comments on publish article, a minute apart."""
    make_practice()
    article, count = make_article(), [0]

    def publish(name: str, parent: Comment | None = None, *, minute: int | None = None) -> Comment:
        count[0] += 1
        at = NOW + timedelta(minutes=count[0] if minute is None else minute)
        return make_comment(article=article, parent=parent, name=name, approved=True, now=at)

    return publish


def outline(comments: list[PublicComment]) -> list:
    return [
        (comment.name or comment.placeholder, comment.depth, outline(comment.replies))
        if comment.replies
        else (comment.name or comment.placeholder, comment.depth)
        for comment in comments
    ]  # fmt: skip


def get_page(**options) -> ThreadPage:
    return get_thread_page(Article.objects.get(), **options)


def thread_outline() -> list:
    return outline(get_page().comments)


def test_comments_are_oldest_first_with_nested_replies(write) -> None:
    a = write("A")
    write("B")
    write("A2", a)
    write("A1", a, minute=2)
    assert thread_outline() == [("A", 0, [("A1", 1), ("A2", 1)]), ("B", 0)]


def test_replies_deeper_than_three_levels_stay_on_the_third(write) -> None:
    parent = None
    for name in "ABCDE":
        parent = write(name, parent)
    assert thread_outline() == [("A", 0, [("B", 1, [("C", 2), ("D", 2), ("E", 2)])])]


def test_removed_comment_leaves_placeholder_above_replies(write) -> None:
    a = write("A")
    b = write("B", a)
    c = write("C", b)
    workflow.trash_comment(a, by=None, now=NOW)
    assert thread_outline() == [("hidden", 0, [("B", 1, [("C", 2)])])]
    workflow.withdraw_comment(b, now=NOW)
    assert thread_outline() == [("hidden", 0, [("withdrawn", 1, [("C", 2)])])]
    assert get_page().count == 1
    workflow.withdraw_comment(c, now=NOW)
    assert (thread_outline(), get_page().count) == ([], 0)


def test_discussion_of_one_page_takes_one_query(write, django_assert_num_queries) -> None:
    write("B", write("A"))
    article = Article.objects.get()
    with django_assert_num_queries(1):
        assert get_thread_page(article).count == 2


def test_placeholder_contains_no_content(write) -> None:
    a = write("A")
    write("B", a)
    workflow.trash_comment(a, by=None, now=NOW)
    (place,) = get_page().comments
    assert (place.name, place.html, place.is_edited, place.initial) == ("", "", False, "")


def test_reply_to_deleted_row_becomes_top_level(write) -> None:
    a = write("A")
    write("B", a)
    a.delete()
    assert thread_outline() == [("B", 0)]


def test_reply_approved_before_its_parent_is_kept(write) -> None:
    late = write("late", minute=90)
    write("answer", late, minute=5)
    assert thread_outline() == [("late", 0, [("answer", 1)])]


def test_public_comment_has_no_private_fields(write) -> None:
    write("A")
    (shown,) = get_page().comments
    assert set(vars(shown)) == {
        "public_id", "name", "html", "published_at", "is_by_practice", "depth", "replies",
        "url", "report_url", "is_edited", "placeholder",
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
def test_initial_comes_from_public_name(name, initial) -> None:
    shown = PublicComment("x", name, "", NOW, is_by_practice=False)
    assert shown.initial == initial


def test_pages_hold_a_hundred_and_locate_each_comment(write) -> None:
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
        shown = get_page(number=number)
        flat = list(flatten(shown.comments))
        sizes.append(len(flat))
        names += [comment.name for comment in flat]
        assert (shown.number, shown.total, shown.count) == (number, 3, 251)
    # The long thread continues on the second page; the other threads are not split.
    assert sizes == [100, 51, 100]
    assert names == ["first", *(f"n{number}" for number in range(250))]
    assert get_page(number=99).number == 3
    continued = get_page(number=2)
    assert continued.continues is not None
    assert continued.continues.name == "first"
    assert {comment.depth for comment in continued.comments} == {0}
    for row in (rows[0], rows[120], rows[249]):
        at = find_page_number(first.article, row.public_id)
        assert at == get_page(containing=row.public_id).number
        assert row.public_id in {c.public_id for c in flatten(get_page(number=at).comments)}


def flatten(comments: list[PublicComment]) -> Iterator[PublicComment]:
    for comment in comments:
        yield comment
        yield from flatten(comment.replies)
