"""WordPress import: what becomes public, what never does, and what a second run changes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consultations.audit.models import AuditEntry
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.transfer.import_wordpress import ImportOptions, run_import
from pages.articles.models import Article, Category, Tag
from pages.publishing.redirects import Redirect
from pages.site_pages.models import FreePage
from pages.wordpress.models import ImportedItem
from tests.factories.pages import make_article, make_practice, make_practitioner
from tests.factories.wordpress import (
    BLOG_URL,
    make_large_export,
    wp_author,
    wp_category,
    wp_comment,
    wp_item,
    wp_tag,
    wxr_file,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def bring(tmp_path: Path):
    """Return a function that imports these parts and returns the report."""

    def run(*parts: str, data: bytes | None = None, now: datetime = NOW, **options):
        file = tmp_path / "export.xml"
        file.write_bytes(wxr_file(*parts) if data is None else data)
        return run_import(file, ImportOptions(**options), now=now)

    make_practice(time_zone="America/New_York")
    return run


def snapshot_rows() -> dict[str, list]:
    """Return all rows that an import can change, to compare before and after."""
    models = (Article, FreePage, Category, Tag, Redirect, ImportedItem)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    comments = [
        (row.pk, row.article_id, row.parent_id, row.status, row.name, row.email, row.text)
        for row in Comment.objects.order_by("pk")
    ]
    return {**rows, "Comment": comments}


# --- imported items ---
def test_post_is_imported_with_all_fields(bring, client):
    lena = make_practitioner(name="Lena Ruiz", slug="lena-ruiz")
    report = bring(
        wp_author("lena", "Lena Ruiz"),
        wp_category("walking", "Walking"),
        wp_category("long-walks", "Long walks", parent="walking"),
        wp_tag("rest", "Rest"),
        wp_item(
            7,
            "On <em>rest</em> &amp; work",
            "First.\n\nSecond.",
            slug="on-rest",
            excerpt="A short one.",
            date="2024-03-04 09:30:00",
            date_gmt="2024-03-04 14:30:00",
            terms=[
                ("category", "long-walks", "Long walks"),
                ("category", "other", "Undeclared"),
                ("post_tag", "rest", "Rest"),
            ],
        ),
    )
    article = Article.objects.get()
    assert (article.title, article.slug, article.summary, article.body) == (
        "On rest & work",
        "on-rest",
        "A short one.",
        "<p>First.</p><p>Second.</p>",
    )
    assert article.author == lena
    assert article.published_at == datetime(2024, 3, 4, 14, 30, tzinfo=UTC)
    assert article.category.name == "Long walks"
    assert article.category.parent is not None
    assert article.category.parent.name == "Walking"
    assert [row.name for row in article.more_categories.all()] == ["Undeclared"]
    assert [row.name for row in article.tags.all()] == ["Rest"]
    assert article.comments_are_open
    assert client.get("/articles/on-rest/").status_code == 200
    assert report.counts()["article taken public"] == 1


@pytest.mark.parametrize(
    ("status", "password"),
    [("draft", ""), ("pending", ""), ("private", ""), ("publish", "key"), ("archived", "")],
)
def test_unpublished_posts_become_unreachable_drafts(bring, client, status, password):
    bring(wp_item(7, "Hidden words", status=status, password=password, slug="hidden"))
    bring(wp_item(8, "Hidden page", status=status, password=password, kind="page", slug="hid"))
    assert [row.status for row in [*Article.objects.all(), *FreePage.objects.all()]] == [
        "draft",
        "draft",
    ]
    for path in ("/articles/hidden/", "/hidden/", "/2024/03/hidden/", "/hid/"):
        assert client.get(path).status_code == 404
    for path in (
        "/",
        "/?p=7",
        "/articles/",
        "/articles/feed/rss/",
        "/sitemap.xml",
        "/search/?q=Hidden",
    ):
        assert "Hidden words" not in client.get(path, follow=True).content.decode()
    assert not Redirect.objects.filter(new_path__contains="hid").exists()


def test_scheduled_posts_stay_scheduled_and_missed_become_drafts(bring):
    bring(
        wp_item(1, "Later", status="future", date="2030-01-01 00:00:00"),
        wp_item(2, "Missed", status="future", date="2025-01-01 00:00:00"),
    )
    later, missed = Article.objects.get(title="Later"), Article.objects.get(title="Missed")
    assert not later.is_public(NOW)
    assert later.is_public(datetime(2030, 1, 2, tzinfo=UTC))
    assert missed.status == "draft"


def test_trash_and_plugin_items_are_skipped_and_reported(bring):
    report = bring(
        wp_item(1, "Thrown away", status="trash"),
        wp_item(2, "Robin asks about couples", kind="flamingo_inbound"),
        wp_item(3, "Order 12", kind="shop_order", status="wc-completed"),
        wp_item(4, "A project", kind="portfolio"),
        wp_item(5, "Menu", kind="nav_menu_item"),
    )
    assert not Article.objects.exists()
    assert not FreePage.objects.exists()
    lines = {(line.kind, line.verdict, line.number, line.title) for line in report.lines}
    assert ("article", "left_out", "1", "Thrown away") in lines
    # Plugin items may be private messages, so their titles are not reported.
    assert ("flamingo_inbound", "left_out", "2", "") in lines
    assert ("portfolio", "left_out", "4", "") in lines
    assert "Robin" not in repr(report.as_dict())


def test_page_hierarchy_survives_any_order(bring, client):
    bring(
        wp_item(3, "Grandchild", kind="page", slug="third", parent=2),
        wp_item(2, "Child", kind="page", slug="second", parent=1),
        wp_item(1, "Top", kind="page", slug="first"),
        wp_item(4, "Lost", kind="page", slug="lost", parent=99),
    )
    assert set(FreePage.objects.values_list("path", flat=True)) == {
        "first",
        "first/second",
        "first/second/third",
        "lost",
    }
    assert client.get("/first/second/third/").status_code == 200
    assert client.get("/?page_id=3")["Location"] == "/first/second/third/"


def test_page_with_reserved_path_gets_a_number(bring, client):
    report = bring(wp_item(1, "About us there", kind="page", slug="about"))
    page = FreePage.objects.get()
    assert page.path == "about-2"
    assert [line.notes for line in report.lines if line.kind == "page"] == [
        (("displaced", "about-2"),)
    ]
    assert "About us there" in client.get("/about-2/").content.decode()


@pytest.mark.parametrize("slug", ["feed", "tag", "category", "2024"])
def test_article_with_reserved_slug_gets_a_number(bring, slug):
    bring(wp_item(1, slug=slug))
    assert Article.objects.get().slug == f"{slug}-2"


def test_empty_long_and_duplicate_titles_are_handled(bring):
    report = bring(
        wp_item(1, "", "<p>It began with a walk. Then more.</p>", slug="one"),
        wp_item(2, "", "", slug="two", date="2009-09-05 10:00:00"),
        wp_item(3, "Long " * 100, slug="three"),
        wp_item(4, "Same", slug="same"),
        wp_item(5, "Same", slug="same"),
    )
    titles = dict(Article.objects.values_list("slug", "title"))
    assert titles["one"] == "It began with a walk"
    assert titles["two"] == "Untitled, Sept. 5, 2009"
    assert len(titles["three"]) <= 255
    assert titles["three"].endswith("…")
    assert {"same", "same-2"} <= titles.keys()
    codes = {line.number: [code for code, _about in line.notes] for line in report.lines}
    assert codes["1"] == ["no_title"]
    assert codes["3"] == ["title_cut"]
    assert codes["5"] == ["new_address"]


def test_article_without_category_gets_uncategorized(bring):
    bring(wp_item(1, terms=[]))
    assert Article.objects.get().category.slug == "uncategorized"


def test_primary_category_of_seo_plugin_is_used(bring):
    head = "<wp:category><wp:term_id>31</wp:term_id><wp:category_nicename>rest</wp:category_nicename><wp:cat_name>Rest</wp:cat_name></wp:category>"  # noqa: E501
    terms = [("category", "walking", "Walking"), ("category", "rest", "Rest")]
    bring(head, wp_item(1, terms=terms, meta={"_yoast_wpseo_primary_category": "31"}))
    article = Article.objects.get()
    assert article.category.slug == "rest"
    assert [row.slug for row in article.more_categories.all()] == ["walking"]


def test_active_content_is_not_stored(bring):
    bring(
        wp_item(1, content='<p onclick="x()">a<script>b</script></p><img src=x onerror=y>'),
        wp_item(2, kind="page", content="<svg onload=x><p>c</p>", excerpt="<script>d</script>e"),
    )
    assert Article.objects.get().body == "<p>a</p>"
    page = FreePage.objects.get()
    assert (page.body, page.lead) == ("<p>c</p>", "e")


# --- redirects ---
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/2024/03/on-rest/", "/articles/on-rest/"),
        ("/2024/03/04/on-rest/", "/articles/on-rest/"),
        ("/on-rest/", "/articles/on-rest/"),
        ("/on-rest", "/articles/on-rest/"),
        ("/?p=7", "/articles/on-rest/"),
        ("/archives/7", "/articles/on-rest/"),
        ("/category/walking/", "/articles/category/walking/"),
        ("/category/walking/feed/", "/articles/category/walking/feed/rss/"),
        ("/tag/rest/", "/articles/tag/rest/"),
        ("/feed/", "/articles/feed/rss/"),
        ("/feed/atom/", "/articles/feed/atom/"),
        ("/author/lena/", "/articles/"),
        ("/2024/", "/articles/2024/"),
        ("/2024/03/", "/articles/2024/"),
        ("/?attachment_id=9", "/articles/on-rest/"),
    ],
)
def test_old_urls_redirect(bring, client, old, new):
    bring(
        wp_item(
            7,
            slug="on-rest",
            link=f"{BLOG_URL}/archives/7",
            terms=[("category", "walking", "Walking"), ("post_tag", "rest", "Rest")],
        ),
        wp_item(
            9, kind="attachment", status="inherit", parent=7, attachment_url=f"{BLOG_URL}/x.pdf"
        ),
    )
    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, new)
    assert client.get(new).status_code == 200


def test_internal_links_are_rewritten(bring):
    text = (
        f'<a href="{BLOG_URL}/2024/03/two/#part">a</a> <a href="/?p=2">b</a> <a href="{BLOG_URL}/">c</a> '  # noqa: E501
        f'<a href="{BLOG_URL}/2024/03/hidden/">d</a> <a href="https://else.example/2024/03/two/">e</a>'
    )
    bring(
        wp_item(1, content=text, slug="one"),
        wp_item(2, slug="two"),
        wp_item(3, slug="hidden", status="draft"),
    )
    body = Article.objects.get(slug="one").body
    assert 'href="/articles/two/#part"' in body
    assert 'href="/articles/two/"' in body
    assert 'href="/"' in body
    assert "/articles/hidden/" not in body
    assert 'href="https://else.example/2024/03/two/"' in body


def test_redirect_created_by_staff_is_kept(bring):
    Redirect.objects.create(old_path="/on-rest", new_path="/fees/")
    bring(wp_item(7, slug="on-rest"))
    assert Redirect.objects.get(old_path="/on-rest").new_path == "/fees/"


# --- repeated imports ---
def test_second_import_changes_nothing(bring):
    parts = (
        wp_category("walking", "Walking"),
        wp_item(
            1,
            slug="one",
            terms=[("category", "a", "A"), ("post_tag", "b", "B")],
            comments=[wp_comment(1), wp_comment(2, parent=1)],
        ),
        wp_item(2, status="draft"),
        wp_item(3, kind="page"),
        wp_item(4, date="", date_gmt="0000-00-00 00:00:00"),
    )
    bring(*parts)
    before = snapshot_rows()
    report = bring(*parts, now=NOW + timedelta(days=1))
    assert snapshot_rows() == before
    assert not [line for line in report.lines if line.verdict in ("taken", "updated", "kept")]
    assert report.redirects == 0


def test_reimport_updates_only_rows_not_edited_by_staff(bring):
    bring(
        wp_item(1, "One", "<p>a</p>"),
        wp_item(2, "Two", "<p>a</p>"),
        wp_item(3, "Three", "<p>a</p>", kind="page"),
    )
    edited = Article.objects.get(title="Two")
    edited.body = "<p>by staff</p>"
    edited.save()
    report = bring(
        wp_item(1, "One", "<p>b</p>", comments=[wp_comment(9)]),
        wp_item(2, "Two", "<p>b</p>"),
        wp_item(3, "Three", "<p>b</p>", kind="page"),
    )
    bodies = dict(Article.objects.values_list("title", "body"))
    assert bodies == {"One": "<p>b</p>", "Two": "<p>by staff</p>"}
    assert FreePage.objects.get().body == "<p>b</p>"
    assert Comment.objects.get().article.title == "One"
    assert {(line.title, line.verdict) for line in report.lines if line.title in bodies} == {
        ("One", "updated"),
        ("Two", "kept"),
    }


def test_reimport_does_not_restore_deleted_articles(bring):
    bring(wp_item(1, comments=[wp_comment(1)]))
    Article.objects.all().delete()
    report = bring(wp_item(1, comments=[wp_comment(1)]))
    assert not Article.objects.exists()
    assert not Comment.objects.exists()
    assert [line.notes for line in report.lines if line.kind == "article"] == [
        (("deleted_here", ""),)
    ]


def test_killed_import_resumes(bring, monkeypatch):
    data = make_large_export(45, 90)
    real, calls = Article.save, iter(range(10_000))

    def dying(self, *args, **kwargs):
        if next(calls) == 30:
            raise KeyboardInterrupt
        real(self, *args, **kwargs)

    monkeypatch.setattr(Article, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        bring(data=data)
    half = Article.objects.count()
    assert 0 < half < 45
    monkeypatch.setattr(Article, "save", real)
    bring(data=data)
    assert Article.objects.count() == 45
    assert Comment.objects.count() == 90
    assert Article.objects.values("slug").distinct().count() == 45


def test_dry_run_reports_the_same_and_stores_nothing(bring):
    parts = (
        wp_item(1, slug="one", terms=[("category", "a", "A")], comments=[wp_comment(1)]),
        wp_item(2, status="draft"),
        wp_item(3, kind="page"),
    )
    before = snapshot_rows()
    look = bring(*parts, dry_run=True)
    assert snapshot_rows() == before
    assert not AuditEntry.objects.exists()
    real = bring(*parts)
    assert look.counts() == real.counts()
    assert look.comments == real.comments


def test_existing_rows_are_left_alone(bring):
    own = make_article(slug="on-rest", title="Ours")
    category = Category.objects.create(name="Walking", slug="ours")
    bring(wp_item(1, "Theirs", slug="on-rest"))
    assert Article.objects.get(pk=own.pk).title == "Ours"
    theirs = Article.objects.get(title="Theirs")
    assert theirs.slug == "on-rest-2"
    assert theirs.category == category


def test_import_is_logged_and_sends_no_email(bring):
    bring(wp_item(1, comments=[wp_comment(1, approved="0"), wp_comment(2)]))
    assert [entry.action for entry in AuditEntry.objects.all()] == ["import"]
    assert not OutgoingEmail.objects.exists()


def test_truncated_file_is_imported_as_far_as_possible(bring):
    whole = wxr_file(wp_item(1, "Whole"), wp_item(2, "Cut", "<p>words words</p>"))
    report = bring(data=whole[: whole.index(b"words words")])
    assert list(Article.objects.values_list("title", flat=True)) == ["Whole"]
    assert report.is_truncated
    left_out = [line for line in report.lines if line.verdict == "left_out"]
    assert [(line.kind, line.notes) for line in left_out] == [("item", (("cut_off", ""),))]


def test_large_import_query_count_is_bounded(bring, django_assert_max_num_queries):
    small, large = make_large_export(20, 40), make_large_export(60, 120)
    bring(data=small)
    with django_assert_max_num_queries(60 * 25):
        bring(data=large)
    assert Article.objects.count() == 60
    assert Comment.objects.count() == 120
