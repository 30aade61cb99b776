"""Hostile markup in every part of an import must be harmless on every page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from consultations.comments.models import Comment
from consultations.transfer.import_wordpress import ImportOptions, run_import
from pages.articles.models import Article
from pages.publishing import previews
from pages.site_pages.models import FreePage
from tests.factories.pages import make_practice
from tests.factories.wordpress import (
    BLOG_URL,
    wp_author,
    wp_category,
    wp_comment,
    wp_item,
    wp_tag,
    wxr_file,
)
from tests.hostile_markup import HOSTILE_MARKUP, SCRIPT_CALL
from tests.pages.text.test_hostile_markup import ALL_HOSTILE_HTML, find_unsafe_markup

pytestmark = pytest.mark.django_db
# WordPress markup that could carry hostile text into a page.
SHORTCODE_TEMPLATES = [
    '[caption width="1" caption="{0}"]<img src=x onerror=hit()>{0}[/caption]',
    "[gallery ids='{0}']",
    '[youtube="{0}"]',
    "[embed]javascript:hit()//{0}[/embed]",
    "[audio src='javascript:hit()']",
    '[et_pb_button button_url="javascript:hit()" button_text="{0}"]',
    "[vc_raw_html]PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==[/vc_raw_html]",
    '[et_pb_text title="{0}"]{0}[/et_pb_text]',
    "<!-- wp:html -->{0}<!-- /wp:html -->",
    '<!-- wp:embed {{"url":"javascript:hit()"}} -->{0}<!-- /wp:embed -->',
    '<!-- wp:cover {{"url":"x\\u0022 onerror=\\u0022hit()"}} -->{0}<!-- /wp:cover -->',
    '<!-- wp:social-link {{"url":"https://a/\\u0022onclick=\\u0022hit()","label":"{0}"}} /-->',
    "[code]{0}[/code]",
]
FORBIDDEN_TAGS = {"iframe", "object", "embed", "base", "frame", "frameset", "math", "foreignobject"}
DATA_SCRIPT_TYPES = {"application/ld+json", "application/json", "importmap"}
URL_ATTRIBUTES = {"href", "src", "srcset", "action", "formaction", "poster", "data"}
UNSAFE_URL_PATTERN = re.compile(r"\s*(?:javascript|vbscript|data:text|//elsewhere)", re.I)


class ActiveContentParser(HTMLParser):
    """Collect everything in a page that would run code or load from another host."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in FORBIDDEN_TAGS:
            self.found.append(tag)
        if tag == "script" and values.get("type") not in DATA_SCRIPT_TYPES:
            is_ours = re.match(r"/(?:static|admin/jsi18n)/", values.get("src", ""))
            self.found += [] if is_ours else ["script"]
        for name, value in values.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"{tag} {name}={value}")
            if name in URL_ATTRIBUTES and UNSAFE_URL_PATTERN.match(value):
                self.found.append(f"{tag} {name}={value}")


def find_active_content(page: str) -> list[str]:
    reader = ActiveContentParser()
    reader.feed(page)
    reader.close()
    return reader.found


def test_parser_detects_active_content() -> None:
    for html in (
        f"<p onclick={SCRIPT_CALL}>",
        "<script>x</script>",
        "<a href=' javascript:x'>",
        "<base>",
    ):
        assert find_active_content(html)


def hostile_export() -> bytes:
    said = HOSTILE_MARKUP[0]
    head = [
        wp_author(ALL_HOSTILE_HTML[:200], ALL_HOSTILE_HTML[:300], "x@example.com"),
        wp_category(said, ALL_HOSTILE_HTML[:120], parent=ALL_HOSTILE_HTML[:40]),
        wp_tag(ALL_HOSTILE_HTML[:60], ALL_HOSTILE_HTML[:120]),
    ]
    items = [wp_item(n, f"T {n}", html, slug=f"t-{n}") for n, html in enumerate(HOSTILE_MARKUP, 1)]
    items += [
        wp_item(
            n,
            f"W {n}",
            html.format(HOSTILE_MARKUP[n % len(HOSTILE_MARKUP)].replace('"', "'")),
            slug=f"w-{n}",
        )
        for n, html in enumerate(SHORTCODE_TEMPLATES, 1001)
    ]
    items.append(
        wp_item(
            2001,
            ALL_HOSTILE_HTML,
            ALL_HOSTILE_HTML,
            slug="all",
            excerpt=ALL_HOSTILE_HTML,
            creator=ALL_HOSTILE_HTML[:200],
            link=f"{BLOG_URL}/{said}",
            terms=[
                ("category", said, ALL_HOSTILE_HTML[:200]),
                ("post_tag", "tag", ALL_HOSTILE_HTML[:200]),
            ],
            meta={
                "_yoast_wpseo_title": ALL_HOSTILE_HTML[:400],
                "_yoast_wpseo_metadesc": ALL_HOSTILE_HTML[:900],
                "footnotes": '[{"content":"<img src=x onerror=hit()>"}]',
            },
            comments=[
                wp_comment(n, f"Words. {html}", name=html, email=html, kind="comment")
                for n, html in enumerate(HOSTILE_MARKUP, 1)
            ],
        )
    )
    items.append(
        wp_item(
            2002,
            ALL_HOSTILE_HTML,
            ALL_HOSTILE_HTML,
            kind="page",
            slug="whole",
            excerpt=ALL_HOSTILE_HTML,
        )
    )
    items.append(wp_item(2003, "Draft", ALL_HOSTILE_HTML, slug="draft", status="draft"))
    items.append(
        wp_item(
            2004,
            ALL_HOSTILE_HTML,
            kind="attachment",
            status="inherit",
            attachment_url=f"javascript:{SCRIPT_CALL}",
        )
    )
    return wxr_file(*head, *items)


def test_imported_pages_contain_no_active_content(tmp_path: Path, client, admin_client) -> None:
    make_practice()
    file = tmp_path / "export.xml"
    file.write_bytes(hostile_export())
    run_import(file, ImportOptions(), now=timezone.now())
    assert Article.objects.count() == len(HOSTILE_MARKUP) + len(SHORTCODE_TEMPLATES) + 2
    for row in [*Article.objects.all(), *FreePage.objects.all()]:
        assert find_unsafe_markup(row.body) == [], row.slug
    assert Comment.objects.count() == len(HOSTILE_MARKUP)
    whole, page = Article.objects.get(slug="all"), FreePage.objects.get()
    draft = Article.objects.get(slug="draft")
    paths = [
        *(f"/articles/w-{n}/" for n in range(1001, 1001 + len(SHORTCODE_TEMPLATES))),
        whole.get_absolute_url(),
        page.get_absolute_url(),
        previews.preview_url(draft),
        whole.category.get_absolute_url(),
        whole.tags.get().get_absolute_url(),
        "/articles/",
        "/articles/2024/",
        "/search/?q=onerror",
        "/sitemap.xml",
    ]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert find_active_content(answer.content.decode()) == [], path
    for feed in ("/articles/feed/rss/", "/articles/feed/atom/"):
        elements = ElementTree.fromstring(client.get(feed).content).iter()
        texts = [one.text or "" for one in elements if one.tag.endswith(("encoded", "content"))]
        assert len(texts) > 10
        assert [find_active_content(text) for text in texts if find_active_content(text)] == []
    for path in (
        "article/",
        f"article/{whole.pk}/change/",
        f"article/{draft.pk}/change/",
        f"freepage/{page.pk}/change/",
        "category/",
        "tag/",
    ):
        answer = admin_client.get(f"/admin/pages/{path}")
        assert answer.status_code == 200, path
        assert find_active_content(answer.content.decode()) == [], path
