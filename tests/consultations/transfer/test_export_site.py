"""Exporting and importing again gives the same site; nothing non-public is in the files."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from consultations.comments.models import Comment
from consultations.comments.rendering import comment_html
from consultations.transfer.export_site import write_export
from consultations.transfer.import_wordpress import ImportOptions, run_import
from pages.articles.models import Article, Category, Tag
from pages.look.models import Look, LookFile
from pages.media.models import Picture
from pages.publishing.redirects import Redirect
from pages.site_pages.models import FreePage, SitePage
from pages.wordpress.models import ImportedItem
from pages.wordpress.pictures import folder_source
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_practitioner,
    make_tag,
)
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 3, 4, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "kept"
    return tmp_path


def create_comment(
    article: Article, text: str, *, status: str = "approved", **facts: Any
) -> Comment:
    """Insert a comment row directly in the given status."""
    given = {"name": "Robin", "email": "robin@example.com", "created_at": PUBLISHED_AT, **facts}
    shown = {
        "published_name": given["name"],
        "published_html": comment_html(text),
        "published_at": PUBLISHED_AT + timedelta(minutes=Comment.objects.count()),
    }
    if status == "approved":
        given |= shown
    return Comment.objects.create(
        article=article, text=text, status=status, status_changed_at=PUBLISHED_AT, **given
    )


def make_site() -> None:
    make_practice(name="Quiet Water")
    lena = make_practitioner(name="Lena Ruiz", slug="lena-ruiz")
    wide = make_category(name="Rest & work", slug="rest", summary="About <rest>.")
    narrow = make_category(name="Sleep", slug="sleep", parent=wide)
    tree = make_picture(alt="A tree", is_decorative=False, caption="Under it", name="Tree")
    body = (
        f'<h2>One [sic] [[fee-table]]</h2><figure><img data-file="{tree.pk}" alt="A tree">'
        "<figcaption>By the river</figcaption></figure>"
        "<pre><code>a &lt; b\n\n[gallery]</code></pre>"
        '<p>Line<br>end &amp; <a href="/fees/">fees</a>, <a href="/articles/two/">two</a></p>'
        '<div class="callout callout-tip"><p>A tip</p></div><p dir="x">נסיון</p>'
        '<table><thead><tr><th scope="col">a</th></tr></thead>'
        "<tbody><tr><td>b</td></tr></tbody></table>"
    )
    one = make_article(
        title="One <em> & more", slug="one", summary="A <short> one.", body=body, author=lena,
        category=narrow, tags=[make_tag(name="Tea & time", slug="tea")], cover=tree,
        published_at=PUBLISHED_AT, references="<p>A book.</p>", updated_on=date(2026, 5, 1),
        call_to_action_heading="Call", call_to_action_text="Now",
        comments_close_on=date(2027, 1, 1), search_title="One & only", search_description="Of <a>.",
    )  # fmt: skip
    one.more_categories.add(wide)
    make_article(
        title="Two", slug="two", category=wide, comments_are_open=False, published_at=PUBLISHED_AT
    )
    top = FreePage.objects.create(
        title="Top",
        slug="top",
        status="published",
        published_at=PUBLISHED_AT,
        lead="Lead",
        search_description="D",
    )
    FreePage.objects.create(
        title="Below",
        slug="below",
        parent=top,
        status="published",
        published_at=PUBLISHED_AT,
        order=3,
    )
    SitePage.objects.create(key="terms", title="Our terms", lead="L", body="<p>T</p>")
    Redirect.objects.create(old_path="/before/one", new_path="/articles/one/")
    first = create_comment(one, "First\nline\n\nand more")
    ours: dict[str, Any] = {"by_practice": True, "email": ""}
    create_comment(one, "Answer", parent=first, practitioner=lena, name="Lena Ruiz", **ours)
    create_comment(one, "Ours", name="Quiet Water", **ours)


def public_rows() -> dict[str, Any]:
    """Return what readers see, with names in place of database IDs."""

    def pictures(html: str) -> str:
        for row in Picture.objects.all():
            html = html.replace(str(row.pk), row.name)
        return html

    articles = [
        (
            a.title, a.slug, a.summary, pictures(a.body), a.references, a.status, a.published_at,
            a.updated_on, a.author.slug if a.author else None, a.category.slug,
            sorted(c.slug for c in a.more_categories.all()), sorted(t.slug for t in a.tags.all()),
            a.comments_are_open, a.comments_close_on, a.call_to_action_heading,
            a.call_to_action_text, a.cover.alt if a.cover else None, a.anchors,
            a.search_title, a.search_description,
        )
        for a in Article.objects.order_by("slug")
    ]  # fmt: skip
    return {
        "articles": articles,
        "pages": list(
            FreePage.objects.order_by("path").values_list(
                "title", "path", "lead", "body", "status", "published_at", "order", "parent__path",
                "search_title", "search_description",
            )
        ),
        "site pages": list(SitePage.objects.values_list("key", "title", "lead", "body")),
        "categories": list(
            Category.objects.order_by("slug").values_list("slug", "name", "summary", "parent__slug")
        ),
        "tags": list(Tag.objects.values_list("slug", "name")),
        "pictures": list(Picture.objects.values_list("name", "alt", "caption", "width", "height")),
        "comments": sorted(
            (
                c.article.slug, c.published_name, c.published_html, c.published_at, c.status,
                c.by_practice, c.practitioner.slug if c.practitioner else None,
                c.parent.published_html if c.parent else None,
            )
            for c in Comment.objects.all()
        ),
        "old": [
            row.new_path for row in Redirect.objects.filter(old_path="/before/one")
        ],
    }  # fmt: skip


def delete_all_content() -> None:
    for model in (Comment, Article, FreePage, SitePage, Category, Tag, Picture, Redirect):
        if model is FreePage:
            FreePage.objects.exclude(parent=None).delete()
        model._default_manager.all().delete()
    ImportedItem.objects.all().delete()


def test_export_and_import_round_trip(media):
    make_site()
    before = public_rows()
    assert len(before["comments"]) == 3
    counts = write_export(media / "out", now=NOW)
    assert counts == {"articles": 2, "comments": 3, "pages": 2, "pictures": 1, "site pages": 1}
    delete_all_content()
    source = folder_source(media / "out" / "media")
    run_import(media / "out" / "site.xml", ImportOptions(file_source=source), now=NOW)
    assert public_rows() == before


def test_export_holds_only_public_content(media):
    make_site()
    one = Article.objects.get(slug="one")
    make_article(title="SECRET draft", slug="secret-a", status="draft")
    make_article(title="SECRET later", slug="secret-b", published_at=NOW + timedelta(days=3))
    make_category(name="SECRET topic", slug="secret-topic")
    FreePage.objects.create(title="SECRET page", slug="secret-page")
    for status in ("waiting", "spam", "trash"):
        create_comment(one, "SECRET words", status=status, name="SECRET name")
    create_comment(one, "seen", email="secret@example.com")
    redacted = create_comment(one, "SECRET whole", name="Kim")
    redacted.published_html = "<p>shortened</p>"
    redacted.save()
    write_export(media / "out", now=NOW)
    files = {path.name: path.read_bytes() for path in (media / "out").rglob("*") if path.is_file()}
    assert {"site.xml", "site.json", "README.txt"} <= files.keys()
    for name, data in files.items():
        assert b"secret" not in data.lower(), name
    assert b"shortened" in files["site.xml"]
    facts = json.loads(files["site.json"])
    assert [row["slug"] for row in facts["articles"]] == ["one", "two"]
    assert facts["old_addresses"] == {"/before/one": "/articles/one/"}


def test_export_holds_the_look_with_its_files(media):
    make_site()
    write_export(media / "plain", now=NOW)
    assert not (media / "plain" / "look").exists()
    logo = LookFile.keep("logo", b"png", (3, 1))
    Look.objects.create(profile_id=1, accent="#2F4F6F", logo=logo, home_sections=["-fees:"])
    write_export(media / "out", now=NOW)
    assert (media / "out" / "look" / logo.name).read_bytes() == b"png"
    assert "--accent: #2F4F6F" in (media / "out" / "look" / "look.css").read_text()
    look = json.loads((media / "out" / "site.json").read_text())["look"]
    assert (look["accent"], look["logo"]) == ("#2F4F6F", f"look/{logo.name}")
    assert {"section": "fees", "is_shown": False, "title": ""} in look["home_sections"]


def test_export_command_requires_an_empty_folder(media):
    make_site()
    call_command("export_site", str(media / "out"), verbosity=0)
    assert (media / "out" / "site.xml").is_file()
    with pytest.raises(CommandError) as refusal:
        call_command("export_site", str(media / "out"))
    assert refusal.value.returncode == 2
