"""The bytes of an export as text, a piece at a time: whatever the encoding, without controls."""

import codecs
import re
from typing import BinaryIO

from pages.wordpress.refused import NotAnExport, TooMuch

CHUNK = 256 * 1024  # bytes
MOST_BYTES = 512 * 1024 * 1024
LONGEST_NODE = 16 * 1024 * 1024  # characters; the longest page of a page builder is a tenth of it
LONGEST_PREFACE = 1024 * 1024  # notices of plugins before the first tag
NEARBY = 256  # a match this close to the end of what was read may go on in the next piece

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
}
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']""", re.I)
KINDS = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"%PDF": "pdf"}


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 was written by a program that thought in Windows' code page."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("wordpress_export", _as_windows)


class ExportText:
    """A window over the file: what lies before the reader is let go, what follows is read on."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.text = ""
        self.at = 0
        self.bytes_read = 0
        self.is_at_end = False
        first = file.read(CHUNK)
        for mark, kind in KINDS.items():
            if first.startswith(mark):
                raise NotAnExport(kind)
        encoding = encoding_of(first)
        errors = "wordpress_export" if encoding == "utf-8" else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
        self._take(first.removeprefix(codecs.BOM_UTF8))

    def search(
        self, pattern: re.Pattern[str], start: int, most: int = LONGEST_NODE
    ) -> re.Match[str] | None:
        """The first match from `start` on, reading as far as needed; None at the end or limit."""
        begin = start
        while True:
            found = pattern.search(self.text, begin)
            if found and (self.is_at_end or found.end() < len(self.text) - NEARBY):
                return found
            if self.is_at_end:
                return None
            if len(self.text) - start > most:
                if found:
                    return found
                raise TooMuch("node")
            begin = found.start() if found else max(start, len(self.text) - NEARBY)
            self.read_on()

    def read_on(self) -> None:
        """At least as much again as is held, so that a long node is not searched too often."""
        piece = self.file.read(max(CHUNK, len(self.text)))
        self._take(piece)

    def drop_before(self, position: int) -> int:
        """Let go of what was read; positions move by the number returned."""
        if position < CHUNK:
            return 0
        self.text = self.text[position:]
        return position

    def _take(self, piece: bytes) -> None:
        self.bytes_read += len(piece)
        if self.bytes_read > MOST_BYTES:
            raise TooMuch("file")
        self.is_at_end = not piece
        decoded = self._decoder.decode(piece, final=self.is_at_end)
        self.text += CONTROLS.sub("", decoded.replace("\r\n", "\n").replace("\r", "\n"))


def encoding_of(first: bytes) -> str:
    for bom, name in BOMS:
        if first.startswith(bom):
            return name
    declared = DECLARED.search(first[:LONGEST_PREFACE])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    # A file that says UTF-16 in bytes that we could read as ASCII is not UTF-16.
    return "utf-8" if name == "utf-16" else ENCODINGS.get(name, "utf-8")
