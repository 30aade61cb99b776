"""What a page offers to a program that reads it: links, and forms with what stands in them."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.hostile import COMMENT, CONSULTATION
from tools.fuzz.http_client import FORM, Ask, Reply, Send

# What a person would have typed into an empty form.
TYPED = {**COMMENT, **CONSULTATION, "key": "", "q": "calm"}
NUMBERS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|[0-9]+")


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
    def asks_for_password(self) -> bool:
        return any(one.kind == "password" for one in self.fields)

    def values(self) -> list[tuple[str, str]]:
        """As a browser would send it, with empty fields filled in and its first button pressed."""
        filled, is_pressed = [], False
        for one in self.fields:
            if one.kind == "file" or (one.kind == "submit" and is_pressed):
                continue
            is_pressed = is_pressed or one.kind == "submit"
            filled.append((one.name, one.value or TYPED.get(one.name, "")))
        return filled

    def ask(self, values: list[tuple[str, str]]) -> Ask:
        body = urlencode(values)
        if self.method == "get":
            return Ask("GET", f"{self.action.partition('?')[0]}?{body}")
        return Ask("POST", self.action, (("Content-Type", FORM),), body.encode("ascii"))


class Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._into: Field | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in pairs}
        if tag in ("a", "link", "area") and facts.get("href"):
            self._link(facts["href"])
        elif tag in ("img", "script") and facts.get("src"):
            self._link(facts["src"])
        elif tag == "form":
            action = self._inside(facts.get("action") or self.address)
            # A form that goes to another host would be a fault of its own; the walk sees those.
            self._form = Form(self.address, action or "", facts.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag in ("input", "button", "select", "textarea"):
            self._field(tag, facts)
        elif tag == "option" and self._into is not None:
            value = facts.get("value", "")
            self._into.choices.append(value)
            if "selected" in facts or len(self._into.choices) == 1:
                self._into.value = value

    def _field(self, tag: str, facts: dict[str, str]) -> None:
        form = self._form
        if facts.get("form"):
            form = next((f for f in self.forms if f.fields), form)
        if form is None or not facts.get("name"):
            return
        kind = {"input": facts.get("type", "text"), "button": "submit"}.get(tag, tag)
        is_choice = kind in ("checkbox", "radio")
        if is_choice and "checked" not in facts:
            for known in form.fields:
                if known.name == facts["name"]:
                    known.choices.append(facts.get("value", "on"))
                    return
        value = facts.get("value", "on" if is_choice else "")
        if is_choice and "checked" not in facts and kind == "checkbox":
            value = ""
        found = Field(facts["name"], value, kind)
        form.fields.append(found)
        self._into = found if tag in ("select", "textarea") else None

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
        """The path and query of an address of this site, else nothing."""
        try:
            parts = urlsplit(urljoin(f"http://here{self.address}", href))
        except ValueError:
            return ""
        if parts.scheme != "http" or parts.netloc != "here":
            return ""
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def read(reply: Reply, address: str) -> Reader:
    reader = Reader(address)
    if reply.is_html:
        reader.feed(reply.text)
    return reader


@dataclass
class Surface:
    """All that was found: one address and one form of each shape."""

    addresses: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: int = 0


def shape(address: str) -> str:
    """Addresses that differ by numbers and values only lead to one view."""
    parts = urlsplit(address)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return NUMBERS.sub("#", parts.path) + "?" + "&".join(names)


def crawl(send: Send, starts: list[str], *, inside: str, avoid: str, most: int) -> Surface:
    """Every page that can be reached from ``starts``, at most two of a shape.

    ``avoid`` is a pattern of addresses that are neither opened nor sent a form.
    """
    found, seen, shapes, forms = Surface(), set(starts), dict[str, int](), set[tuple[str, ...]]()
    todo = list(starts)
    while todo and found.asked < most:
        address = todo.pop(0)
        reply = send(Ask("GET", address))
        found.asked += 1
        if reply.status >= 500 or reply.status == 0:
            found.faults.append(f"{reply.status}: GET {address}")
        found.addresses.append(address)
        page = read(reply, address)
        links = [*page.links, *([reply.headers["location"]] if 300 <= reply.status < 400 else [])]
        for link in links:
            path = link.partition("#")[0]
            if path in seen or not path.startswith(inside) or re.match(avoid, path):
                continue
            if (count := shapes.get(shape(path), 0)) < (1 if "?" in path else 2):
                shapes[shape(path)] = count + 1
                seen.add(path)
                todo.append(path)
        for form in page.forms:
            names = {f.name for f in form.fields} if form.method == "post" else set()
            key = (shape(form.action).partition("?")[0], form.method, *sorted(names))
            if form.action and key not in forms and not re.match(avoid, form.action):
                forms.add(key)
                found.forms.append(form)
    return found
