"""Pictures are imported once each, from a folder or the former site, and from no other host."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consultations.transfer.import_wordpress import (
    ImportOptions,
    fetch_picture,
    run_import,
    skip_fetch,
)
from pages.articles.models import Article
from pages.media.models import Picture
from pages.wordpress.pictures import FileMissing, folder_source, safe_upload_path, uploads_path
from tests.factories.pages import make_practice
from tests.factories.pictures import gradient_image, image_file
from tests.factories.wordpress import BLOG_URL, wp_item, wxr_file

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
UPLOADS = f"{BLOG_URL}/wp-content/uploads"
ATTACHMENT_ITEM = wp_item(
    50, "Tree", "", kind="attachment", status="inherit", parent=1, excerpt="By the river",
    attachment_url=f"{UPLOADS}/2024/03/tree.jpg", meta={"_wp_attachment_image_alt": "A tree"},
)  # fmt: skip
POST_ITEM = wp_item(
    1, "One",
    f'<img class="wp-image-50" src="{UPLOADS}/2024/03/tree-300x200.jpg" alt="">'
    f'<img src="{UPLOADS}/2024/03/tree.jpg" alt="Again">'
    '<img src="https://cdn.example/x/wp-content/uploads/2024/03/tree.jpg" alt="By a CDN">'
    '<img src="https://elsewhere.example/wp-content/uploads/2024/03/lake.jpg" alt="Not ours">',
    meta={"_thumbnail_id": "50"},
)  # fmt: skip


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "kept"
    place = tmp_path / "wp-content" / "uploads" / "2024" / "03"
    place.mkdir(parents=True)
    (place / "tree.jpg").write_bytes(image_file(gradient_image(), quality=80).getvalue())
    return tmp_path


def bring(folder: Path, *parts: str, **options: Any) -> Any:
    file = folder / "export.xml"
    file.write_bytes(wxr_file(*parts))
    return run_import(file, ImportOptions(**options), now=NOW)


@pytest.mark.django_db
def test_picture_is_imported_once_with_texts(folder):
    make_practice()
    report = bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=folder_source(folder))
    picture = Picture.objects.get()
    assert (picture.name, picture.alt, picture.caption) == ("Tree", "A tree", "By the river")
    article = Article.objects.get()
    assert article.cover == picture
    assert article.body.count(f'<img data-file="{picture.pk}"') == 3
    assert 'alt="A tree"' in article.body
    assert '<a href="https://elsewhere.example/' in article.body
    assert report.counts()["picture taken"] == 1
    again = bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=folder_source(folder))
    assert Picture.objects.count() == 1
    assert again.counts()["article same public"] == 1


@pytest.mark.django_db
def test_pictures_can_be_imported_later(folder):
    make_practice()
    bring(folder, POST_ITEM, ATTACHMENT_ITEM)
    assert "tree-300x200.jpg" in Article.objects.get().body
    report = bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=folder_source(folder))
    assert "data-file" in Article.objects.get().body
    assert report.counts()["article updated public"] == 1


@pytest.mark.django_db
def test_only_urls_of_the_old_site_are_requested(folder):
    make_practice()
    asked: list[str] = []

    def read_file(_path: str, address: str) -> bytes | None:
        asked.append(address)
        return None

    bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=read_file)
    assert set(asked) == {f"{UPLOADS}/2024/03/tree.jpg", f"{UPLOADS}/2024/03/tree-300x200.jpg"}


@pytest.mark.django_db
def test_invalid_picture_is_left_out(folder):
    make_practice()
    (folder / "wp-content/uploads/2024/03/tree.jpg").write_bytes(b"<svg onload=x>")
    report = bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=folder_source(folder))
    assert not Picture.objects.exists()
    assert {line.verdict for line in report.lines if line.kind == "picture"} == {"left_out"}


@pytest.mark.django_db
def test_dry_run_fetches_and_stores_nothing(folder):
    make_practice()
    report = bring(folder, POST_ITEM, ATTACHMENT_ITEM, file_source=skip_fetch, dry_run=True)
    assert report.counts()["picture taken"] == 1
    assert not Picture.objects.exists()
    assert not (folder / "kept").exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/wp-content/uploads/a.jpg",
        "http://[::1]/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/a.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1/a",
    ],
)
def test_private_addresses_are_never_fetched(address):
    with pytest.raises(FileMissing):
        fetch_picture("a.jpg", address)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"{UPLOADS}/2024/03/tree.jpg", "2024/03/tree.jpg"),
        (f"{UPLOADS}/2024/03/b%C3%A4ume.jpg?w=604", "2024/03/bäume.jpg"),
        (f"{BLOG_URL}/wp-content/uploads/sites/3/2024/a.jpg", "2024/a.jpg"),
        ("https://name.files.wordpress.com/2024/03/a.jpg", "2024/03/a.jpg"),
        (f"{UPLOADS}/../../wp-config.php", ""),
        (f"{UPLOADS}/%2e%2e/%2e%2e/wp-config.php", ""),
        (f"{BLOG_URL}/elsewhere/a.jpg", ""),
    ],
)
def test_uploads_path_is_extracted_safely(address, path):
    assert uploads_path(address) == path


def test_media_folder_cannot_be_escaped(tmp_path):
    (tmp_path / "secret").write_text("x")
    inside = tmp_path / "uploads"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "secret")
    read_file = folder_source(inside)
    assert read_file("../secret", "") is None
    assert read_file("link", "") is None
    assert safe_upload_path("a/../../b") == ""
