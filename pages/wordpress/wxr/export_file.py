"""Read a WordPress export (WXR 0.9 to 1.2) item by item, even if it is damaged.

This is not an XML parser. Exports get cut off or patched by plugins, and contain what XML
parsers reject (control characters, bare ampersands, nested CDATA), where a parser would stop.
The format is flat, so this reader needs to know only its elements; it handles no nesting,
expands no entities and follows no references. Files that declare entities are refused.

`ExportText` decodes the file in chunks, whatever its encoding, without control characters.
"""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import BinaryIO

from pages.wordpress.wxr.record_builder import RecordBuilder
from pages.wordpress.wxr.records import (
    ExportDamage,
    ExportHead,
    ExportLimitExceeded,
    Item,
    NotAnExport,
)

MAX_ITEMS = 200_000
MAX_DAMAGE = 2_000
MAX_UNKNOWN_DEPTH = 1_000  # unknown elements, opened and never closed

CONTAINER_ELEMENTS = frozenset({
    "channel", "image", "item", "wp:author", "wp:category", "wp:comment", "wp:commentmeta",
    "wp:postmeta", "wp:tag", "wp:term", "wp:termmeta",
})  # fmt: skip
LEAF_ELEMENTS = frozenset({
    "title", "link", "guid", "dc:creator", "content:encoded", "excerpt:encoded", "category",
    "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url", "wp:author_id",
    "wp:author_login", "wp:author_email", "wp:author_display_name", "wp:author_first_name",
    "wp:author_last_name", "wp:category_nicename", "wp:category_parent", "wp:cat_name",
    "wp:category_description", "wp:tag_slug", "wp:tag_name", "wp:tag_description",
    "wp:term_id", "wp:term_taxonomy", "wp:term_slug", "wp:term_parent", "wp:term_name",
    "wp:term_description", "wp:post_id", "wp:post_date", "wp:post_date_gmt",
    "wp:post_modified_gmt", "wp:comment_status", "wp:post_name", "wp:status",
    "wp:post_parent", "wp:menu_order", "wp:post_type", "wp:post_password", "wp:is_sticky",
    "wp:attachment_url", "wp:meta_key", "wp:meta_value", "wp:comment_id", "wp:comment_author",
    "wp:comment_author_email", "wp:comment_date", "wp:comment_date_gmt", "wp:comment_content",
    "wp:comment_approved", "wp:comment_type", "wp:comment_parent", "wp:comment_user_id",
})  # fmt: skip
# Used in WordPress.com exports for a while.
ELEMENT_ALIASES = {"wp:wp_author": "wp:author"}
# If these contain tags outside CDATA, their text is already HTML.
HTML_ELEMENTS = frozenset({"content:encoded", "excerpt:encoded", "wp:comment_content"})

NAME_PATTERN = r"[A-Za-z_][\w.-]{0,80}(?::[A-Za-z_][\w.-]{0,80})?"
TOKEN_RE = re.compile(rf"<!--|<!\[CDATA\[|<(/?)({NAME_PATTERN})((?:\s[^<>]{{0,4000}}?)?)(/?)>")
START_RE = re.compile(r"<(?:rss|channel|item)\b")
ENTITY_RE = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]{0,400}\[", re.I)
ATTRIBUTE_RE = re.compile(r"""([\w:.-]{1,80})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
CDATA_START_RE = re.compile(r"\s*<!\[CDATA\[")
COMMENT_END_RE = re.compile(r"-->")
CDATA_END_RE = re.compile(r"\]\]>")
ESCAPED_CDATA_END = "]]]]><![CDATA[>"  # how WordPress escapes ]]> inside CDATA
HTML_TAG_RE = re.compile(r"<[a-zA-Z/!]")


class ExportReader:
    """Read an export through `items()`.

    `head` is complete once the first item is yielded or the end is reached; `damage` grows until
    the end of the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.head = ExportHead()
        self.damage = ExportDamage()
        self.is_truncated = False
        self._text = ExportText(file)
        self._builder = RecordBuilder(self.head)
        self._prefixes: dict[str, str] = {}
        self._unknown_depth = 0

    @property
    def bytes_read(self) -> int:
        return self._text.bytes_read

    def items(self) -> Iterator[Item]:
        """Yield the items in file order.

        Raises `NotAnExport` for another kind of file and `ExportLimitExceeded` if it passes a
        limit.
        """
        self._skip_preface()
        count = 0
        for item in self._items():
            if not (item.type or item.id or item.is_cut or self.head.version):
                # A site's feed is not an export: it does not say which posts are drafts or
                # protected.
                raise NotAnExport("feed")
            count += 1
            if count > MAX_ITEMS:
                raise ExportLimitExceeded("items")
            yield item
        if not count and not self.head.version:
            raise NotAnExport("other")

    def _skip_preface(self) -> None:
        """Skip blank lines and PHP notices from plugins before the XML."""
        text = self._text
        while not (match := START_RE.search(text.text)):
            if text.is_at_end or len(text.text) > MAX_PREFACE_CHARS:
                raise NotAnExport("other")
            text.read_more()
        preface = text.text[: match.start()]
        if ENTITY_RE.search(preface):
            raise ExportLimitExceeded("entities")
        if not re.fullmatch(r"\s*(?:<\?xml[^>]*>)?(?:\s|<!--.*?-->|<\?[^>]*>)*", preface, re.S):
            self.damage.note("notice")
        text.at = match.start()

    def _items(self) -> Iterator[Item]:
        while True:
            token = self._text.search(TOKEN_RE, self._text.at)
            if token is None:
                self.is_truncated = self._builder.is_open or not self._builder.has_ended
                if (last := self._builder.cut()) is not None:
                    yield last
                return
            self._text.at = token.end()
            if token[0] in ("<!--", "<![CDATA["):
                self._skip_to(COMMENT_END_RE if token[0] == "<!--" else CDATA_END_RE)
                continue
            name = self._known_name(token[2])
            if name == "rss":
                self._learn_prefixes(token[3])
            elif name in CONTAINER_ELEMENTS:
                done = self._builder.close(name) if token[1] else self._open(name, token[4])
                if done is not None:
                    yield done
                self._text.at -= self._text.drop_before(self._text.at)
            elif name in LEAF_ELEMENTS and not token[1]:
                value = "" if token[4] else self._read_leaf(token[2], name)
                self._builder.take(name, value, dict(parse_attributes(token[3])))
            else:
                self._count_unknown(closes=bool(token[1]), is_empty=bool(token[4]))

    def _open(self, name: str, is_empty: str) -> Item | None:
        if is_empty:
            return None
        done = self._builder.open(name)
        if done is not None:
            self._note("unclosed")
        return done

    def _read_leaf(self, written: str, name: str) -> str:
        """Return an element's text up to its end tag, or to where that must have been lost."""
        text, start = self._text, self._text.at
        opened = text.search(re.compile(r"\S"), start)
        if opened and (cdata := CDATA_START_RE.match(text.text, start)):
            return self._read_cdata(written, cdata.end())
        end = text.search(end_tag_re(written), start)
        if end is None:
            return self._read_to_next_element(start)
        raw = text.text[start : end.start()]
        if "<item>" in raw or "</item>" in raw:
            return self._read_to_next_element(start)
        text.at = end.end()
        if name in HTML_ELEMENTS and HTML_TAG_RE.search(raw.replace("<![CDATA[", "")):
            self._note("no_cdata")
            return strip_cdata(raw)
        return CONTROL_CHARS_RE.sub("", unescape(strip_cdata(raw)))

    def _read_cdata(self, written: str, start: int) -> str:
        text = self._text
        end = text.search(cdata_end_tag_re(written), start)
        raw = text.text[start : end.start()] if end else ""
        if end is None or (ESCAPED_CDATA_END not in raw and lost_end_re(written).search(raw)):
            # The CDATA end is lost: read up to the end tag, or to the next element.
            self._note("unterminated")
            end = text.search(lost_end_re(written), start) or text.search(
                end_tag_re(written), start
            )
            if end is None:
                return self._read_to_next_element(start)
            raw = text.text[start : end.start()].removesuffix("]]>")
        text.at = end.end()
        raw = raw.replace(ESCAPED_CDATA_END, "]]>").replace("]]><![CDATA[", "")
        if "<![CDATA[" in raw:
            self._note("nested")
            raw = strip_cdata(raw)
        return raw

    def _read_to_next_element(self, start: int) -> str:
        """Return an unclosed element's text, up to the next known element or the file's end."""
        text = self._text
        self._note("unclosed")
        match = text.search(NEXT_ELEMENT_RE, start)
        if match is None:
            self._builder.is_broken_off = True
            text.at = len(text.text)
            return text.text[start:]
        text.at = match.start()
        return text.text[start : match.start()].strip().removesuffix("]]>")

    def _skip_to(self, end: re.Pattern[str]) -> None:
        match = self._text.search(end, self._text.at)
        self._text.at = match.end() if match else len(self._text.text)

    def _count_unknown(self, *, closes: bool, is_empty: bool) -> None:
        if not is_empty:
            self._unknown_depth = max(0, self._unknown_depth + (-1 if closes else 1))
        if self._unknown_depth > MAX_UNKNOWN_DEPTH:
            raise ExportLimitExceeded("depth")

    def _note(self, code: str) -> None:
        self.damage.note(code)
        # Texts without CDATA are cheap to read, and old exports have no others.
        costly = self.damage.counts.total() - self.damage.counts["no_cdata"]
        if costly > MAX_DAMAGE:
            raise ExportLimitExceeded("damage")

    def _known_name(self, written: str) -> str:
        prefix, colon, rest = written.partition(":")
        name = f"{self._prefixes.get(prefix, prefix)}:{rest}" if colon else written
        return ELEMENT_ALIASES.get(name, name)

    def _learn_prefixes(self, written: str) -> None:
        """Record the prefixes of known namespaces: old or new, http or https, under any name."""
        for name, uri in parse_attributes(written):
            if name.startswith("xmlns:") and (known := namespace_prefix(uri)):
                self._prefixes[name.removeprefix("xmlns:")] = known


NEXT_ELEMENT_RE = re.compile(
    r"\s*<(?:/?(?:item|wp:comment|wp:postmeta|channel)\b|(?:"
    + "|".join(sorted(re.escape(name) for name in LEAF_ELEMENTS if ":" in name or name == "link"))
    + r")[\s>/])"
)


def namespace_prefix(uri: str) -> str:
    """Return the standard prefix for a namespace URI; "" if it is unknown."""
    uri = uri.lower().rstrip("/")
    if "wordpress.org/export" in uri:
        return "excerpt" if uri.endswith("/excerpt") else "wp"
    if "purl.org/rss/1.0/modules/content" in uri:
        return "content"
    return "dc" if "purl.org/dc/elements" in uri else ""


def parse_attributes(written: str) -> list[tuple[str, str]]:
    return [
        (name, unescape(double or single)) for name, double, single in ATTRIBUTE_RE.findall(written)
    ]


@lru_cache(maxsize=128)
def end_tag_re(written: str) -> re.Pattern[str]:
    return re.compile(rf"</{re.escape(written)}\s*>")


@lru_cache(maxsize=128)
def cdata_end_tag_re(written: str) -> re.Pattern[str]:
    return re.compile(rf"\]\]>\s*</{re.escape(written)}\s*>")


@lru_cache(maxsize=128)
def lost_end_re(written: str) -> re.Pattern[str]:
    """Match the end of CDATA or of this element, directly followed by another element's tag.

    In an undamaged file, text that quotes an export has its ]]> escaped.
    """
    names = "|".join(re.escape(name) for name in sorted(LEAF_ELEMENTS | CONTAINER_ELEMENTS))
    return re.compile(rf"(?:\]\]>|</{re.escape(written)}\s*>)\s{{0,200}}(?=</?(?:{names})[\s>/])")


def strip_cdata(raw: str) -> str:
    return raw.replace("<![CDATA[", "").replace("]]>", "")


# Decoding the file in chunks.

CHUNK_BYTES = 256 * 1024  # bytes
MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_NODE_CHARS = 16 * 1024 * 1024  # characters; ten times the longest page builder page
MAX_PREFACE_CHARS = 1024 * 1024  # characters of plugin notices before the first tag
LOOKAHEAD_CHARS = 256  # a match this close to the end of the buffer may continue in the next chunk

BOM_ENCODINGS = (
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
CONTROL_CHARS_RE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
DECLARED_ENCODING_RE = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']""", re.I
)
OTHER_FILE_SIGNATURES = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"%PDF": "pdf"}


def _decode_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not valid UTF-8 as Windows-1252, as some programs write them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("wordpress_export", _decode_as_cp1252)


class ExportText:
    """A sliding window over the decoded file: drops text already read, reads more on demand."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.text = ""
        self.at = 0
        self.bytes_read = 0
        self.is_at_end = False
        first = file.read(CHUNK_BYTES)
        for mark, kind in OTHER_FILE_SIGNATURES.items():
            if first.startswith(mark):
                raise NotAnExport(kind)
        encoding = detect_encoding(first)
        errors = "wordpress_export" if encoding == "utf-8" else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
        self._take(first.removeprefix(codecs.BOM_UTF8))

    def search(
        self, pattern: re.Pattern[str], start: int, most: int = MAX_NODE_CHARS
    ) -> re.Match[str] | None:
        """Return the first match from `start`, reading more as needed; None at the end of the file.

        Raises `ExportLimitExceeded` if there is no match within `most` characters.
        """
        begin = start
        while True:
            match = pattern.search(self.text, begin)
            if match and (self.is_at_end or match.end() < len(self.text) - LOOKAHEAD_CHARS):
                return match
            if self.is_at_end:
                return None
            if len(self.text) - start > most:
                if match:
                    return match
                raise ExportLimitExceeded("node")
            begin = match.start() if match else max(start, len(self.text) - LOOKAHEAD_CHARS)
            self.read_more()

    def read_more(self) -> None:
        """Read at least as much as is buffered, so that a long node is not searched too often."""
        piece = self.file.read(max(CHUNK_BYTES, len(self.text)))
        self._take(piece)

    def drop_before(self, position: int) -> int:
        """Drop the text before `position`; return by how much positions have moved."""
        if position < CHUNK_BYTES:
            return 0
        self.text = self.text[position:]
        return position

    def _take(self, piece: bytes) -> None:
        self.bytes_read += len(piece)
        if self.bytes_read > MAX_FILE_BYTES:
            raise ExportLimitExceeded("file")
        self.is_at_end = not piece
        decoded = self._decoder.decode(piece, final=self.is_at_end)
        self.text += CONTROL_CHARS_RE.sub("", decoded.replace("\r\n", "\n").replace("\r", "\n"))


def detect_encoding(first: bytes) -> str:
    """Return the encoding from the BOM or XML declaration; UTF-8 if neither helps."""
    for bom, name in BOM_ENCODINGS:
        if first.startswith(bom):
            return name
    declared = DECLARED_ENCODING_RE.search(first[:MAX_PREFACE_CHARS])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    # A declaration readable as ASCII cannot be in UTF-16, whatever it says.
    return "utf-8" if name == "utf-16" else ENCODINGS.get(name, "utf-8")
