"""Find the addresses and forms of the site by following links."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.hostile_inputs import COMMENT_DATA, CONSULTATION_DATA
from tools.fuzz.http_client import FORM, Request, Response, Send

# Typed into empty fields.
DEFAULT_VALUES = {**COMMENT_DATA, **CONSULTATION_DATA, "key": "", "q": "calm"}
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|[0-9]+")


@dataclass
class Field:
    name: str
    value: str = ""
    kind: str = "text"
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    page: str
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def is_login(self) -> bool:
        return any(form_field.kind == "password" for form_field in self.fields)

    def default_values(self) -> list[tuple[str, str]]:
        """Return what a browser sends by the first button, with empty fields filled in."""
        filled, has_submit = [], False
        for form_field in self.fields:
            if form_field.kind == "file" or (form_field.kind == "submit" and has_submit):
                continue
            has_submit = has_submit or form_field.kind == "submit"
            filled.append(
                (form_field.name, form_field.value or DEFAULT_VALUES.get(form_field.name, ""))
            )
        return filled

    def request(self, values: list[tuple[str, str]]) -> Request:
        body = urlencode(values)
        if self.method == "get":
            return Request("GET", f"{self.action.partition('?')[0]}?{body}")
        return Request("POST", self.action, (("Content-Type", FORM),), body.encode("ascii"))


class PageParser(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._into: Field | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        if tag in ("a", "link", "area") and attributes.get("href"):
            self._link(attributes["href"])
        elif tag in ("img", "script") and attributes.get("src"):
            self._link(attributes["src"])
        elif tag == "form":
            action = self._inside(attributes.get("action") or self.address)
            # A form that leads to another host is left out; the browser tests see those.
            self._form = Form(self.address, action or "", attributes.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag in ("input", "button", "select", "textarea"):
            self._field(tag, attributes)
        elif tag == "option" and self._into is not None:
            value = attributes.get("value", "")
            self._into.choices.append(value)
            if "selected" in attributes or len(self._into.choices) == 1:
                self._into.value = value

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        form = self._form
        if attributes.get("form"):
            form = next((f for f in self.forms if f.fields), form)
        if form is None or not attributes.get("name"):
            return
        kind = {"input": attributes.get("type", "text"), "button": "submit"}.get(tag, tag)
        is_choice = kind in ("checkbox", "radio")
        if is_choice and "checked" not in attributes:
            for known in form.fields:
                if known.name == attributes["name"]:
                    known.choices.append(attributes.get("value", "on"))
                    return
        value = attributes.get("value", "on" if is_choice else "")
        if is_choice and "checked" not in attributes and kind == "checkbox":
            value = ""
        new_field = Field(attributes["name"], value, kind)
        form.fields.append(new_field)
        self._into = new_field if tag in ("select", "textarea") else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None and self._into.kind == "textarea":
            self._into.value += data

    def _link(self, href: str) -> None:
        if inside := self._inside(href):
            self.links.append(inside)

    def _inside(self, href: str) -> str:
        """Return path and query of an address on this site, or an empty text."""
        try:
            parts = urlsplit(urljoin(f"http://here{self.address}", href))
        except ValueError:
            return ""
        if parts.scheme != "http" or parts.netloc != "here":
            return ""
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def parse_page(response: Response, address: str) -> PageParser:
    parser = PageParser(address)
    if response.is_html:
        parser.feed(response.text)
    return parser


@dataclass
class Surface:
    """The addresses and forms that a crawl found."""

    addresses: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sent: int = 0


def url_pattern(address: str) -> str:
    """Reduce an address to what its view is chosen by: ids become "#", values are dropped."""
    parts = urlsplit(address)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return IDS.sub("#", parts.path) + "?" + "&".join(names)


def crawl(send: Send, start_urls: list[str], *, inside: str, avoid: str, limit: int) -> Surface:
    """Follow links from ``start_urls``, opening at most ``limit`` pages and two of a pattern.

    Addresses that match the regular expression ``avoid`` are neither opened nor sent a form.
    """
    surface, queue, seen = Surface(), list(start_urls), set(start_urls)
    patterns, forms = Counter[str](), set[tuple[str, ...]]()
    while queue and surface.sent < limit:
        address = queue.pop(0)
        response = send(Request("GET", address))
        surface.sent += 1
        if response.status >= 500 or response.status == 0:
            surface.faults.append(f"{response.status}: GET {address}")
        surface.addresses.append(address)
        page = parse_page(response, address)
        if 300 <= response.status < 400:
            page.links.append(response.headers["location"])
        for link in page.links:
            path = link.partition("#")[0]
            if path in seen or not path.startswith(inside) or re.match(avoid, path):
                continue
            if patterns[url_pattern(path)] < (1 if "?" in path else 2):
                patterns[url_pattern(path)] += 1
                seen.add(path)
                queue.append(path)
        for form in page.forms:
            names = {f.name for f in form.fields} if form.method == "post" else set()
            key = (url_pattern(form.action).partition("?")[0], form.method, *sorted(names))
            if form.action and key not in forms and not re.match(avoid, form.action):
                forms.add(key)
                surface.forms.append(form)
    return surface
