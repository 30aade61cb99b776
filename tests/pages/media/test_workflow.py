"""Tests for storing and deleting pictures and making their variants."""

import pytest
from PIL import Image

from pages.media import files, workflow
from pages.media.models import Picture, VariantState
from pages.media.workflow import InvalidPicture, store_picture
from tests.factories.pictures import NOW, gradient_image, image_file, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def file_names(picture: Picture) -> set[str]:
    return {path.name for path in files.picture_dir(picture.pk).iterdir()}


def test_store_picture_saves_master_and_first_variant() -> None:
    picture = make_picture(gradient_image(3000, 1500), caption="  By the\nriver ")
    assert (picture.width, picture.height) == (2400, 1200)
    assert picture.name == "river bank"
    assert picture.caption == "By the river"
    assert picture.variants == VariantState.DUE
    assert file_names(picture) == {"master.jpg", "800.jpg"}
    assert picture.first_url == f"/media/{picture.pk.hex}/800.jpg"
    with Image.open(files.picture_path(picture.pk, "800.jpg")) as first:
        assert first.size == (800, 400)


def test_picture_needs_alt_text_or_decorative_flag() -> None:
    with pytest.raises(InvalidPicture, match="mark it as decorative"):
        make_picture(alt=" \n ")
    assert make_picture(alt="", is_decorative=True).alt_text == ""
    assert make_picture(alt="A river", is_decorative=True).alt_text == ""


def test_rejected_file_leaves_nothing_behind() -> None:
    with pytest.raises(InvalidPicture):
        store_picture(
            image_file(gradient_image(), "TIFF"),
            alt="x",
            is_decorative=False,
            caption="",
            by=None,
            now=NOW,
        )
    assert not files.pictures_dir().exists()
    assert not Picture.objects.exists()


def test_make_variants_creates_only_missing_files() -> None:
    picture = make_picture(gradient_image(1000, 500))
    files.write_picture_file(picture.pk, "400.avif", b"was there")
    workflow.make_variants(picture)
    assert file_names(picture) == {"master.jpg", *files.variant_names(1000)}
    assert files.picture_path(picture.pk, "400.avif").read_bytes() == b"was there"
    for name in set(files.variant_names(1000)) - {"400.avif"}:
        width, _dot, ending = name.partition(".")
        with Image.open(files.picture_path(picture.pk, name)) as image:
            assert image.format == files.VARIANT_FORMATS[ending]
            assert image.size == (int(width), int(width) // 2)
    picture.refresh_from_db()
    assert picture.variants == VariantState.MADE


def test_delete_removes_files_on_commit(django_capture_on_commit_callbacks) -> None:
    picture = make_picture()
    with django_capture_on_commit_callbacks() as callbacks:
        workflow.delete_picture(picture)
    assert list(files.pictures_dir().iterdir())
    for callback in callbacks:
        callback()
    assert list(files.pictures_dir().iterdir()) == []


@pytest.mark.parametrize(
    ("width", "widths"),
    [(3000, [400, 800, 1200, 1600]), (1000, [400, 800, 1000]), (850, [400, 850]), (1, [1])],
)
def test_variants_are_never_wider_than_picture(width, widths) -> None:
    assert files.variant_widths(width) == widths
