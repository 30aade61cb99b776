"""Nothing active gets through the cleaner, by whichever way a text comes in or goes out."""

import random
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Browser

from pages.articles.models import Article
from pages.publishing import previews, revisions, snapshots, workflow
from pages.publishing.blocks import ReusableBlock
from pages.publishing.models import Status
from pages.site_pages.models import FreePage, SitePage
from pages.text.cleaning import clean_html
from tests.factories.pages import make_article, make_category, make_practice, make_question
from tests.hostile_markup import ALLOWED, HIT, HOSTILE

LINK = re.compile(r"(?:https?://[^/\\]|mailto:|tel:|/(?![/\\])|[#?]|[^:/\\?#]+(?:[/?#]|$))", re.I)
CLASS = re.compile(r"callout callout-(note|tip|care)")
# All in one text, but for those that make the rest of it plain words.
SWALLOWS = re.compile(r"<(?:plaintext|textarea|xmp|title|noembed|noscript|iframe|template)", re.I)
ALL = "".join(
    f"<div>{html}</div></table></select></svg></math>"
    for html in HOSTILE
    if not SWALLOWS.search(html) and "\0" not in html
)


class Inspector(HTMLParser):
    """Reads markup without the cleaner's help and says what does not belong there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in ALLOWED.get(tag, ()):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "href" and not LINK.match(value or ""):
                self.wrong.append(f"href={value}")
            if name == "class" and not re.fullmatch(
                r"callout callout-(note|tip|care)", value or ""
            ):
                self.wrong.append(f"class={value}")
        if tag not in ALLOWED:
            self.wrong.append(tag)

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"instruction {data}")


def wrong_in(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_active_is_left(html: str) -> None:
    cleaned = clean_html(html)
    assert wrong_in(cleaned) == []
    assert clean_html(cleaned) == cleaned


def test_the_inspector_sees_what_is_wrong() -> None:
    for bad in (
        f"<p onclick={HIT}>",
        "<svg>",
        "<a href='javascript:x'>",
        "<a href='//x'>",
        "<!--x-->",
    ):
        assert wrong_in(bad)


def test_joined_and_cut_pieces_stay_clean() -> None:
    """Halves of one trick behind the halves of another, five hundred times."""
    chance = random.Random(7)
    for _number in range(500):
        pieces = [chance.choice(HOSTILE) for _piece in range(chance.randint(2, 4))]
        html = "".join(piece[: chance.randint(1, len(piece))] for piece in pieces)
        cleaned = clean_html(html)
        assert wrong_in(cleaned) == [], html
        assert clean_html(cleaned) == cleaned, html


@pytest.mark.browser
def test_a_browser_makes_nothing_of_it(chromium: Browser) -> None:
    """A real parser, on a page without any policy: nothing runs, and nothing reads otherwise."""
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content("<!doctype html><div id=box></div><script>window.hits = 0; function hit() "
                     "{ window.hits += 1; }</script>")  # fmt: skip
    found = page.evaluate(
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
            "texts": [clean_html(html) for html in HOSTILE],
            "allowed": {tag: sorted(names) for tag, names in ALLOWED.items()},
        },
    )  # fmt: skip
    page.close()
    assert found == {"wrong": [], "hits": 0}
    assert [url for url in asked if "elsewhere" in url] == []


def main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.django_db
def test_every_way_in_and_every_way_out(client, admin_client) -> None:
    make_practice()
    category = make_category()
    admin_client.post(
        "/admin/pages/article/add/",
        {"title": "a", "slug": "editor", "body": ALL, "references": ALL, "category": category.pk,
         "_publish": "x"},
    )  # fmt: skip
    make_article(slug="created", body=ALL, references=ALL)
    Article.objects.bulk_create(
        [Article(slug="bulk", title="b", body=ALL, category=category, status=Status.PUBLISHED,
                 published_at=timezone.now())]
    )  # fmt: skip
    updated = make_article(slug="updated")
    Article.objects.filter(pk=updated.pk).update(body=ALL)
    Article.objects.update_or_create(slug="upserted", defaults={
        "title": "c", "body": ALL, "category": category, "status": Status.PUBLISHED})  # fmt: skip
    FreePage.objects.create(title="d", slug="free", body=ALL, status=Status.PUBLISHED)
    SitePage.objects.create(key="terms", title="e", body=ALL)
    ReusableBlock.objects.create(name="f", slug="mine", body=ALL)
    make_question(answer=ALL)
    make_article(slug="with-block", body="<p>[[mine]]</p><p>[[questions]]</p>")
    waiting = make_article(slug="waiting")
    waiting.body = ALL
    user = get_user_model().objects.get()
    workflow.keep_change(waiting, related={}, by=user, now=timezone.now())
    for article in Article.objects.all():
        assert wrong_in(article.body) == [], article.slug
    row = revisions.pending(waiting)
    assert row is not None
    assert wrong_in(snapshots.read(row.snapshot)["body"]) == []
    paths = [f"/articles/{slug}/" for slug in
             ("editor", "created", "bulk", "updated", "upserted", "with-block")]  # fmt: skip
    for path in [*paths, "/free/", "/terms/", "/faq/", previews.link_for(waiting)]:
        page = client.get(path)
        assert page.status_code == 200, path
        html = main(page.content.decode())
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
    assert f"onerror={HIT}" not in edit.replace("&lt;img src=x onerror", "")
