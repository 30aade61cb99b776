"""Every hostile text through the import, into each of its doors, and out on every page."""

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
    BLOG,
    wp_author,
    wp_category,
    wp_comment,
    wp_item,
    wp_tag,
    wxr,
)
from tests.hostile_markup import HIT, HOSTILE
from tests.pages.text.test_hostile_markup import ALL, wrong_in

pytestmark = pytest.mark.django_db
# What WordPress' own markup would carry into a page.
WRAPPED = [
    '[caption width="1" caption="{0}"]<img src=x onerror=hit()>{0}[/caption]',
    "[gallery ids='{0}']",
    '[youtube="{0}"]',
    "[embed]javascript:hit()//{0}[/embed]",
    "[audio src='javascript:hit()']",
    '[et_pb_button button_url="javascript:hit()" button_text="{0}"]',
    '[vc_raw_html]PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==[/vc_raw_html]',
    '[et_pb_text title="{0}"]{0}[/et_pb_text]',
    '<!-- wp:html -->{0}<!-- /wp:html -->',
    '<!-- wp:embed {{"url":"javascript:hit()"}} -->{0}<!-- /wp:embed -->',
    '<!-- wp:cover {{"url":"x\\u0022 onerror=\\u0022hit()"}} -->{0}<!-- /wp:cover -->',
    '<!-- wp:social-link {{"url":"https://a/\\u0022onclick=\\u0022hit()","label":"{0}"}} /-->',
    "[code]{0}[/code]",
]  # fmt: skip
NEVER = {"iframe", "object", "embed", "base", "frame", "frameset", "math", "foreignobject"}
DATA = {"application/ld+json", "application/json", "importmap"}
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "poster", "data"}
ELSEWHERE = re.compile(r"\s*(?:javascript|vbscript|data:text|//elsewhere)", re.I)


class Active(HTMLParser):
    """What of a whole page would run, or fetch from a stranger."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in NEVER:
            self.found.append(tag)
        if tag == "script" and values.get("type") not in DATA:
            is_ours = re.match(r"/(?:static|admin/jsi18n)/", values.get("src", ""))
            self.found += [] if is_ours else ["script"]
        for name, value in values.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"{tag} {name}={value}")
            if name in ADDRESSES and ELSEWHERE.match(value):
                self.found.append(f"{tag} {name}={value}")


def active_in(page: str) -> list[str]:
    reader = Active()
    reader.feed(page)
    reader.close()
    return reader.found


def test_the_reader_sees_what_is_active() -> None:
    for html in (f"<p onclick={HIT}>", "<script>x</script>", "<a href=' javascript:x'>", "<base>"):
        assert active_in(html)


def hostile_export() -> bytes:
    said = HOSTILE[0]
    head = [
        wp_author(ALL[:200], ALL[:300], "x@example.com"),
        wp_category(said, ALL[:120], parent=ALL[:40]),
        wp_tag(ALL[:60], ALL[:120]),
    ]
    items = [wp_item(n, f"T {n}", html, slug=f"t-{n}") for n, html in enumerate(HOSTILE, 1)]
    items += [
        wp_item(
            n, f"W {n}", html.format(HOSTILE[n % len(HOSTILE)].replace('"', "'")), slug=f"w-{n}"
        )
        for n, html in enumerate(WRAPPED, 1001)
    ]
    items.append(
        wp_item(
            2001, ALL, ALL, slug="all", excerpt=ALL, creator=ALL[:200], link=f"{BLOG}/{said}",
            terms=[("category", said, ALL[:200]), ("post_tag", "tag", ALL[:200])],
            meta={"_yoast_wpseo_title": ALL[:400], "_yoast_wpseo_metadesc": ALL[:900],
                  "footnotes": '[{"content":"<img src=x onerror=hit()>"}]'},
            comments=[
                wp_comment(n, f"Words. {html}", name=html, email=html, kind="comment")
                for n, html in enumerate(HOSTILE, 1)
            ],
        )
    )  # fmt: skip
    items.append(wp_item(2002, ALL, ALL, kind="page", slug="whole", excerpt=ALL))
    items.append(wp_item(2003, "Draft", ALL, slug="draft", status="draft"))
    items.append(
        wp_item(2004, ALL, kind="attachment", status="inherit", attachment_url=f"javascript:{HIT}")
    )
    return wxr(*head, *items)


def test_nothing_runs_wherever_it_stood_in_the_file(tmp_path: Path, client, admin_client) -> None:
    make_practice()
    file = tmp_path / "export.xml"
    file.write_bytes(hostile_export())
    run_import(file, ImportOptions(), now=timezone.now())
    assert Article.objects.count() == len(HOSTILE) + len(WRAPPED) + 2
    for row in [*Article.objects.all(), *FreePage.objects.all()]:
        assert wrong_in(row.body) == [], row.slug
    assert Comment.objects.count() == len(HOSTILE)
    whole, page = Article.objects.get(slug="all"), FreePage.objects.get()
    draft = Article.objects.get(slug="draft")
    paths = [
        *(f"/articles/w-{n}/" for n in range(1001, 1001 + len(WRAPPED))),
        whole.get_absolute_url(), page.get_absolute_url(), previews.link_for(draft),
        whole.category.get_absolute_url(), whole.tags.get().get_absolute_url(),
        "/articles/", "/articles/2024/", "/search/?q=onerror", "/sitemap.xml",
    ]  # fmt: skip
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert active_in(answer.content.decode()) == [], path
    for feed in ("/articles/feed/rss/", "/articles/feed/atom/"):
        elements = ElementTree.fromstring(client.get(feed).content).iter()
        texts = [one.text or "" for one in elements if one.tag.endswith(("encoded", "content"))]
        assert len(texts) > 10
        assert [active_in(text) for text in texts if active_in(text)] == []
    for path in (
        "article/", f"article/{whole.pk}/change/", f"article/{draft.pk}/change/",
        f"freepage/{page.pk}/change/", "category/", "tag/",
    ):  # fmt: skip
        answer = admin_client.get(f"/admin/pages/{path}")
        assert answer.status_code == 200, path
        assert active_in(answer.content.decode()) == [], path
