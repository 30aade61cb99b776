"""Hostile markup in every field stays inert text wherever a comment is shown."""

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
from tests.factories.consultations import NOW, comment_form_data, make_staff
from tests.factories.pages import make_article, make_practice
from tests.hostile_inputs import ACTIVE_MARKUP

pytestmark = pytest.mark.django_db
ARTICLE_URL = "/articles/rest/"
# The target of an address: empty within this site, else its scheme or host.
SCHEME_OR_HOST = re.compile(r"(?:[^/?#:]*:|//[^/]*)?")


class PageStructure(HTMLParser):
    """Collect the elements of a page with their attribute names and link targets."""

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
                self.leads |= set(SCHEME_OR_HOST.findall((value or "").strip().lower())[:1])

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def page_text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def make_comments(
    slug: str, facts: list[tuple[str, str]], *, published: bool = False
) -> list[Comment]:
    """Make comments directly in the database, past the rules of the form."""
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


PLAIN_TEXT = ("x", "x")
ONE_PER_COMMENT = [(shape, shape) for shape in ACTIVE_MARKUP]
# Three texts in one comment: the same coverage with a third of the pages.
THREE_PER_COMMENT = [
    (ACTIVE_MARKUP[n], " ".join(ACTIVE_MARKUP[n : n + 3])) for n in range(0, len(ACTIVE_MARKUP), 3)
]


@pytest.fixture(autouse=True)
def _practice(settings):
    settings.RATE_LIMIT_SCALE = 0
    make_practice()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


def load_structure(client, page: str) -> PageStructure:
    return PageStructure(page_text(client.get(page)))


def assert_same_structure(actual: PageStructure, expected: PageStructure) -> None:
    """Assert that hostile text adds no elements to the page with plain text.

    Texts with line breaks add paragraphs and breaks, and nothing else.
    """
    more = actual.elements - expected.elements
    assert set(more) <= {("p", ("dir",)), ("br", ())}, more
    assert actual.leads <= expected.leads | {"http:", "https:"}
    assert actual.comments == expected.comments


def test_article_shows_hostile_markup_as_text(client) -> None:
    make_comments("rest", ONE_PER_COMMENT, published=True)
    make_comments("calm", [PLAIN_TEXT] * len(ONE_PER_COMMENT), published=True)
    assert_same_structure(
        load_structure(client, ARTICLE_URL), load_structure(client, "/articles/calm/")
    )
    page = page_text(client.get(ARTICLE_URL))
    assert escape(ACTIVE_MARKUP[0]) in page
    assert "<script>alert" not in page


def test_report_and_reply_pages_show_hostile_markup_as_text(client) -> None:
    hostile = make_comments("rest", THREE_PER_COMMENT, published=True)
    (plain,) = make_comments("calm", [PLAIN_TEXT], published=True)
    other = load_structure(client, reverse("comments:report", args=["calm", plain.public_id]))
    for row in hostile:
        assert_same_structure(
            load_structure(client, reverse("comments:report", args=["rest", row.public_id])), other
        )
    article = page_text(client.get(ARTICLE_URL, {"reply": hostile[0].public_id}))
    assert f"You’re replying to <bdi>{escape(ACTIVE_MARKUP[0])}</bdi>." in article


def test_manage_pages_show_hostile_markup_as_text(client) -> None:
    hostile = make_comments("rest", THREE_PER_COMMENT)
    (plain,) = make_comments("calm", [PLAIN_TEXT])
    for page in ("", "edit/"):
        other = load_structure(client, f"{plain.get_absolute_url()}{page}")
        for row in hostile:
            assert_same_structure(load_structure(client, f"{row.get_absolute_url()}{page}"), other)
    assert "nofollow ugc" not in page_text(client.get(hostile[-1].get_absolute_url()))


def test_admin_shows_hostile_markup_as_text(client) -> None:
    hostile = make_comments("rest", THREE_PER_COMMENT)
    client.force_login(make_staff())
    listing = reverse("admin:consultations_comment_changelist")
    pages = [reverse("admin:consultations_comment_change", args=[row.pk]) for row in hostile[::3]]
    for page in [f"{listing}?status=waiting", *pages]:
        structure = PageStructure(page_text(client.get(page)))
        assert [n for _tag, names in structure.elements for n in names if n.startswith("on")] == []
        tags = {tag for tag, _names in structure.elements}
        assert not tags & {"iframe", "object", "embed", "style", "base", "marquee", "video", "math"}
        assert ("script", ()) not in structure.elements
        assert not structure.leads & {"javascript:", "data:", "//x.example"}


def test_emails_contain_no_hostile_markup() -> None:
    staff = make_staff()
    hostile = make_comments("rest", THREE_PER_COMMENT[::3])
    for row in hostile:
        workflow.approve_comment(row, by=staff, now=NOW)
        workflow.reply_to_comment(row, text=ACTIVE_MARKUP[0], by=staff, now=NOW)
    mails = OutgoingEmail.objects.exclude(message="comments_waiting")
    assert len(mails) == 2 * len(hostile)
    for mail in mails:
        whole = f"{mail.subject}{mail.text}{mail.html}".lower()
        for sign in ("alert(", "<script", "onerror", "x.example", "javascript:"):
            assert sign not in whole


def test_redisplayed_form_escapes_hostile_markup(client) -> None:
    make_article(slug="rest")
    for _name, text in THREE_PER_COMMENT:
        first, second, third = [*text.split(" "), "x", "x"][:3]
        answers = {"name": "\x1b" + first, "email": second, "parent": third, "website": first}
        page = client.post(
            f"{ARTICLE_URL}comments/", comment_form_data(text=text, opened=second, **answers)
        )
        assert page.status_code == 422
        structure = PageStructure(page.content.decode())
        assert [n for _tag, names in structure.elements for n in names if n.startswith("on")] == []
        assert "javascript:" not in structure.leads
        assert ("script", ()) not in structure.elements
        assert f">\n{escape(text)}" in page.content.decode()
    assert not Comment.objects.exists()
