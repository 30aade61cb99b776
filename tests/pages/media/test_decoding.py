"""Files of strangers: what comes out is a plain picture, or a kind sentence."""

import io
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from pages.media import decoding, files
from pages.media.decoding import InvalidPicture, decode
from tests.factories.pictures import file_of, gradient
from tools.bench import image_memory

GPS, ORIENTATION = 0x8825, 0x0112
SECRET = b"45.5231N 122.6765W"


def data_of(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    return file_of(image, kind, **options).getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    notes[0x010E] = SECRET.decode()
    notes.get_ifd(GPS)[2] = (45.0, 31.0, 23.0)
    return notes


def colours(image: Image.Image, x: int = 20) -> tuple[int, ...]:
    pixel = image.getpixel((x, 1))
    assert isinstance(pixel, tuple)
    return pixel


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidPicture) as refused:
        decode(data)
    return str(refused.value)


# --- what is taken, and what becomes of it ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_common_format_is_taken(kind) -> None:
    decoded = decode(data_of(gradient(300, 200), kind))
    assert (decoded.image.mode, decoded.image.size) == ("RGB", (300, 200))
    assert not decoded.was_animated


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_place_time_and_camera_are_gone(kind) -> None:
    data = data_of(gradient(), kind, exif=exif(), xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")
    assert SECRET in data or kind == "PNG"
    decoded = decode(data)
    assert decoded.image.info == {}
    assert dict(decoded.image.getexif()) == {}
    for name in ("400.avif", "400.webp", "400.jpg"):
        written = files.encode_variant(decoded.image, name)
        assert SECRET not in written
        with Image.open(io.BytesIO(written)) as again:
            assert dict(again.getexif()) == {}
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(again.info)
    assert SECRET not in files.encode_master(decoded.image)


def test_texts_and_comments_in_a_file_are_gone() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    for data in (
        data_of(gradient(), "PNG", pnginfo=notes),
        data_of(gradient(), "JPEG", comment=SECRET),
    ):
        assert SECRET in data
        assert SECRET not in files.encode_master(decode(data).image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation) -> None:
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 30, 20))
    steps = {
        1: [], 2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4],
    }  # fmt: skip
    lying = upright
    for step in steps[orientation]:
        lying = lying.transpose(Image.Transpose(step))
    image = decode(data_of(lying, "PNG", exif=exif(orientation))).image
    assert image.size == (60, 40)
    assert image.getpixel((5, 5)) == (255, 0, 0)
    assert image.getpixel((55, 35)) == (255, 255, 255)


def test_a_turned_photograph_fits_the_box_that_it_is_turned_to() -> None:
    wide = decode(data_of(gradient(3000, 1500))).image
    tall = decode(data_of(gradient(3000, 1500), exif=exif(6))).image
    assert wide.size == (2400, 1200)
    assert tall.size == (1500, 3000)


def test_print_colours_become_screen_colours() -> None:
    cmyk = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    image = decode(data_of(cmyk)).image
    red, green, blue = colours(image)
    assert (image.mode, red > 200, green < 90, blue < 90) == ("RGB", True, True, True)


def test_a_colour_profile_is_applied_and_dropped() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert decode(data_of(gradient(), "PNG", icc_profile=swapped)).image.mode == "RGB"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = decode(data_of(Image.new("RGB", (20, 20), "#336699"), "PNG", icc_profile=srgb)).image
    assert image.getpixel((5, 5)) == (0x33, 0x66, 0x99)
    assert "icc_profile" not in image.info
    for bad in (b"", b"not a profile", b"\0" * 128, srgb[:200]):
        damaged = data_of(Image.new("RGB", (20, 20), "#336699"), "PNG", icc_profile=bad)
        assert decode(damaged).image.getpixel((5, 5)) == (0x33, 0x66, 0x99)


def test_sixteen_bits_keep_their_greys() -> None:
    deep = Image.new("I;16", (256, 4))
    deep.putdata([column * 256 for _row in range(4) for column in range(256)])
    image = decode(data_of(deep, "PNG")).image
    assert [colours(image, x)[0] for x in (0, 64, 128, 255)] == [0, 64, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_comes_out_as_rgb(mode) -> None:
    source = Image.new("I;16", (50, 40)) if mode == "I;16" else gradient(50, 40).convert(mode)
    assert decode(data_of(source, "PNG")).image.mode == "RGB"


def test_what_was_see_through_is_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 20, 20))
    for kind in ("PNG", "WEBP"):
        decoded = decode(data_of(clear, kind, **({"lossless": True} if kind == "WEBP" else {})))
        assert decoded.was_see_through
        assert decoded.image.getpixel((30, 30)) == (255, 255, 255)
        assert decoded.image.getpixel((5, 5)) == (0, 0, 255)
    palette = Image.new("P", (40, 40), 1)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    decoded = decode(data_of(palette, "GIF", transparency=1))
    assert decoded.image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_a_moving_picture_the_first_image_stays(kind) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    data = data_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    decoded = decode(data)
    assert decoded.was_animated
    red, green, blue = colours(decoded.image)
    assert red > 240
    assert max(green, blue) < 15


# --- what is refused, and how ---

ISO = b"\0\0\0\x18ftyp%b\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?><svg/>', "SVG"),
        (b"<!-- x --><svg onload=alert(1)>", "SVG"),
        (ISO % b"heic", "iPhones"),
        (ISO % b"mif1", "iPhones"),
        (b"II*\0" + b"\0" * 50, "TIFF"),
        (b"MM\0*" + b"\0" * 50, "TIFF"),
        (b"%PDF-1.7\n", "PDF"),
        (b"MZ\x90\0", "no picture"),
        (b"PK\x03\x04", "no picture"),
        (b"BM" + b"\0" * 60, "no picture"),
        (b"<!doctype html><img src=x>", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "no picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "no picture"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"GIF89a", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "damaged"),
    ],
)
def test_other_files_are_refused_in_words_that_help(data, words) -> None:
    said = refusal(data)
    assert words in said
    assert said.endswith(".")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_half_a_file_is_refused(kind) -> None:
    # Noise, so that the data does not fit into the first bytes.
    whole = data_of(Image.effect_noise((300, 300), 90).convert("RGB"), kind)
    assert "damaged" in refusal(whole[: len(whole) // 2])


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum


def png_that_says(width: int, height: int) -> bytes:
    """Only its head is ever read; behind it the first bytes of a first row are enough."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(60_001))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def jpeg_that_says(width: int, height: int) -> bytes:
    data = bytearray(data_of(Image.new("RGB", (16, 16))))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_that_says(width: int, height: int) -> bytes:
    data = bytearray(data_of(Image.new("P", (16, 16)), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        png_that_says(50_000, 50_000),
        png_that_says(2**31 - 1, 2**31 - 1),
        png_that_says(20_000, 1),
        png_that_says(10_000, 10_000),
        jpeg_that_says(50_000, 50_000),
        jpeg_that_says(65_500, 65_500),
        gif_that_says(50_000, 50_000),
    ],
    ids=["png", "huge png", "wide png", "large png", "jpeg", "huge jpeg", "gif"],
)
def test_bombs_are_refused_before_they_are_decoded(data, monkeypatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert "more pixels" in refusal(data) or "damaged" in refusal(data)


def test_too_many_bytes_scans_and_texts_are_refused(monkeypatch) -> None:
    assert "20 MB" in refusal(b"\xff\xd8\xff" + bytes(decoding.MAX_BYTES))
    scans = data_of(gradient(), progressive=True).replace(b"\xff\xda", b"\xff\xda" * 60, 3)
    assert "damaged" in refusal(scans)
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(30_000_000), 9))
    data = data_of(gradient(), "PNG")
    assert "damaged" in refusal(data[:33] + text * 3 + data[33:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_file_that_is_two_things_is_a_picture_afterwards(kind) -> None:
    script = b"<script>alert(document.domain)</script><?php system($_GET[0]); ?>PK\x05\x06"
    decoded = decode(data_of(gradient(), kind) + script)
    for name in ("400.avif", "400.webp", "400.jpg"):
        written = files.encode_variant(decoded.image, name)
        assert b"<script" not in written
        assert b"<?php" not in written
        assert b"PK\x05\x06" not in written


def test_a_broken_note_about_the_camera_is_no_reason_to_refuse() -> None:
    assert decode(data_of(gradient(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")).image.mode == "RGB"


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_never_break_anything(seed) -> None:
    luck = random.Random(seed)
    kind = luck.choice(["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    data = bytearray(data_of(gradient(60, 40), kind))
    for _ in range(luck.randint(1, 12)):
        data[luck.randrange(len(data))] = luck.randrange(256)
    with suppress(InvalidPicture):
        assert decode(bytes(data)).image.mode == "RGB"


@pytest.mark.parametrize(
    "name", ["png 25 MP see-through", "webp 8.5 MP see-through", "jpeg 24 MP progressive"]
)
def test_the_largest_pictures_stay_below_300_megabytes(name, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    image_memory.run_step("generate", name, path)
    megabytes, said = image_memory.run_step("decode", name, path).split(" ", 1)
    assert " x " in said
    assert int(megabytes) < image_memory.LIMIT_MB
