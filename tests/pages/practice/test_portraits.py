"""Portraits: the square that is cut, and the upload on a practitioner's form."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from pages.media.models import Picture
from pages.practice.models import Practitioner
from pages.practice.portraits import Crop
from tests.factories.consultations import make_staff
from tests.factories.pages import make_practice, make_practitioner

RED, BLUE = (200, 0, 0), (0, 0, 200)


def two_halves(width: int = 400, height: int = 200) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


@pytest.mark.parametrize(
    ("text", "crop"),
    [
        ("", Crop()),
        ("0,1,0.5", Crop(0, 1, 0.5)),
        ("0,1", Crop()),
        ("a,b,c", Crop()),
        ("nan,0,1", Crop()),
        ("2,0,1", Crop()),
        ("0,0,0.001", Crop()),
        ("0,0,inf", Crop()),
    ],
)
def test_crop_is_read_or_the_default(text, crop) -> None:
    assert Crop.parse(text) == crop


@pytest.mark.parametrize(
    ("crop", "size", "color"),
    [
        (Crop(0, 0, 1), 200, RED),
        (Crop(1, 0, 1), 200, BLUE),
        (Crop(1, 1, 0.5), 100, BLUE),
    ],
)
def test_square_is_cut(crop, size, color) -> None:
    cut = crop.cut(two_halves())
    assert cut.size == (size, size)
    assert cut.getpixel((size // 2, size // 2)) == color


def test_every_square_lies_in_the_picture() -> None:
    for width, height in ((1, 1), (3, 1000), (1000, 3)):
        cut = Crop(1, 1, 0.1).cut(Image.new("RGB", (width, height), RED))
        assert cut.width == cut.height >= 1
        assert cut.getpixel((0, 0)) == RED


def upload(image: Image.Image, name: str = "me.png") -> SimpleUploadedFile:
    file = io.BytesIO()
    image.save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


def posted(person: Practitioner, **extra: object) -> dict[str, object]:
    formset = {f"licences-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"name": person.name, "slug": person.slug, **formset, **extra}


@pytest.mark.django_db
def test_uploaded_portrait_is_cut_and_used(client) -> None:
    make_practice()
    person = make_practitioner(name="Ana Reyes")
    client.force_login(make_staff())
    url = f"/admin/pages/practitioner/{person.pk}/change/"
    data = posted(person, portrait_file=upload(two_halves()), crop="1,0,1")
    assert client.post(url, data).status_code == 302
    person.refresh_from_db()
    picture = person.portrait
    assert picture is not None
    assert (picture.width, picture.height, picture.alt) == (200, 200, "Portrait of Ana Reyes")
    with Image.open(picture.master_path) as master:
        pixel = master.convert("RGB").getpixel((100, 100))
    assert isinstance(pixel, tuple)
    assert pixel[2] > pixel[0]
    # Saved again without a file, the portrait stays.
    assert client.post(url, posted(person, portrait=picture.pk)).status_code == 302
    person.refresh_from_db()
    assert person.portrait == picture
    assert Picture.objects.count() == 1


@pytest.mark.django_db
def test_file_that_is_no_picture_is_refused(client) -> None:
    make_practice()
    person = make_practitioner()
    client.force_login(make_staff())
    data = posted(person, portrait_file=SimpleUploadedFile("me.png", b"not a picture"))
    answer = client.post(f"/admin/pages/practitioner/{person.pk}/change/", data)
    assert answer.status_code == 200
    assert "portrait_file" in answer.context["adminform"].form.errors
    assert not Picture.objects.exists()


@pytest.mark.django_db
def test_upload_needs_permission_to_add_pictures(client) -> None:
    make_practice()
    person = make_practitioner()
    client.force_login(make_staff("view_practitioner", "change_practitioner"))
    url = f"/admin/pages/practitioner/{person.pk}/change/"
    assert "portrait_file" not in client.get(url).content.decode()
    client.post(url, posted(person, portrait_file=upload(two_halves())))
    assert not Picture.objects.exists()
