"""Tests that no active content survives the cleaner, on any way into or out of the database."""

import random
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Browser

from pages.articles.models import Article
from pages.publishing import previews, revisions, snapshots, workflow
from pages.publishing.models import ReusableBlock, Status
from pages.site_pages.models import FreePage, SitePage
from pages.text.cleaning import clean_html
from tests.factories.pages import make_article, make_category, make_practice, make_question
from tests.hostile_markup import ALLOWED_ATTRIBUTES, HOSTILE_MARKUP, SCRIPT_CALL

SAFE_HREF_RE = re.compile(
    r"(?:https?://[^/\\]|mailto:|tel:|/(?![/\\])|[#?]|[^:/\\?#]+(?:[/?#]|$))", re.I
)
ALLOWED_CLASS_RE = re.compile(r"callout callout-(note|tip|care)")
# Tags that would make everything after them inert.
SWALLOWING_TAG_RE = re.compile(
    r"<(?:plaintext|textarea|xmp|title|noembed|noscript|iframe|template)", re.I
)
# All hostile markup in one text, except what would hide the rest.
ALL_HOSTILE_HTML = "".join(
    f"<div>{html}</div></table></select></svg></math>"
    for html in HOSTILE_MARKUP
    if not SWALLOWING_TAG_RE.search(html) and "\0" not in html
)


class UnsafeMarkupParser(HTMLParser):
    """Collect everything that is not allowed, independently of the cleaner."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in ALLOWED_ATTRIBUTES.get(tag, ()):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "href" and not SAFE_HREF_RE.match(value or ""):
                self.wrong.append(f"href={value}")
            if name == "class" and not re.fullmatch(
                r"callout callout-(note|tip|care)", value or ""
            ):
                self.wrong.append(f"class={value}")
        if tag not in ALLOWED_ATTRIBUTES:
            self.wrong.append(tag)

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"instruction {data}")


def find_unsafe_markup(html: str) -> list[str]:
    inspector = UnsafeMarkupParser()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


@pytest.mark.parametrize("html", HOSTILE_MARKUP)
def test_hostile_markup_is_neutralized(html: str) -> None:
    cleaned = clean_html(html)
    assert find_unsafe_markup(cleaned) == []
    assert clean_html(cleaned) == cleaned


def test_unsafe_markup_parser_detects_problems() -> None:
    for bad in (
        f"<p onclick={SCRIPT_CALL}>",
        "<svg>",
        "<a href='javascript:x'>",
        "<a href='//x'>",
        "<!--x-->",
    ):
        assert find_unsafe_markup(bad)


def test_random_hostile_combinations_stay_clean() -> None:
    """Join the beginnings of random hostile snippets, 500 times."""
    chance = random.Random(7)
    for _number in range(500):
        pieces = [chance.choice(HOSTILE_MARKUP) for _piece in range(chance.randint(2, 4))]
        html = "".join(piece[: chance.randint(1, len(piece))] for piece in pieces)
        cleaned = clean_html(html)
        assert find_unsafe_markup(cleaned) == [], html
        assert clean_html(cleaned) == cleaned, html


@pytest.mark.browser
def test_cleaned_markup_is_inert_in_browser(chromium: Browser) -> None:
    """Load the markup into a real browser on a page without a CSP.

    No script may run, and the browser may find only allowed elements and attributes, even after
    parsing its own output again.
    """
    page = chromium.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.set_content(
        "<!doctype html><div id=box></div><script>window.hits = 0; function hit() "
        "{ window.hits += 1; }</script>"
    )
    result = page.evaluate(
        """async ({texts, allowed}) => {
            const box = document.getElementById("box"), wrong = [];
            for (const text of texts) {
                for (let round = 0; round < 2; round += 1) {
                    box.innerHTML = round ? box.innerHTML : text;
                    for (const element of box.querySelectorAll("*")) {
                        const names = allowed[element.localName];
                        if (!names || element.namespaceURI !== "http://www.w3.org/1999/xhtml") {
                            wrong.push(text);
                        }
                        for (const {name} of element.attributes) {
                            if (!names?.includes(name)) wrong.push(`${name} in ${text}`);
                        }
                        if (/^(javascript|data|vbscript|blob|file)/.test(element.protocol ?? "")) {
                            wrong.push(element.href);
                        }
                        // A link would lead away; where to, was looked at.
                        if (element.localName !== "a") element.click();
                    }
                }
            }
            await new Promise((done) => setTimeout(done, 50));
            return {wrong, hits: window.hits};
        }""",
        {
            "texts": [clean_html(html) for html in HOSTILE_MARKUP],
            "allowed": {tag: sorted(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        },
    )
    page.close()
    assert result == {"wrong": [], "hits": 0}
    assert [url for url in requested if "elsewhere" in url] == []


def main_content(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.django_db
def test_all_write_and_output_paths_are_clean(client, admin_client) -> None:
    make_practice()
    category = make_category()
    admin_client.post(
        "/admin/pages/article/add/",
        {
            "title": "a",
            "slug": "editor",
            "body": ALL_HOSTILE_HTML,
            "references": ALL_HOSTILE_HTML,
            "category": category.pk,
            "_publish": "x",
        },
    )
    make_article(slug="created", body=ALL_HOSTILE_HTML, references=ALL_HOSTILE_HTML)
    Article.objects.bulk_create(
        [
            Article(
                slug="bulk",
                title="b",
                body=ALL_HOSTILE_HTML,
                category=category,
                status=Status.PUBLISHED,
                published_at=timezone.now(),
            )
        ]
    )
    updated = make_article(slug="updated")
    Article.objects.filter(pk=updated.pk).update(body=ALL_HOSTILE_HTML)
    Article.objects.update_or_create(
        slug="upserted",
        defaults={
            "title": "c",
            "body": ALL_HOSTILE_HTML,
            "category": category,
            "status": Status.PUBLISHED,
        },
    )
    FreePage.objects.create(title="d", slug="free", body=ALL_HOSTILE_HTML, status=Status.PUBLISHED)
    SitePage.objects.create(key="terms", title="e", body=ALL_HOSTILE_HTML)
    ReusableBlock.objects.create(name="f", slug="mine", body=ALL_HOSTILE_HTML)
    make_question(answer=ALL_HOSTILE_HTML)
    make_article(slug="with-block", body="<p>[[mine]]</p><p>[[questions]]</p>")
    waiting = make_article(slug="waiting")
    waiting.body = ALL_HOSTILE_HTML
    user = get_user_model().objects.get()
    workflow.save_draft_change(waiting, related={}, by=user, now=timezone.now())
    for article in Article.objects.all():
        assert find_unsafe_markup(article.body) == [], article.slug
    row = revisions.pending_revision(waiting)
    assert row is not None
    assert find_unsafe_markup(snapshots.read_snapshot(row.snapshot)["body"]) == []
    paths = [
        f"/articles/{slug}/"
        for slug in ("editor", "created", "bulk", "updated", "upserted", "with-block")
    ]
    for path in [*paths, "/free/", "/terms/", "/faq/", previews.preview_url(waiting)]:
        page = client.get(path)
        assert page.status_code == 200, path
        html = main_content(page.content.decode())
        assert not re.search(r"<script|<iframe|<style|<object|<embed|<math|<meta|<base", html), path
        assert not re.search(r"<[^>]+\s(?:on\w+|style|srcdoc|formaction)=", html), path
        assert not re.search(r"<[^>]+(?:href|src|srcset)=[\"']?\s*(?:javascript|data|//)", html), (
            path
        )
    for feed in ("/articles/feed/atom/", "/articles/feed/rss/"):
        content = client.get(feed).content.decode()
        assert not re.search(r"&lt;(?:script|iframe|svg|img|style)\b", content)
    edit = admin_client.get(f"/admin/pages/article/{updated.pk}/change/").content.decode()
    assert "<script>hit" not in edit
    assert f"onerror={SCRIPT_CALL}" not in edit.replace("&lt;img src=x onerror", "")
