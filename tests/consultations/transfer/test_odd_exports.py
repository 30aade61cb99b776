"""Oddities in exports of old and patched sites, one each; damaged files are in test_export_file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consultations.comments.models import Comment
from consultations.transfer.import_wordpress import ImportOptions, run_import
from pages.articles.models import Article
from pages.publishing.models import Status
from pages.site_pages.models import FreePage
from tests.factories.pages import make_practice
from tests.factories.wordpress import BLOG_URL, wp_comment, wp_item, wxr_file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OLD_EXPORT = Path(__file__).with_name("old_export.xml")
ZERO_DATE = "0000-00-00 00:00:00"


@pytest.fixture
def bring(tmp_path: Path):
    def run(*parts: str):
        file = tmp_path / "export.xml"
        file.write_bytes(wxr_file(*parts))
        return run_import(file, ImportOptions(), now=NOW)

    make_practice(time_zone="America/New_York")
    return run


def test_wxr_0_9_export_is_imported(client):
    """WXR 0.9 has no version, authors or tags; categories by name; IDs only in the guid."""
    make_practice()
    run_import(OLD_EXPORT, ImportOptions(), now=NOW)
    article, draft = Article.objects.order_by("pk")
    assert (article.title, article.category.name) == ("About rest & work", "Rest & sleep")
    assert [row.name for row in article.more_categories.all()] == ["Loose"]
    assert article.body.startswith("<p>First line.</p><p>Second paragraph with <a href=")
    assert article.published_at == datetime(2006, 9, 30, 10, tzinfo=UTC)
    assert (draft.title, draft.status, draft.published_at) == ("Not yet", Status.DRAFT, None)
    comment = Comment.objects.get()
    assert (comment.article, comment.text) == (article, "Thanks & see you soon")
    for old in ("/?p=5", "/2006/09/30/about-rest/"):
        assert client.get(old)["Location"] == "/articles/about-rest/"
    assert client.get("/?p=6").status_code == 200  # the home page, which does not reveal the draft
    report = run_import(OLD_EXPORT, ImportOptions(), now=NOW)
    assert report.counts()["article same public"] == 1
    assert Article.objects.count() == 2


def test_invalid_dates_fall_back_to_import_time(bring, client):
    bring(
        wp_item(1, date=ZERO_DATE),
        wp_item(2, date=ZERO_DATE, status="draft"),
        wp_item(3, date="garbage"),
        wp_item(4, date="2024-02-30 10:00:00"),
        wp_item(5, date="2031-01-01 00:00:00"),
        wp_item(6, date="2031-01-01 00:00:00", status="future"),
        wp_item(7, date="1912-06-01 00:00:00"),
    )
    at = dict(Article.objects.values_list("slug", "published_at"))
    assert {slug for slug, when in at.items() if when == NOW} == {
        "item-1", "item-3", "item-4", "item-5", "item-7",
    }  # fmt: skip
    assert at["item-2"] is None
    assert at["item-6"] == datetime(2031, 1, 1, tzinfo=UTC)
    assert client.get("/articles/item-6/").status_code == 404
    assert client.get("/0000/").status_code == 404


def test_duplicate_empty_and_non_latin_slugs_are_resolved(bring, client):
    bring(
        wp_item(1, slug="same"),
        wp_item(2, slug="same"),
        wp_item(3, slug="Same"),
        wp_item(4, slug="same", kind="page"),
        wp_item(5, "Περί ύπνου", slug="", link=f"{BLOG_URL}/?p=5"),
        wp_item(
            6, "眠り", slug="%e7%9c%a0%e3%82%8a", link=f"{BLOG_URL}/2024/03/%e7%9c%a0%e3%82%8a/"
        ),
        wp_item(7, "", slug="", content="", link=f"{BLOG_URL}/?p=7"),
    )
    assert set(Article.objects.values_list("slug", flat=True)) == {
        "same", "same-2", "same-3", "peri-ypnoy", "article-6", "article-7",
    }  # fmt: skip
    assert FreePage.objects.get().path == "same"
    assert client.get("/2024/03/眠り/")["Location"] == "/articles/article-6/"
    for slug in Article.objects.values_list("slug", flat=True):
        assert client.get(f"/articles/{slug}/").status_code == 200


def test_missing_ids_are_derived_consistently(bring):
    def without_number(item: str) -> str:
        return item.replace("<wp:post_id>0</wp:post_id>", "").replace("/?p=0", "/lost")

    parts = [without_number(wp_item(0, f"Lost {n}", slug=f"lost-{n}")) for n in (1, 2)]
    parts.append(without_number(wp_item(0, "No address", slug="", link="")))
    parts.append(wp_item(9).replace("<wp:post_id>9<", "<wp:post_id>nine<"))
    bring(*parts)
    assert bring(*parts).counts()["article same public"] == 4
    assert Article.objects.count() == 4


def test_seo_texts_are_imported_but_not_seo_patterns(bring):
    bring(
        wp_item(
            1, excerpt="The summary.",
            meta={"_yoast_wpseo_title": "Rest &amp; more", "_yoast_wpseo_metadesc": "In a line."},
        ),
        wp_item(
            2, meta={"rank_math_title": "%title% %sep% %sitename%", "rank_math_description": "R."}
        ),
        wp_item(3, meta={"_yoast_wpseo_title": "%%title%% %%page%%", "_aioseo_title": "All in"}),
        wp_item(4, kind="page", meta={"_aioseo_title": "#post_title", "_aioseo_description": "P."}),
    )  # fmt: skip
    found = Article.objects.order_by("pk").values_list(
        "summary", "search_title", "search_description"
    )
    assert list(found) == [
        ("The summary.", "Rest & more", "In a line."),
        ("R.", "", ""),
        ("", "All in", ""),
    ]
    page = FreePage.objects.get()
    assert (page.search_title, page.search_description) == ("", "P.")


def test_many_comments_without_cdata_are_imported(bring, monkeypatch):
    monkeypatch.setattr("pages.wordpress.wxr.export_file.MAX_DAMAGE", 5)
    said = [
        wp_comment(n).replace("<![CDATA[A kind word.]]>", "A <b>kind</b> word & more")
        for n in range(1, 21)
    ]
    report = bring(wp_item(1, comments=said))
    assert report.damage == {"no_cdata": 20}
    assert {row.text for row in Comment.objects.all()} == {"A kind word & more"}


def test_site_in_a_subfolder_is_imported(tmp_path, client):
    make_practice()
    blog = f"{BLOG_URL}/blog"
    item = wp_item(
        7, "Rest", f'<p><a href="{blog}/?p=8">b</a></p>', slug="rest", link=f"{blog}/?p=7"
    )
    other = wp_item(8, slug="walks", link=f"{blog}/2024/03/walks/")
    file = tmp_path / "export.xml"
    file.write_bytes(wxr_file(item, other).replace(f"{BLOG_URL}</".encode(), f"{blog}</".encode()))
    run_import(file, ImportOptions(), now=NOW)
    for old, new in (
        ("/blog/", "/"),
        ("/blog/?p=7", "/"),  # without its query the URL leads only to the home page
        ("/blog/2024/03/walks/", "/articles/walks/"),
        ("/blog/feed/", "/articles/feed/rss/"),
        ("/?p=7", "/articles/rest/"),
    ):
        assert client.get(old)["Location"] == new, old
    assert 'href="/articles/walks/"' in Article.objects.get(slug="rest").body
