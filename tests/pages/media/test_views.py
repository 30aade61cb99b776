"""Tests for serving picture files."""

from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from pages.media.models import Picture
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.django_db
ABSENT = "0" * 32


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "secret.jpg").write_bytes(b"outside")
    (tmp_path / "400.jpg").write_bytes(b"outside")


def test_picture_file_is_immutable_and_sandboxed(client) -> None:
    picture = make_picture()
    response = client.get(picture.first_url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Disposition"] == 'inline; filename="800.jpg"'
    assert not response.cookies
    again = client.get(picture.first_url, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.head(picture.first_url).content == b""
    assert client.post(picture.first_url).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/media/", "/media/pictures/", "/media/{0}/", "/media/{0}", "/media/{0}/master.jpg",
        "/media/{0}/../../secret.jpg", "/media/{0}/..%2f..%2fsecret.jpg", "/media/../400.jpg",
        "/media/{0}/0800.jpg", "/media/{0}/800.jpg%00.html", "/media/{0}/800.svg",
        "/media/{0}/800.JPG", "/media/{0}/800.jpg/", "/media/{0}/99999.jpg",
        "/media/%2e%2e/400.jpg", "/media/{1}/800.jpg", "/media/{2}/800.jpg", "/media/secret.jpg",
        "/media//800.jpg", "/media/{0}/٨٠٠.jpg", "/media/{0}/800.jpg%0a",
    ],
)  # fmt: skip
def test_other_file_names_return_404(client, path) -> None:
    picture = make_picture()
    address = path.format(picture.pk.hex, ABSENT, str(picture.pk))
    response = client.get(address)
    assert response.status_code == 404, address
    assert b"outside" not in response.content
    assert response["Cache-Control"] == "no-store, private"


def test_dropped_picture_waits_for_its_alt_text(client) -> None:
    user = get_user_model().objects.create_superuser("jo")
    client.force_login(user)
    file = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")

    def upload() -> dict[str, str]:
        sent = SimpleUploadedFile("lake.png", file.getvalue(), "image/png")
        response = client.post("/admin/pages/picture/upload/", {"file": sent})
        assert response.status_code == 201
        answer: dict[str, str] = response.json()
        return answer

    first = upload()
    picture = Picture.objects.get()
    assert (picture.awaits_alt, picture.uploaded_by, first["alt"]) == (True, user, "")
    data = {"picture": first["id"], "alt": " A quiet  lake "}
    assert client.post("/admin/pages/picture/describe/", data).status_code == 204
    picture.refresh_from_db()
    assert (picture.alt, picture.awaits_alt) == ("A quiet lake", False)
    # Described once, it is left alone; the same file again is the same picture.
    client.post("/admin/pages/picture/describe/", {**data, "alt": "Other words"})
    assert upload() == {**first, "alt": "A quiet lake"}
    assert client.post("/admin/pages/picture/describe/", {"picture": "x"}).status_code == 204
    refused = client.post("/admin/pages/picture/upload/", {})
    assert (refused.status_code, "error" in refused.json()) == (422, True)
