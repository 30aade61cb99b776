"""Logos: what is taken, what is refused, and that nothing uploaded is served as it was sent."""

import io
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from pages.look import logos
from pages.look.icons import rebuild_icons
from pages.look.logos import IconColors, InvalidLogo, make_icon, read_logo
from pages.look.models import PREVIEW_TIME, Look, LookFile
from tests.factories.consultations import make_staff_with_roles
from tests.factories.pages import make_practice
from tests.pages.look.test_admin import URL, form_data

COLORS = IconColors("#FBF7F1", "#2F4F6F", "#FFFFFF", "#F3DCC0", "#E9B99A", "#A9C6B4")
SVG_START = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
SHAPE = '<path fill="#2F4F6F" d="M0 0h40v20H0z"/>'


def svg(inside: str, start: str = SVG_START) -> bytes:
    return f"{start}{inside}</svg>".encode()


def picture(size: tuple[int, int] = (300, 100), kind: str = "PNG", color: str = "#2F4F6F") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png), formats=["PNG"])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_picture_is_drawn_again_within_the_box(kind: str) -> None:
    logo = read_logo(picture((3000, 1000), kind))
    assert logo.size == (480, 160)
    assert opened(logo.data).size == logo.size


def test_metadata_is_gone_and_empty_edges_are_cut() -> None:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste("#2F4F6F", (100, 150, 300, 250))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    image.save(out, "PNG", exif=exif)
    logo = read_logo(out.getvalue())
    assert logo.size == (200, 100)
    assert b"secret" not in logo.data


def test_svg_is_rasterized() -> None:
    logo = read_logo(svg(SHAPE))
    assert logo.size == (320, 160)
    assert opened(logo.data).convert("RGB").getpixel((5, 5)) == (0x2F, 0x4F, 0x6F)


@pytest.mark.parametrize(
    "harm",
    [
        "<script>fetch('https://evil.example/')</script>",
        '<image href="{path}" width="40" height="20"/>',
        '<g xmlns:x="http://www.w3.org/1999/xlink"><image x:href="{path}" width="9"/></g>',
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
        '<use href="{path}#a"/>',
        '<rect width="40" height="20" fill="url({path}#a)" onload="x()"/>',
        "<style>@import url({path}); rect {{ fill: url('{path}#a') }}</style>",
        '<filter id="f"><feImage href="{path}"/></filter>',
    ],
)
def test_harm_in_an_svg_is_left_out(harm: str, tmp_path) -> None:
    red = tmp_path / "red.png"
    red.write_bytes(picture((40, 20), color="#FF0000"))
    harm = harm.format(path=red)
    logo = read_logo(svg(SHAPE + harm))
    colors = opened(logo.data).convert("RGB").getcolors()
    assert colors is not None
    assert (255, 0, 0) not in {color for _count, color in colors}
    kept = logos._read_svg(svg(SHAPE + harm))
    assert str(red).encode() not in logos.ElementTree.tostring(kept)


def test_drawing_program_itself_opens_no_file(tmp_path) -> None:
    red = tmp_path / "red.png"
    red.write_bytes(picture((40, 20), color="#FF0000"))
    program = logos.Path(logos.__file__).with_name("svg_to_png.py")
    done = subprocess.run(
        [sys.executable, "-I", str(program), "40", "20"],
        input=svg(f'{SHAPE}<image href="{red}" width="40" height="20"/>'),
        capture_output=True,
        check=True,
    )
    assert opened(done.stdout).convert("RGB").getpixel((5, 5)) == (0x2F, 0x4F, 0x6F)


def _use_bomb() -> bytes:
    levels = ""
    for level in range(1, 12):
        levels += f'<g id="a{level}">' + f'<use href="#a{level - 1}"/>' * 10 + "</g>"
    return svg(f'<defs><g id="a0">{SHAPE}</g>{levels}</defs><use href="#a11"/>')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"junk", "can’t use"),
        (picture((4000, 40)), "twelve times"),
        (picture()[:60], "can’t use"),
        (b"<html><body><svg></svg></body></html>", "can’t use"),
        (svg("<text>Practice</text>"), "outlines"),
        (svg("<g>" * 300 + "</g>" * 300), "too complicated"),
        (svg("<path"), "damaged"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"), "damaged"),
        (svg(SHAPE, '<svg xmlns="http://www.w3.org/2000/svg">'), "how large"),
        (svg(SHAPE, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan -1">'), "how large"),
        (svg(""), "nothing to see"),
        (svg("<!--" + "x" * 200_000 + "-->"), "200 KB"),
        (_use_bomb(), "can’t draw"),
        (b"x" * 2_000_001, "2 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_are_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(InvalidLogo, match=words):
        read_logo(data)


def test_picture_with_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch) -> None:
    monkeypatch.setattr(logos, "MAX_PIXELS", 100)
    with pytest.raises(InvalidLogo, match="too large"):
        read_logo(picture())


def test_icon_shows_a_square_logo_a_letter_or_the_mark() -> None:
    square = make_icon(48, COLORS, logo=picture((50, 50), color="#FF0000"), letter="H")
    wide = make_icon(48, COLORS, logo=picture((500, 50), color="#FF0000"), letter="H")
    mark = make_icon(48, COLORS, logo=None, letter="H")
    assert opened(square).convert("RGB").getpixel((24, 24)) == (255, 0, 0)
    assert opened(wide).convert("RGB").getpixel((24, 3)) == (0x2F, 0x4F, 0x6F)
    assert len({square, wide, mark}) == 3
    touch = make_icon(180, COLORS, logo=None, letter="H", is_opaque=True)
    assert opened(touch).convert("RGBA").getchannel("A").getextrema() == (255, 255)


@pytest.mark.django_db
def test_default_look_keeps_the_icons_the_site_came_with(client) -> None:
    make_practice()
    look = Look(profile_id=1, corners="round")
    rebuild_icons(look)
    assert (look.small_icon, look.touch_icon) == (None, None)


@pytest.mark.django_db
def test_logo_is_previewed_saved_and_shown(client) -> None:
    make_practice(name="Harbor Street")
    client.force_login(make_staff_with_roles("owner"))
    upload = SimpleUploadedFile("logo.svg", svg(SHAPE), content_type="image/svg+xml")
    page = client.post(URL, form_data(_preview="1", logo_file=upload)).content.decode()
    logo = LookFile.objects.get()
    assert f"/look/{logo.name}" in page
    assert not Look.objects.exists()
    client.post(URL, form_data(_save="1", logo=logo.name, header_shows="logo"))
    look = Look.objects.get()
    assert look.logo_id == logo.name
    client.logout()
    home = client.get("/").content.decode()
    assert f'src="/look/{logo.name}" width="320" height="160" alt="Harbor Street"' in home
    assert f'href="/look/{look.small_icon_id}"' in home
    assert f'href="/look/{look.touch_icon_id}"' in home
    served = client.get(f"/look/{logo.name}").content
    assert served.startswith(b"\x89PNG")
    assert b"<svg" not in served


@pytest.mark.django_db
def test_dark_logo_stands_for_dark_pages_and_both_can_be_removed(client) -> None:
    make_practice(name="Harbor Street")
    client.force_login(make_staff_with_roles("owner"))
    files = {
        "logo_file": SimpleUploadedFile("a.png", picture()),
        "dark_logo_file": SimpleUploadedFile("b.png", picture(color="#FFFFFF")),
    }
    client.post(URL, form_data(_save="1", **files))
    home = client.get("/").content.decode()
    assert '<source media="(prefers-color-scheme: dark)"' in home
    assert 'alt=""' in home
    assert "<span>Harbor Street</span>" in home
    look = Look.objects.get()
    data = form_data(_save="1", removes_logo="on", removes_dark_logo="on")
    client.post(URL, {**data, "version": look.updated_at.isoformat()})
    look.refresh_from_db()
    assert (look.logo, look.dark_logo, look.small_icon) == (None, None, None)


@pytest.mark.django_db
def test_refused_logo_is_told_at_its_field(client) -> None:
    make_practice()
    client.force_login(make_staff_with_roles("owner"))
    upload = SimpleUploadedFile("logo.png", b"junk")
    response = client.post(URL, form_data(_save="1", logo_file=upload))
    assert response.status_code == 422
    assert "Try PNG, WebP, JPEG or SVG" in response.content.decode()
    assert not LookFile.objects.exists()


@pytest.mark.django_db
def test_logo_that_was_only_previewed_is_deleted_a_day_later() -> None:
    make_practice()
    used, unused = LookFile.keep("logo", b"1", (1, 1)), LookFile.keep("logo", b"2", (1, 1))
    Look.objects.create(profile_id=1, logo=used)
    now = timezone.now()
    LookFile.delete_unused(now=now)
    assert LookFile.objects.count() == 2
    LookFile.delete_unused(now=now + PREVIEW_TIME * 2)
    assert list(LookFile.objects.all()) == [used]
    assert unused.name != used.name
