"""Share images: how they are drawn and stored."""

import io

import pytest
from django.utils import timezone
from PIL import Image

from consultations import tasks
from pages.look.models import Look, LookFile
from pages.publishing.models import Status
from pages.seo import share_images
from tests.factories.pages import make_article, make_practice
from tests.factories.pictures import make_picture

SIZE = (1200, 630)
PAPER = (251, 247, 241)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def open_image(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.size == SIZE
        return image.convert("RGB")


def lower_half(data: bytes) -> list[tuple[int, ...]]:
    colours = open_image(data).crop((0, 340, 1200, 630)).getcolors(100_000) or []
    return [colour for _count, colour in colours if isinstance(colour, tuple)]


def test_share_image_is_deterministic_and_distinct() -> None:
    assert share_images.draw_share_image("Rest", "Room") == share_images.draw_share_image(
        "Rest", "Room"
    )
    assert share_images.draw_share_image("Rest", "Room") != share_images.draw_share_image(
        "Work", "Room"
    )


def test_long_title_stays_within_bounds() -> None:
    for title in ("A", "Long words " * 40, "Wolfeschlegelsteinhausenbergerdorff" * 3, "", "a\nb"):
        image = open_image(share_images.draw_share_image(title, "Quiet Room"))
        edge = image.crop((0, 340, 30, 630)).getcolors()
        assert edge is not None
        assert len(edge) == 1, title


def test_unsupported_letters_are_not_drawn() -> None:
    assert len(lower_half(share_images.draw_share_image("Rest", "Room"))) > 5
    assert PAPER not in lower_half(share_images.draw_share_image("על מנוחה", "Room"))
    assert not share_images.has_only_font_glyphs("čas")
    assert share_images.has_only_font_glyphs("Café “über” – l’été…")


@pytest.mark.django_db
def test_share_image_is_cached_until_change(client, monkeypatch) -> None:
    make_practice(name="Quiet Room")
    article = make_article(slug="rest")
    first = client.get("/articles/rest/share.png")
    assert first["Content-Type"] == "image/png"
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    open_image(first.content)
    draw, drawn = share_images.draw_share_image, []

    def counted(*words, **facts):
        drawn.append(words)
        return draw(*words, **facts)

    monkeypatch.setattr(share_images, "draw_share_image", counted)
    again = client.get("/articles/rest/share.png", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert drawn == []
    article.cover = make_picture()
    article.save()
    changed = client.get("/articles/rest/share.png")
    assert changed.content != first.content
    assert len(drawn) == 1
    folder = share_images._share_images_dir()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.django_db
def test_missing_photo_falls_back_to_drawing(client) -> None:
    picture = make_picture()
    make_article(slug="rest", cover=picture)
    picture.master_path.unlink()
    open_image(client.get("/articles/rest/share.png").content)
    open_image(client.get("/share.png").content)


@pytest.mark.django_db
def test_draft_has_no_share_image(client) -> None:
    make_article(slug="rest", status=Status.DRAFT)
    assert client.get("/articles/rest/share.png").status_code == 404


@pytest.mark.django_db
def test_stale_share_images_are_removed(client) -> None:
    gone, taken_back, stays = (make_article(slug=slug) for slug in ("gone", "back", "stays"))
    for path in ("/articles/gone/", "/articles/back/", "/articles/stays/", "/"):
        assert client.get(f"{path}share.png").status_code == 200
    gone.delete()
    taken_back.status = Status.DRAFT
    taken_back.save()
    tasks.remove_orphaned_files(timezone.now())
    left = {path.stem.rpartition("-")[0] for path in share_images._share_images_dir().iterdir()}
    assert left == {"site", f"article-{stays.pk}"}


@pytest.mark.django_db
def test_share_image_has_the_colors_and_the_logo_of_the_look() -> None:
    make_practice(name="Room")
    usual = share_images.get_share_image("site", title="Rest", name="Room")
    png = io.BytesIO()
    Image.new("RGB", (300, 60), "#FF00FF").save(png, "PNG")
    logo = LookFile.keep("logo", png.getvalue(), (300, 60))
    look = Look.objects.create(profile_id=1, accent="#2F4F6F", paper="cool", logo=logo)
    own = share_images.get_share_image("site", title="Rest", name="Room")
    colors = lower_half(own)
    assert any(red > 240 and blue > 240 and green < 20 for red, green, blue in colors)
    assert PAPER not in colors
    look.delete()
    assert share_images.get_share_image("site", title="Rest", name="Room") == usual
