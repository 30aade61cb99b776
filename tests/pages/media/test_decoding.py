"""Tests for decoding untrusted uploads into plain pictures or clear error messages."""

import io
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from pages.media import decoding, files
from pages.media.decoding import InvalidPicture, decode_picture
from tests.factories.pictures import gradient_image, image_file
from tools.bench import image_memory

GPS, ORIENTATION = 0x8825, 0x0112
SECRET = b"45.5231N 122.6765W"


def encode_image(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    return image_file(image, kind, **options).getvalue()


def make_exif(orientation: int = 1) -> Image.Exif:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    notes[0x010E] = SECRET.decode()
    notes.get_ifd(GPS)[2] = (45.0, 31.0, 23.0)
    return notes


def pixel_color(image: Image.Image, x: int = 20) -> tuple[int, ...]:
    pixel = image.getpixel((x, 1))
    assert isinstance(pixel, tuple)
    return pixel


def rejection_message(data: bytes) -> str:
    with pytest.raises(InvalidPicture) as refused:
        decode_picture(data)
    return str(refused.value)


# --- accepted files ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_common_formats_are_accepted(kind) -> None:
    decoded = decode_picture(encode_image(gradient_image(300, 200), kind))
    assert (decoded.image.mode, decoded.image.size) == ("RGB", (300, 200))
    assert not decoded.was_animated


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_metadata_is_removed(kind) -> None:
    data = encode_image(
        gradient_image(), kind, exif=make_exif(), xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    )
    assert SECRET in data or kind == "PNG"
    decoded = decode_picture(data)
    assert decoded.image.info == {}
    assert dict(decoded.image.getexif()) == {}
    for name in ("400.avif", "400.webp", "400.jpg"):
        written = files.encode_variant(decoded.image, name)
        assert SECRET not in written
        with Image.open(io.BytesIO(written)) as again:
            assert dict(again.getexif()) == {}
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(again.info)
    assert SECRET not in files.encode_master(decoded.image)


def test_text_chunks_and_comments_are_removed() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    for data in (
        encode_image(gradient_image(), "PNG", pnginfo=notes),
        encode_image(gradient_image(), "JPEG", comment=SECRET),
    ):
        assert SECRET in data
        assert SECRET not in files.encode_master(decode_picture(data).image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation) -> None:
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 30, 20))
    steps = {
        1: [], 2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4],
    }  # fmt: skip
    lying = upright
    for step in steps[orientation]:
        lying = lying.transpose(Image.Transpose(step))
    image = decode_picture(encode_image(lying, "PNG", exif=make_exif(orientation))).image
    assert image.size == (60, 40)
    assert image.getpixel((5, 5)) == (255, 0, 0)
    assert image.getpixel((55, 35)) == (255, 255, 255)


def test_rotated_photo_fits_master_box() -> None:
    wide = decode_picture(encode_image(gradient_image(3000, 1500))).image
    tall = decode_picture(encode_image(gradient_image(3000, 1500), exif=make_exif(6))).image
    assert wide.size == (2400, 1200)
    assert tall.size == (1500, 3000)


def test_cmyk_is_converted_to_rgb() -> None:
    cmyk = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    image = decode_picture(encode_image(cmyk)).image
    red, green, blue = pixel_color(image)
    assert (image.mode, red > 200, green < 90, blue < 90) == ("RGB", True, True, True)


def test_color_profile_is_applied_and_removed() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert (
        decode_picture(encode_image(gradient_image(), "PNG", icc_profile=swapped)).image.mode
        == "RGB"
    )
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = decode_picture(
        encode_image(Image.new("RGB", (20, 20), "#336699"), "PNG", icc_profile=srgb)
    ).image
    assert image.getpixel((5, 5)) == (0x33, 0x66, 0x99)
    assert "icc_profile" not in image.info
    for bad in (b"", b"not a profile", b"\0" * 128, srgb[:200]):
        damaged = encode_image(Image.new("RGB", (20, 20), "#336699"), "PNG", icc_profile=bad)
        assert decode_picture(damaged).image.getpixel((5, 5)) == (0x33, 0x66, 0x99)


def test_sixteen_bit_grayscale_keeps_shades() -> None:
    deep = Image.new("I;16", (256, 4))
    deep.putdata([column * 256 for _row in range(4) for column in range(256)])
    image = decode_picture(encode_image(deep, "PNG")).image
    assert [pixel_color(image, x)[0] for x in (0, 64, 128, 255)] == [0, 64, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_all_png_modes_become_rgb(mode) -> None:
    source = Image.new("I;16", (50, 40)) if mode == "I;16" else gradient_image(50, 40).convert(mode)
    assert decode_picture(encode_image(source, "PNG")).image.mode == "RGB"


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 20, 20))
    for kind in ("PNG", "WEBP"):
        decoded = decode_picture(
            encode_image(clear, kind, **({"lossless": True} if kind == "WEBP" else {}))
        )
        assert decoded.was_see_through
        assert decoded.image.getpixel((30, 30)) == (255, 255, 255)
        assert decoded.image.getpixel((5, 5)) == (0, 0, 255)
    palette = Image.new("P", (40, 40), 1)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    decoded = decode_picture(encode_image(palette, "GIF", transparency=1))
    assert decoded.image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animation_keeps_first_frame(kind) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    data = encode_image(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    decoded = decode_picture(data)
    assert decoded.was_animated
    red, green, blue = pixel_color(decoded.image)
    assert red > 240
    assert max(green, blue) < 15


# --- rejected files ---

HEIC_HEADER = b"\0\0\0\x18ftyp%b\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?><svg/>', "SVG"),
        (b"<!-- x --><svg onload=alert(1)>", "SVG"),
        (HEIC_HEADER % b"heic", "iPhones"),
        (HEIC_HEADER % b"mif1", "iPhones"),
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
def test_unsupported_files_are_rejected_with_helpful_message(data, words) -> None:
    message = rejection_message(data)
    assert words in message
    assert message.endswith(".")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_truncated_file_is_rejected(kind) -> None:
    # Noise compresses badly, so half the file can't contain the whole picture.
    whole = encode_image(Image.effect_noise((300, 300), 90).convert("RGB"), kind)
    assert "damaged" in rejection_message(whole[: len(whole) // 2])


def png_chunk(name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum


def png_claiming_size(width: int, height: int) -> bytes:
    """Build a PNG whose header claims this size.

    The decoder only reads the header, so the start of one row of pixels is enough.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(60_001))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def jpeg_claiming_size(width: int, height: int) -> bytes:
    data = bytearray(encode_image(Image.new("RGB", (16, 16))))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_claiming_size(width: int, height: int) -> bytes:
    data = bytearray(encode_image(Image.new("P", (16, 16)), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        png_claiming_size(50_000, 50_000),
        png_claiming_size(2**31 - 1, 2**31 - 1),
        png_claiming_size(20_000, 1),
        png_claiming_size(10_000, 10_000),
        jpeg_claiming_size(50_000, 50_000),
        jpeg_claiming_size(65_500, 65_500),
        gif_claiming_size(50_000, 50_000),
    ],
    ids=["png", "huge png", "wide png", "large png", "jpeg", "huge jpeg", "gif"],
)
def test_decompression_bombs_are_rejected_before_decoding(data, monkeypatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert "more pixels" in rejection_message(data) or "damaged" in rejection_message(data)


def test_excess_bytes_scans_and_texts_are_rejected(monkeypatch) -> None:
    assert "20 MB" in rejection_message(b"\xff\xd8\xff" + bytes(decoding.MAX_BYTES))
    scans = encode_image(gradient_image(), progressive=True).replace(
        b"\xff\xda", b"\xff\xda" * 60, 3
    )
    assert "damaged" in rejection_message(scans)
    text = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(30_000_000), 9))
    data = encode_image(gradient_image(), "PNG")
    assert "damaged" in rejection_message(data[:33] + text * 3 + data[33:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_polyglot_file_is_reduced_to_picture(kind) -> None:
    script = b"<script>alert(document.domain)</script><?php system($_GET[0]); ?>PK\x05\x06"
    decoded = decode_picture(encode_image(gradient_image(), kind) + script)
    for name in ("400.avif", "400.webp", "400.jpg"):
        written = files.encode_variant(decoded.image, name)
        assert b"<script" not in written
        assert b"<?php" not in written
        assert b"PK\x05\x06" not in written


def test_invalid_exif_is_ignored() -> None:
    assert (
        decode_picture(
            encode_image(gradient_image(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
        ).image.mode
        == "RGB"
    )


@pytest.mark.parametrize("seed", range(40))
def test_corrupt_bytes_never_crash_decoder(seed) -> None:
    luck = random.Random(seed)
    kind = luck.choice(["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    data = bytearray(encode_image(gradient_image(60, 40), kind))
    for _ in range(luck.randint(1, 12)):
        data[luck.randrange(len(data))] = luck.randrange(256)
    with suppress(InvalidPicture):
        assert decode_picture(bytes(data)).image.mode == "RGB"


@pytest.mark.parametrize(
    "name", ["png 25 MP see-through", "webp 8.5 MP see-through", "jpeg 24 MP progressive"]
)
def test_largest_pictures_decode_within_300_mb(name, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    image_memory.run_step("generate", name, path)
    megabytes, size = image_memory.run_step("decode", name, path).split(" ", 1)
    assert " x " in size
    assert int(megabytes) < image_memory.LIMIT_MB
