"""The desk shows hostile text of visitors and colleagues as plain text."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from consultations.comments import workflow
from consultations.comments.models import Comment
from tests.consultations.comments.moderation.helpers import (
    QUEUE_URL,
    admin_url,
    submit_action,
    visible_text,
)
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db

HOSTILE_TEXTS = [
    "<script>alert(1)</script>",
    '"><script src=//evil.example/x.js></script>',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "`onload=alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>press</a>",
    "<form action=//evil.example><button>Approve</button></form>",
    "<button name=do value=approve:1>Approve</button>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ request.user }}{% debug %}",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<xss style=x:expression(alert(1)) contenteditable>",
    "<details open ontoggle=alert(1)>",
    "]]><script>alert(1)</script>",
    "<input type=hidden name=seen value=x>",
]


def batch_texts(shapes: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    whole = [*shapes, *shapes[:size]]  # pad the last batch to the full size
    return (whole[at : at + size] for at in range(0, len(shapes), size))


class ElementCollector(HTMLParser):
    """Collect every element with its attributes, as a browser would build it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _value in attrs))))


def collect_elements(response) -> list[tuple[str, tuple[str, ...]]]:
    reader = ElementCollector()
    reader.feed(response.content.decode())
    return reader.found


def load_all_pages(client, comment: Comment, reply: str) -> dict[str, Any]:
    """Load every page of the desk that shows this comment."""
    event = comment.events.newest_first()[0]
    session = client.session
    session.pop("comments_outcome", None)  # the outcome of the last action is shown on every page
    session.save()
    return {
        "queue": client.get(QUEUE_URL, {"status": comment.status}),
        "detail": client.get(admin_url("change", comment)),
        "revealed": client.post(admin_url("reveal", comment)),
        "reply": client.get(admin_url("reply", comment)),
        "reply, warned": client.post(
            admin_url("reply", comment), {"text": f"Our session. {reply}", "press": "publish"}
        ),
        "reply, neutral": client.post(
            admin_url("reply", comment), {"text": f"Our session. {reply}", "press": "neutral"}
        ),
        "redact": client.get(admin_url("redact", comment)),
        "redact, shown": client.post(admin_url("redact", comment), {"text": reply, "preview": "1"}),
        "erase": client.get(admin_url("erase", comment)),
        "search": client.post(admin_url("search"), {"q": reply}),
        "undone": client.post(admin_url("undo"), {"event": event.pk}, follow=True),
    }


def make_hostile_thread(shapes: Sequence[str]) -> Comment:
    """Make a thread with a redaction and a hostile text in every field; the last text has all."""
    article, above = make_article(), None
    for shape in shapes[1:]:
        above = make_comment(
            article=article, parent=above, name=shape, text=f"Above {shape}", approved=True
        )
        workflow.redact_comment(above, text=f"Redacted {shape}", by=None, now=NOW)
    comment = make_comment(
        article=article,
        parent=above,
        name=shapes[0],
        email="a@mail.example",
        text="\n\n".join(f"{shape}\nlast" for shape in shapes),
    )
    # Screening puts some of these into spam; compare all of them in one folder.
    same: dict[str, Any] = {
        "status": "waiting",
        "suspicions": [],
        "score": None,
        "read_first": False,
    }
    Comment.objects.filter(pk=comment.pk).update(**same)
    comment.refresh_from_db()
    return comment


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    return client


def test_hostile_text_adds_no_elements(staff) -> None:
    harmless = load_all_pages(staff, make_hostile_thread(["plain"] * 4), "plain")
    plain = {name: collect_elements(page) for name, page in harmless.items()}
    assert len(plain) == 11
    for group in batch_texts(HOSTILE_TEXTS, 4):
        Comment.objects.all().delete()
        for name, page in load_all_pages(
            staff, make_hostile_thread(group), " ".join(group)
        ).items():
            assert page.status_code < 500, (name, group)
            # The same elements and attributes as the page with harmless text.
            elements, expected = collect_elements(page), plain[name]
            if name in ("search", "reply, warned", "reply, neutral"):
                # The number of marks depends on the text; their kinds do not.
                allowed = {*expected, ("mark", ()), ("p", ("class", "id"))}
                assert set(elements) <= allowed, group
            else:
                assert elements == expected, (name, group)


def test_element_collector_detects_injected_element() -> None:
    reader = ElementCollector()
    reader.feed("<p>x<img src=x onerror=alert(1)></p>")
    assert ("img", ("onerror", "src")) in reader.found


@pytest.mark.parametrize(
    "words",
    [
        "🙂" * 5000,
        "שלום " * 500,
        "e\u0301\u0323" * 1000,
        "\u200b\u200d" * 100 + "x",
        "x" * 5000,
        "a\n" * 2000,
        "\u2066\u2069" * 50 + "y",
    ],
    ids=["emoji", "right to left", "combining", "zero width", "one word", "lines", "isolates"],
)
def test_long_and_unusual_text_is_shown_in_full(staff, words) -> None:
    comment = make_comment(text=words, name=words[:80].replace("\n", " "))
    page = staff.get(QUEUE_URL)
    assert 'dir="auto"' in page.content.decode()
    for line in words.strip().split("\n")[:2]:
        assert line.strip() in page.content.decode()
    for name in ("change", "reply", "redact"):
        assert staff.get(admin_url(name, comment)).status_code == 200
    submit_action(staff, "approve", comment)
    assert Comment.objects.get().status == "approved"


def test_page_titles_and_urls_contain_no_personal_data(staff) -> None:
    comment = make_comment(name="Xanthippe", text="Featherword")
    for name in ("change", "reply", "redact", "erase"):
        page = staff.get(admin_url(name, comment))
        title = page.content.decode().split("<title>")[1].split("</title>")[0]
        assert "Xanthippe" not in title
        assert "Featherword" not in title
        assert "Xanthippe" not in page.request["PATH_INFO"]
    assert "Xanthippe" in visible_text(staff.get(QUEUE_URL))
