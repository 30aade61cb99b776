"""Upload pictures and import a WordPress site in a browser, as staff."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from consultations.transfer import uploads
from pages.articles.models import Article
from pages.media.models import Focus, Picture
from tests.browser.accessibility import accessibility_violations
from tests.factories.pages import make_article, make_practice
from tests.factories.pictures import gradient_image
from tests.factories.wordpress import wp_author, wp_comment, wp_item, wxr_file
from tests.pages.test_editor import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    make_practice()
    return tmp_path


@pytest.fixture
def staff(chromium: Browser, live_server) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, live_server.url)
    yield page
    context.close()


def test_picture_is_uploaded_used_and_deleted(staff: Page, data_dir: Path) -> None:
    file = data_dir / "by-the-river.png"
    gradient_image(900, 600).save(file)
    staff.goto("/admin/pages/picture/add/")
    staff.set_input_files("#id_file", file)
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("Say in a sentence what the picture shows")).to_be_visible()
    staff.set_input_files("#id_file", file)
    staff.fill("#id_alt", "A river in the evening")
    staff.select_option("#id_focus", label="on the left")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.locator("#result_list").get_by_role("link", name="by the river")).to_be_visible()
    picture = Picture.objects.get()
    assert (picture.alt, picture.focus) == ("A river in the evening", Focus.LEFT)
    figure = f'<figure><img data-file="{picture.pk}" alt="Here"></figure>'
    make_article(title="On rest", slug="on-rest", body=figure, cover=picture)
    staff.goto("/articles/on-rest/")
    assert staff.get_by_alt_text("Here").evaluate("img => img.naturalWidth") > 0
    staff.goto(f"/admin/pages/picture/{picture.pk}/change/")
    expect(staff.get_by_role("link", name="On rest").first).to_be_visible()
    assert accessibility_violations(staff) == []
    staff.get_by_role("link", name="Delete").click()
    expect(staff.get_by_text("This would leave gaps.")).to_be_visible()
    assert accessibility_violations(staff) == []
    staff.get_by_role("button", name="Yes, delete it").click()
    staff.wait_for_selector(".messagelist .success")
    staff.goto("/articles/on-rest/")
    expect(staff.locator("article img")).to_have_count(0)


def test_wordpress_site_is_imported(staff: Page, data_dir: Path) -> None:
    file = data_dir / "export.xml"
    file.write_bytes(
        wxr_file(
            wp_author("lena", "Lena Ruiz"),
            wp_item(1, "Rest", slug="rest", comments=[wp_comment(1)]),
            wp_item(2, "Not yet", status="draft"),
            wp_item(3, "Groups", kind="page", slug="groups"),
        )
    )
    staff.goto("/admin/consultations/wordpressimport/add/")
    staff.set_input_files("input[type=file]", file)
    staff.locator("#id_fetches_pictures").uncheck()
    staff.get_by_role("button", name="Look at this file").click()
    expect(staff.get_by_text("This page looks again by itself.")).to_be_visible()
    uploads.run_next_import(timezone.now())
    staff.reload()
    expect(staff.get_by_text("Nothing has been changed yet.")).to_be_visible()
    expect(staff.get_by_text("1 article, public")).to_be_visible()
    assert accessibility_violations(staff) == []
    assert not Article.objects.exists()
    staff.set_viewport_size({"width": 390, "height": 800})
    assert staff.evaluate("document.documentElement.scrollWidth <= innerWidth")
    staff.get_by_role("button", name="Yes, take it over").click()
    expect(staff.get_by_text("This page looks again by itself.")).to_be_visible()
    uploads.run_next_import(timezone.now())
    staff.reload()
    expect(staff.get_by_text("The file has been deleted.")).to_be_visible()
    assert accessibility_violations(staff) == []
    assert list((data_dir / "imports").iterdir()) == []
    response = staff.goto("/2024/03/rest/")
    assert response is not None
    assert staff.url.endswith("/articles/rest/")
    expect(staff.get_by_text("A kind word.")).to_be_visible()
    response = staff.goto("/articles/item-2/")
    assert response is not None
    assert response.status == 404
