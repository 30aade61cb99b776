"""Check a feed against RFC 4287 and RSS 2.0, and read it with an independent parser."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from xml.sax import handler, parseString
from xml.sax.xmlreader import AttributesImpl

from defusedxml import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
ABSOLUTE_URL_RE = re.compile(r"(?:https?://|mailto:|tel:|urn:)\S+")


def find_atom_errors(xml: bytes) -> list[str]:
    feed = ElementTree.fromstring(xml)
    errors = [] if feed.tag == f"{ATOM}feed" else [f"root {feed.tag}"]
    errors += _find_atom_element_errors(feed, "feed", needs_author=False)
    links = [link.attrib for link in feed.findall(f"{ATOM}link")]
    if [one.get("rel") for one in links].count("self") != 1:
        errors.append("feed: one link to itself")
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    if len(ids) != len(set(ids)):
        errors.append("ids twice")
    has_author = feed.find(f"{ATOM}author") is not None
    for entry in entries:
        errors += _find_atom_element_errors(entry, "entry", needs_author=not has_author)
    return errors


def _find_atom_element_errors(element: Any, name: str, *, needs_author: bool) -> list[str]:
    errors = [
        f"{name}: one {child}, not {len(element.findall(ATOM + child))}"
        for child in ("id", "title", "updated")
        if len(element.findall(ATOM + child)) != 1
    ]
    if not ABSOLUTE_URL_RE.fullmatch(element.findtext(f"{ATOM}id") or ""):
        errors.append(f"{name}: id")
    for child in ("updated", "published"):
        for time in element.findall(ATOM + child):
            if datetime.fromisoformat(time.text).tzinfo is None:
                errors.append(f"{name}: {child} without a zone")
    for link in element.findall(f"{ATOM}link"):
        if not ABSOLUTE_URL_RE.fullmatch(link.get("href", "")):
            errors.append(f"{name}: link {link.get('href')}")
    alternates = [
        link for link in element.findall(f"{ATOM}link") if link.get("rel") in (None, "alternate")
    ]
    if len(alternates) != 1:
        errors.append(f"{name}: one link to the page")
    if needs_author and not element.findtext(f"{ATOM}author/{ATOM}name"):
        errors.append(f"{name}: nobody wrote it")
    for child in ("summary", "content"):
        if len(element.findall(ATOM + child)) > 1:
            errors.append(f"{name}: {child} twice")
    for content in element.findall(f"{ATOM}content"):
        if content.get("type") != "html":
            errors.append(f"{name}: content {content.get('type')}")
        errors += find_relative_urls(content.text or "")
    return errors


def find_rss_errors(xml: bytes) -> list[str]:
    rss = ElementTree.fromstring(xml)
    errors = [] if (rss.tag, rss.get("version")) == ("rss", "2.0") else ["root"]
    channels = rss.findall("channel")
    if len(channels) != 1:
        return [*errors, "one channel"]
    (channel,) = channels
    errors += [
        f"channel: one {child}"
        for child in ("title", "link", "description")
        if len(channel.findall(child)) != 1 or not channel.findtext(child)
    ]
    parsedate_to_datetime(channel.findtext("lastBuildDate") or "")
    guids = [item.findtext("guid") for item in channel.findall("item")]
    if len(guids) != len(set(guids)):
        errors.append("guids twice")
    for item in channel.findall("item"):
        if not item.findtext("title") and not item.findtext("description"):
            errors.append("item without title and description")
        if not ABSOLUTE_URL_RE.fullmatch(item.findtext("link") or ""):
            errors.append("item: link")
        guid = item.find("guid")
        if guid is None or (
            guid.get("isPermaLink", "true") == "true" and not (guid.text or "").startswith("http")
        ):
            errors.append("item: guid")
        if parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is None:
            errors.append("item: pubDate without a zone")
        if (author := item.findtext("author")) and "@" not in author:
            errors.append("item: author without an address")
        errors += find_relative_urls(item.findtext(CONTENT) or "")
    return errors


def find_relative_urls(html: str) -> list[str]:
    reader = _LinkCollector()
    reader.feed(html)
    return [f"relative {value}" for value in reader.urls if not ABSOLUTE_URL_RE.fullmatch(value)]


class _LinkCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.urls += [value or "" for name, value in attrs if name in ("href", "src", "srcset")]


def parse_titles_with_sax(xml: bytes) -> list[str]:
    """Read a feed with a parser unlike the one above: a stream of events, no tree."""
    reader = _TitleHandler()
    parseString(xml, reader)
    return reader.titles


class _TitleHandler(handler.ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.titles: list[str] = []
        self._inside: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._inside.append(name)
        if self._is_title():
            self.titles.append("")

    def endElement(self, name: str) -> None:
        self._inside.pop()

    def characters(self, content: str) -> None:
        if self._is_title():
            self.titles[-1] += content

    def _is_title(self) -> bool:
        return self._inside[-2:] in (["item", "title"], ["entry", "title"])
