"""Hostile names and titles break no page, feed, JSON-LD block or email."""

import email
import json
import xml.etree.ElementTree as ET
from email import policy
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import call_command

from consultations.comments.models import Comment
from consultations.comments.workflow import approve_comment
from consultations.outbox.models import OutgoingEmail
from pages.articles.models import Article, Category, Tag
from pages.practice.models import (
    FrequentQuestion,
    Licence,
    PracticeProfile,
    Practitioner,
    Service,
)
from tests.factories.pages import PUBLISHED_AT, make_whole_site
from tests.hostile_inputs import COMMENT_DATA, CONSULTATION_DATA, DETAILS_PATH

HOSTILE_NAMES = [
    '</script><script>alert(1)</script><b onclick="a()">"Quiet" & \'Room\'</b>',
    "Quiet\r\nBcc: eve@example.com\r\n\r\n<p>Room",
    'x" onmouseover="alert(1)" y=\'z\' --> ]]> <!-- <style>',
    "{{ 7|add:7 }}{% debug %} {practice_email} %(days)s %s",
    "Line\u2028separators\u2029and\u202eoverrides\x0b\x1b[31m",
    "心の部屋 👩‍👩‍👧 مكتب العلاج ﷽",
    "\\u003cscript\\u003e \\\\ \\n",
]
PAGE_PATHS = [
    "/",
    "/about/",
    "/about/robin/",
    "/services/",
    "/services/counselling/",
    "/fees/",
    "/faq/",
    "/contact/",
    "/articles/",
    "/articles/reading-2/",
    "/articles/category/daily-life/",
    "/articles/tag/sleep/",
    "/search/?q=reading",
    "/consultation/",
    DETAILS_PATH,
    "/privacy/",
    "/terms/",
    "/nowhere/",
]
FEED_PATHS = ["/articles/feed/rss/", "/articles/feed/atom/", "/sitemap.xml"]


NAMED_COLUMNS: dict[Any, list[str]] = {
    PracticeProfile: ["name", "tagline", "discreet_name", "area_served"],
    Practitioner: ["name", "discreet_name", "role"],
    Service: ["title", "summary"],
    Article: ["title", "summary"],
    Category: ["name", "summary"],
    Tag: ["name"],
    Licence: ["title", "board", "number"],
    FrequentQuestion: ["question"],
}


def truncate_to_column(words: str, model: Any, column: str) -> str:
    return words[: model._meta.get_field(column).max_length]


class TagCollector(HTMLParser):
    """Collects the tags, attributes and JSON-LD blocks that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[dict[str, str | None]] = []
        self.blocks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        is_block = self.scripts and self.tags[-1] == "script"
        if is_block and self.scripts[-1].get("type") == "application/ld+json":
            self.blocks.append(data)


def parse_tags(html: str) -> TagCollector:
    parser = TagCollector()
    parser.feed(html)
    parser.close()
    return parser


@pytest.fixture(params=HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def hostile_name(request, db, settings):
    """Store a hostile name in every column that holds a name or a title."""
    words: str = request.param
    settings.RATE_LIMIT_SCALE = 0
    make_whole_site()
    for model, columns in NAMED_COLUMNS.items():
        # update() skips validation, like an import or an older version of the form.
        model.objects.update(
            **{column: truncate_to_column(words, model, column) for column in columns}
        )
    return words


def test_hostile_names_add_no_tags_or_attributes(hostile_name, client):
    for path in PAGE_PATHS:
        page = parse_tags(client.get(path, follow=True).content.decode())
        assert not {"b", "style"} & set(page.tags), path
        assert [name for name in page.attributes if name.startswith("on")] == [], path
        known = [s for s in page.scripts if s.get("src") or s.get("type") == "application/ld+json"]
        assert page.scripts == known, path
        assert page.tags.count("title") - page.tags.count("svg") <= 1
        assert page.tags.count("h1") == 1, path


def test_template_syntax_in_names_is_not_evaluated(hostile_name, client):
    page = client.get("/").content.decode()
    assert "14{%" not in page
    if "{{" in hostile_name:
        assert "{{ 7|add:7 }}{% debug %}" in page


def test_structured_data_is_valid_json_with_the_exact_name(hostile_name, client):
    block = parse_tags(client.get("/articles/reading-2/").content.decode()).blocks
    graph = json.loads(block[0])["@graph"]
    assert truncate_to_column(hostile_name, Article, "title") in [
        entity.get("headline") for entity in graph
    ]
    assert truncate_to_column(hostile_name, PracticeProfile, "name") in [
        entity.get("name") for entity in graph
    ]


@pytest.mark.parametrize("path", FEED_PATHS)
def test_feeds_stay_well_formed_xml(hostile_name, client, path):
    root = ET.fromstring(client.get(path).content)
    assert len(list(root.iter())) > 5


def test_feed_title_keeps_only_printable_characters(hostile_name, client):
    titles = [
        title.text or "" for title in ET.fromstring(client.get(FEED_PATHS[0]).content).iter("title")
    ]
    visible = "".join(
        c if c.isprintable() else " " for c in truncate_to_column(hostile_name, Article, "title")
    ).split()
    assert any(title.split() == visible for title in titles)


@pytest.fixture
def sent_emails(hostile_name, client, settings, tmp_path):
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert client.post(DETAILS_PATH, CONSULTATION_DATA).status_code == 303
    assert client.post("/articles/reading-2/comments/", COMMENT_DATA).status_code == 303
    call_command("worker", "--once")
    return [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in tmp_path.glob("*.eml")
    ]


def test_emails_have_one_recipient_and_no_injected_headers(sent_emails):
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"sent"}
    assert len(sent_emails) >= 3
    for mail in sent_emails:
        assert not {"Bcc", "Cc"} & set(mail.keys())
        assert [len(mail.get_all(head) or []) for head in ("To", "From", "Subject")] == [1, 1, 1]
        assert len(mail["To"].addresses) == 1
        assert len(mail["From"].addresses) == 1
        assert mail["From"].addresses[0].addr_spec == "hello@quietroom.example.com"
        page = parse_tags(mail.get_body(("html",)).get_content())
        assert not {"b", "script"} & set(page.tags)
        assert [name for name in page.attributes if name.startswith("on")] == []
        # The one style sheet of the template, before anything a name could add.
        assert page.tags.count("style") == 1
        assert page.tags.index("style") < page.tags.index("body")


def test_commenter_name_is_escaped(hostile_name, client):
    comment = Comment.objects.create(
        article=Article.objects.get(slug="reading-2"),
        name=hostile_name[:80],
        text=f"{hostile_name}\n\nsecond",
        created_at=PUBLISHED_AT,
        status_changed_at=PUBLISHED_AT,
    )
    approve_comment(comment, by=None, now=PUBLISHED_AT)
    page = parse_tags(client.get("/articles/reading-2/").content.decode())
    assert not {"b", "style"} & set(page.tags)
    assert [name for name in page.attributes if name.startswith("on")] == []
