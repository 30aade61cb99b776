"""Tests for the media library in the admin and for the editor's picture picker."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from pages.media.models import Picture
from pages.publishing.revisions import Revision
from tests.factories.pages import make_article, make_practice, make_practitioner
from tests.factories.pictures import NOW, gradient_image, image_file, make_picture

pytestmark = pytest.mark.django_db
ADD_URL_NAME = "admin:pages_picture_add"
DETAILS = {"alt": "A river", "name": "", "caption": "", "credit": "", "focus": "centre"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def staff(client):
    make_practice()
    user = get_user_model().objects.create_superuser("jo", "jo@example.com", "a-long-password")
    client.force_login(user)
    return client


def test_upload_creates_picture(staff) -> None:
    answer = staff.post(
        reverse(ADD_URL_NAME), {**DETAILS, "file": image_file(gradient_image()), "focus": "top"}
    )
    picture = Picture.objects.get()
    assert answer.status_code == 302
    assert (picture.alt, picture.focus, picture.name) == ("A river", "top", "river bank")
    assert str(picture.uploaded_by) == "jo"
    assert staff.get(picture.first_url).status_code == 200


def test_invalid_upload_keeps_entered_details(staff) -> None:
    answer = staff.post(reverse(ADD_URL_NAME), {**DETAILS, "alt": "", "caption": "Kept"})
    text = answer.content.decode()
    assert "Say in a sentence what the picture shows" in text
    assert "Kept" in text
    assert not Picture.objects.exists()


def test_rejected_file_shows_field_error(staff) -> None:
    file = image_file(gradient_image(), "TIFF")
    answer = staff.post(reverse(ADD_URL_NAME), {**DETAILS, "file": file})
    assert "This is a TIFF file" in answer.content.decode()
    animated = image_file(
        gradient_image(), "GIF", save_all=True, append_images=[gradient_image().rotate(180)]
    )
    answer = staff.post(reverse(ADD_URL_NAME), {**DETAILS, "file": animated}, follow=True)
    assert "only the first image was kept" in answer.content.decode()


def test_editing_details_keeps_generated_variants(staff) -> None:
    picture = make_picture()
    page = reverse("admin:pages_picture_change", args=[picture.pk])
    assert staff.get(page).status_code == 200
    Picture.objects.update(variants="made")
    staff.post(page, {**DETAILS, "name": "River", "alt": "Another", "is_decorative": ""})
    picture.refresh_from_db()
    assert (picture.alt, picture.variants) == ("Another", "made")


def test_delete_confirmation_lists_uses(staff, django_capture_on_commit_callbacks) -> None:
    used, unused = make_picture(name="used one"), make_picture(name="unused one")
    article = make_article(title="On rest", cover=used)
    make_practitioner(name="Robin", portrait=used)
    page = staff.get(reverse("admin:pages_picture_change", args=[used.pk])).content.decode()
    assert "article: On rest" in page
    assert "practitioner: Robin" in page
    delete = reverse("admin:pages_picture_delete", args=[used.pk])
    page = staff.get(delete).content.decode()
    assert "This would leave gaps." in page
    assert "article: On rest (cover)" in page
    free = staff.get(reverse("admin:pages_picture_delete", args=[unused.pk])).content.decode()
    assert "nobody will miss it" in free
    action = {"action": "delete_selected", "_selected_action": [used.pk, unused.pk]}
    several = staff.post(reverse("admin:pages_picture_changelist"), action).content.decode()
    assert "Delete these 2 pictures?" in several
    assert "article: On rest (cover) · used one" in several
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(delete, {"post": "yes"})
    article.refresh_from_db()
    assert article.cover is None
    assert staff.get(used.first_url).status_code == 404


def test_use_filter_finds_unused_pictures(staff) -> None:
    used, unused = make_picture(name="used one"), make_picture(name="unused one")
    make_article(cover=used)
    listed = reverse("admin:pages_picture_changelist")
    none = staff.get(listed, {"use": "no"}).content.decode()
    assert "unused one" in none
    assert ">used one" not in none
    some = staff.get(listed, {"use": "yes"}).content.decode()
    assert ">used one" in some
    assert unused.name not in some


def test_picture_in_draft_change_counts_as_used(staff) -> None:
    picture = make_picture(name="waiting one")
    article = make_article(title="On rest")
    text = json.dumps({"body": f'<figure><img data-file="{picture.pk}" alt=""></figure>'})
    Revision.objects.create(
        subject=article._meta.label, subject_pk=article.pk, kind=Revision.Kind.CHANGE,
        is_pending=True, snapshot=text, at=NOW,
    )  # fmt: skip
    delete = staff.get(reverse("admin:pages_picture_delete", args=[picture.pk])).content.decode()
    assert "article: On rest (in a change that is not published yet)" in delete
    unused = staff.get(reverse("admin:pages_picture_changelist"), {"use": "no"}).content.decode()
    assert "waiting one" not in unused
    Revision.objects.update(is_pending=False)
    unused = staff.get(reverse("admin:pages_picture_changelist"), {"use": "no"}).content.decode()
    assert "waiting one" in unused


def test_picker_lists_and_uploads_pictures(staff) -> None:
    url = reverse("admin:pages_picture_picker")
    assert "There is no picture yet" in staff.get(url).content.decode()
    answer = staff.post(
        f"{url}?CKEditorFuncNum=-3", {**DETAILS, "file": image_file(gradient_image())}
    )
    picture = Picture.objects.get()
    assert answer.url == f"{url}?CKEditorFuncNum=-3&new={picture.pk.hex}"
    page = staff.get(answer.url).content.decode()
    assert f'data-id="{picture.pk}"' in page
    assert f'data-url="{picture.first_url}"' in page
    assert 'data-callback="-3"' in page
    refused = staff.post(url, {**DETAILS, "alt": "", "caption": "Kept"})
    assert refused.status_code == 422
    assert "Kept" in refused.content.decode()
    answer = staff.get(url, {"q": "nothing like it \0", "CKEditorFuncNum": '"><script>'})
    assert "No picture has these words" in answer.content.decode()
    assert "<script>" not in answer.content.decode().split("<body")[1].split("picker")[1][:200]


def test_picker_requires_permission(client) -> None:
    url = reverse("admin:pages_picture_picker")
    assert client.get(url).status_code == 302
    user = get_user_model().objects.create_user("sam", password="a-long-password", is_staff=True)
    client.force_login(user)
    assert client.get(url).status_code == 403


def test_cover_field_shows_preview(staff) -> None:
    picture = make_picture(alt="A river", name="River <1>")
    article = make_article(cover=picture)
    page = staff.get(f"/admin/pages/article/{article.pk}/change/").content.decode()
    field = page.split('id="id_cover"', 1)[1].split("</div>", 1)[0]
    assert f'<img class="thumbnail" src="{picture.thumbnail_url}"' in field
    assert "River &lt;1&gt;" in field
    assert 'title="Choose from the pictures"' in field
    assert "thumb" not in staff.get("/admin/pages/article/add/").content.decode()
