"""A WordPress export (WXR 0.9 to 1.2), read item by item, also when it is broken.

No XML parser: exports are cut off, patched by plugins, and hold what no XML parser accepts
(control characters, bare ampersands, CDATA in CDATA), and a parser stops at the first of them.
The format is flat, so a reader that knows its elements needs no nesting, expands no entity and
follows no reference. What declares entities is refused.
"""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import BinaryIO

from pages.wordpress.wxr.building import Builder
from pages.wordpress.wxr.records import Damage, Head, Item, NotAnExport, TooMuch

MOST_ITEMS = 200_000
MOST_DAMAGE = 2_000
DEEPEST = 1_000  # elements that we do not know, opened and never closed

CONTAINERS = frozenset({
    "channel", "image", "item", "wp:author", "wp:category", "wp:comment", "wp:commentmeta",
    "wp:postmeta", "wp:tag", "wp:term", "wp:termmeta",
})  # fmt: skip
LEAVES = frozenset({
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
# As exports of WordPress.com called it for a while.
RENAMED = {"wp:wp_author": "wp:author"}
# Their text is HTML already when it holds tags outside of CDATA.
HTML_LEAVES = frozenset({"content:encoded", "excerpt:encoded", "wp:comment_content"})

NAME = r"[A-Za-z_][\w.-]{0,80}(?::[A-Za-z_][\w.-]{0,80})?"
TOKEN = re.compile(rf"<!--|<!\[CDATA\[|<(/?)({NAME})((?:\s[^<>]{{0,4000}}?)?)(/?)>")
START = re.compile(r"<(?:rss|channel|item)\b")
ENTITIES = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]{0,400}\[", re.I)
ATTRIBUTE = re.compile(r"""([\w:.-]{1,80})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
CDATA = re.compile(r"\s*<!\[CDATA\[")
COMMENT_END = re.compile(r"-->")
CDATA_END = re.compile(r"\]\]>")
ESCAPED_END = "]]]]><![CDATA[>"  # how WordPress writes ]]> inside of CDATA
A_TAG = re.compile(r"<[a-zA-Z/!]")


class Export:
    """Iterate over `items()`; `head` and `damage` are whole once the first item is there, and
    at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self.head = Head()
        self.damage = Damage()
        self.is_truncated = False
        self._text = ExportText(file)
        self._builder = Builder(self.head)
        self._prefixes: dict[str, str] = {}
        self._unknown_depth = 0

    @property
    def bytes_read(self) -> int:
        return self._text.bytes_read

    def items(self) -> Iterator[Item]:
        self._skip_preface()
        count = 0
        for item in self._items():
            if not (item.type or item.id or item.is_cut or self.head.version):
                # A feed of the site is no export: it says nothing of drafts and protected posts.
                raise NotAnExport("feed")
            count += 1
            if count > MOST_ITEMS:
                raise TooMuch("items")
            yield item
        if not count and not self.head.version:
            raise NotAnExport("other")

    def _skip_preface(self) -> None:
        """Blank lines and notices of plugins may stand before the XML."""
        text = self._text
        while not (found := START.search(text.text)):
            if text.is_at_end or len(text.text) > LONGEST_PREFACE:
                raise NotAnExport("other")
            text.read_on()
        preface = text.text[: found.start()]
        if ENTITIES.search(preface):
            raise TooMuch("entities")
        if not re.fullmatch(r"\s*(?:<\?xml[^>]*>)?(?:\s|<!--.*?-->|<\?[^>]*>)*", preface, re.S):
            self.damage.note("notice")
        text.at = found.start()

    def _items(self) -> Iterator[Item]:
        while True:
            token = self._text.search(TOKEN, self._text.at)
            if token is None:
                self.is_truncated = self._builder.is_open or not self._builder.has_ended
                if (last := self._builder.cut()) is not None:
                    yield last
                return
            self._text.at = token.end()
            if token[0] in ("<!--", "<![CDATA["):
                self._skip_to(COMMENT_END if token[0] == "<!--" else CDATA_END)
                continue
            name = self._known_name(token[2])
            if name == "rss":
                self._learn_prefixes(token[3])
            elif name in CONTAINERS:
                done = self._builder.close(name) if token[1] else self._open(name, token[4])
                if done is not None:
                    yield done
                self._text.at -= self._text.drop_before(self._text.at)
            elif name in LEAVES and not token[1]:
                value = "" if token[4] else self._leaf(token[2], name)
                self._builder.take(name, value, dict(attributes(token[3])))
            else:
                self._count_unknown(closes=bool(token[1]), is_empty=bool(token[4]))

    def _open(self, name: str, is_empty: str) -> Item | None:
        if is_empty:
            return None
        done = self._builder.open(name)
        if done is not None:
            self._note("unclosed")
        return done

    def _leaf(self, written: str, name: str) -> str:
        """The text of an element, to its end or to where its end must have been lost."""
        text, start = self._text, self._text.at
        opened = text.search(re.compile(r"\S"), start)
        if opened and (cdata := CDATA.match(text.text, start)):
            return self._in_cdata(written, cdata.end())
        end = text.search(closing(written), start)
        if end is None:
            return self._to_the_next(start)
        raw = text.text[start : end.start()]
        if "<item>" in raw or "</item>" in raw:
            return self._to_the_next(start)
        text.at = end.end()
        if name in HTML_LEAVES and A_TAG.search(raw.replace("<![CDATA[", "")):
            self._note("no_cdata")
            return without_cdata(raw)
        return CONTROLS.sub("", unescape(without_cdata(raw)))

    def _in_cdata(self, written: str, start: int) -> str:
        text = self._text
        end = text.search(closing_cdata(written), start)
        raw = text.text[start : end.start()] if end else ""
        if end is None or (ESCAPED_END not in raw and lost_end(written).search(raw)):
            # Its end is lost: it goes to its end tag, or to the element that follows.
            self._note("unterminated")
            end = text.search(lost_end(written), start) or text.search(closing(written), start)
            if end is None:
                return self._to_the_next(start)
            raw = text.text[start : end.start()].removesuffix("]]>")
        text.at = end.end()
        raw = raw.replace(ESCAPED_END, "]]>").replace("]]><![CDATA[", "")
        if "<![CDATA[" in raw:
            self._note("nested")
            raw = without_cdata(raw)
        return raw

    def _to_the_next(self, start: int) -> str:
        """No end tag: what is there stands until the next element that we know, or the end."""
        text = self._text
        self._note("unclosed")
        found = text.search(NEXT, start)
        if found is None:
            self._builder.is_broken_off = True
            text.at = len(text.text)
            return text.text[start:]
        text.at = found.start()
        return text.text[start : found.start()].strip().removesuffix("]]>")

    def _skip_to(self, end: re.Pattern[str]) -> None:
        found = self._text.search(end, self._text.at)
        self._text.at = found.end() if found else len(self._text.text)

    def _count_unknown(self, *, closes: bool, is_empty: bool) -> None:
        if not is_empty:
            self._unknown_depth = max(0, self._unknown_depth + (-1 if closes else 1))
        if self._unknown_depth > DEEPEST:
            raise TooMuch("depth")

    def _note(self, code: str) -> None:
        self.damage.note(code)
        # Texts without their marks are read as fast as others, and old files hold no other.
        costly = sum(self.damage.found.values()) - self.damage.found.get("no_cdata", 0)
        if costly > MOST_DAMAGE:
            raise TooMuch("damage")

    def _known_name(self, written: str) -> str:
        prefix, colon, rest = written.partition(":")
        name = f"{self._prefixes.get(prefix, prefix)}:{rest}" if colon else written
        return RENAMED.get(name, name)

    def _learn_prefixes(self, written: str) -> None:
        """Old and new namespaces, http and https, under whatever prefix a file gives them."""
        for name, uri in attributes(written):
            if name.startswith("xmlns:") and (known := prefix_of(uri)):
                self._prefixes[name.removeprefix("xmlns:")] = known


NEXT = re.compile(
    r"\s*<(?:/?(?:item|wp:comment|wp:postmeta|channel)\b|(?:"
    + "|".join(sorted(re.escape(name) for name in LEAVES if ":" in name or name == "link"))
    + r")[\s>/])"
)


def prefix_of(uri: str) -> str:
    uri = uri.lower().rstrip("/")
    if "wordpress.org/export" in uri:
        return "excerpt" if uri.endswith("/excerpt") else "wp"
    if "purl.org/rss/1.0/modules/content" in uri:
        return "content"
    return "dc" if "purl.org/dc/elements" in uri else ""


def attributes(written: str) -> list[tuple[str, str]]:
    return [(name, unescape(one or two)) for name, one, two in ATTRIBUTE.findall(written)]


@lru_cache(maxsize=128)
def closing(written: str) -> re.Pattern[str]:
    return re.compile(rf"</{re.escape(written)}\s*>")


@lru_cache(maxsize=128)
def closing_cdata(written: str) -> re.Pattern[str]:
    return re.compile(rf"\]\]>\s*</{re.escape(written)}\s*>")


@lru_cache(maxsize=128)
def lost_end(written: str) -> re.Pattern[str]:
    """An end of CDATA or of this element, with another one's beginning right after it.

    In a file that is whole, text that quotes an export has its ]]> escaped.
    """
    names = "|".join(re.escape(name) for name in sorted(LEAVES | CONTAINERS))
    return re.compile(rf"(?:\]\]>|</{re.escape(written)}\s*>)\s{{0,200}}(?=</?(?:{names})[\s>/])")


def without_cdata(raw: str) -> str:
    return raw.replace("<![CDATA[", "").replace("]]>", "")


# The bytes of an export as text, a piece at a time: whatever the encoding, without controls.

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
