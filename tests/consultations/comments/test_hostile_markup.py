"""Markup in every field, read back everywhere a comment is shown: nothing active, nothing raw."""

import re
from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.comments.rendering import comment_html
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW, comment_post, make_staff
from tests.factories.pages import make_article, make_practice
from tests.hostile_inputs import ACTIVE

pytestmark = pytest.mark.django_db
ARTICLE = "/articles/rest/"
# Where an address leads: nothing for one within our own site, else its scheme or host.
WHERE = re.compile(r"(?:[^/?#:]*:|//[^/]*)?")


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes, and what they may lead to."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.leads: set[str] = set()
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_link = tag == "a" and ("rel", "nofollow ugc noopener") in attrs
        names = tuple(sorted(name for name, _value in attrs))
        if not is_link:
            self.elements[(tag, names)] += 1
        else:
            assert names == ("href", "rel")
        for name, value in attrs:
            if name in ("href", "src", "action", "formaction", "data", "poster", "srcset"):
                self.leads |= set(WHERE.findall((value or "").strip().lower())[:1])

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def words_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def rows(slug: str, facts: list[tuple[str, str]], *, published: bool = False) -> list[Comment]:
    """Comments as they lie in the database, whatever a form would have said to them."""
    article = make_article(slug=slug, title="Rest")
    return Comment.objects.bulk_create(
        Comment(
            article=article,
            status="approved" if published else "waiting",
            name=name[:80],
            text=text,
            email=f"w{number}@mail.example",
            wants_notice=True,
            published_name=name[:80] if published else "",
            published_html=comment_html(text, links=True) if published else "",
            published_at=NOW + timedelta(seconds=number) if published else None,
            created_at=NOW,
            status_changed_at=NOW,
        )
        for number, (name, text) in enumerate(facts)
    )


PLAIN = ("x", "x")
ONE_EACH = [(shape, shape) for shape in ACTIVE]
# Three shapes in one text: as much to read, in a third of the pages.
THREES = [(ACTIVE[n], " ".join(ACTIVE[n : n + 3])) for n in range(0, len(ACTIVE), 3)]


@pytest.fixture(autouse=True)
def _practice(settings):
    settings.RATE_LIMIT_SCALE = 0
    make_practice()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


def shape(client, page: str) -> Shape:
    return Shape(words_of(client.get(page)))


def same(one: Shape, other: Shape) -> None:
    """The page with hostile words has the elements of the page with plain ones, and no others.

    Shapes with line breaks of their own make more paragraphs and breaks, and nothing else.
    """
    more = one.elements - other.elements
    assert set(more) <= {("p", ("dir",)), ("br", ())}, more
    assert one.leads <= other.leads | {"http:", "https:"}
    assert one.comments == other.comments


def test_on_the_article(client) -> None:
    rows("rest", ONE_EACH, published=True)
    rows("calm", [PLAIN] * len(ONE_EACH), published=True)
    same(shape(client, ARTICLE), shape(client, "/articles/calm/"))
    page = words_of(client.get(ARTICLE))
    assert escape(ACTIVE[0]) in page
    assert "<script>alert" not in page


def test_on_the_pages_that_answer_and_report_it(client) -> None:
    hostile = rows("rest", THREES, published=True)
    (plain,) = rows("calm", [PLAIN], published=True)
    other = shape(client, reverse("comments:report", args=["calm", plain.public_id]))
    for row in hostile:
        same(shape(client, reverse("comments:report", args=["rest", row.public_id])), other)
    article = words_of(client.get(ARTICLE, {"reply": hostile[0].public_id}))
    assert f"You are answering <bdi>{escape(ACTIVE[0])}</bdi>." in article


def test_on_the_writers_own_pages(client) -> None:
    hostile = rows("rest", THREES)
    (plain,) = rows("calm", [PLAIN])
    for page in ("", "edit/"):
        other = shape(client, f"{plain.get_absolute_url()}{page}")
        for row in hostile:
            same(shape(client, f"{row.get_absolute_url()}{page}"), other)
    assert "nofollow ugc" not in words_of(client.get(hostile[-1].get_absolute_url()))


def test_in_the_admin(client) -> None:
    hostile = rows("rest", THREES)
    client.force_login(make_staff())
    listing = reverse("admin:consultations_comment_changelist")
    pages = [reverse("admin:consultations_comment_change", args=[row.pk]) for row in hostile[::3]]
    for page in [f"{listing}?status=waiting", *pages]:
        found = Shape(words_of(client.get(page)))
        assert [n for _tag, names in found.elements for n in names if n.startswith("on")] == []
        tags = {tag for tag, _names in found.elements}
        assert not tags & {"iframe", "object", "embed", "style", "base", "marquee", "video", "math"}
        assert ("script", ()) not in found.elements
        assert not found.leads & {"javascript:", "data:", "//x.example"}


def test_in_mails() -> None:
    staff = make_staff()
    hostile = rows("rest", THREES[::3])
    for row in hostile:
        workflow.approve_comment(row, by=staff, now=NOW)
        workflow.reply_to_comment(row, text=ACTIVE[0], by=staff, now=NOW)
    mails = OutgoingEmail.objects.exclude(message="comments_waiting")
    assert len(mails) == 2 * len(hostile)
    for mail in mails:
        whole = f"{mail.subject}{mail.text}{mail.html}".lower()
        for sign in ("alert(", "<script", "onerror", "x.example", "javascript:"):
            assert sign not in whole


def test_a_form_that_comes_back_shows_nothing_raw(client) -> None:
    make_article(slug="rest")
    for _name, text in THREES:
        one, two, three = [*text.split(" "), "x", "x"][:3]
        answers = {"name": "\x1b" + one, "email": two, "parent": three, "website": one}
        page = client.post(f"{ARTICLE}comments/", comment_post(text=text, opened=two, **answers))
        assert page.status_code == 422
        found = Shape(page.content.decode())
        assert [n for _tag, names in found.elements for n in names if n.startswith("on")] == []
        assert "javascript:" not in found.leads
        assert ("script", ()) not in found.elements
        assert f">\n{escape(text)}" in page.content.decode()
    assert not Comment.objects.exists()
