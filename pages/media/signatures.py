"""What a file is by its first bytes: its name and the browser's word prove nothing. Pure."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Those that Pillow opens for us; every other decoder stays shut.
ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}


def format_of(data: bytes) -> str:
    """One of ACCEPTED, or nothing."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    return "AVIF" if _brands(data) & _AVIF else ""


def kind_word(data: bytes) -> Promise:
    """What to tell somebody whose file is none of ours."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _brands(data) & _HEIC:
        return _(
            "This is a HEIC photograph, as iPhones take them, and few browsers can show it. "
            "Export it as JPEG, or set the camera to “Most compatible”, and choose it again."
        )
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head:
        return _(
            "This is an SVG drawing. Such files can carry programs, so they are not taken here. "
            "Export it as PNG and choose it again."
        )
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _("This is a TIFF file, which browsers do not show. Export it as JPEG or PNG.")
    if head.startswith(b"%pdf"):
        return _("This is a PDF document. Export its page as a picture: JPEG or PNG.")
    return _("This is no picture that can be shown here. JPEG, PNG, WebP, AVIF and GIF are.")


def _brands(data: bytes) -> set[bytes]:
    """The names an ISO media file gives itself, in its first box."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
