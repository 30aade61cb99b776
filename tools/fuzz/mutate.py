"""Requests that no person would send, made of those that one would: the same ones for one seed."""

import gzip
import random
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

from tools.fuzz.crawler import Form, Surface
from tools.fuzz.http_client import FORM, Ask
from tools.fuzz.payloads import FILES, HEADERS, METHODS, PARTS, QUERIES, VALUES


class Spoiler:
    """Endless asks over one surface; equal seeds over equal surfaces give equal asks."""

    def __init__(self, surface: Surface, seed: int) -> None:
        self.surface, self.random = surface, random.Random(seed)
        self.kinds = [self.address, self.query, self.header, self.method]
        self.form_kinds = [self.one_field, self.one_field, self.some_fields, self.shape_of_form]

    def asks(self, count: int) -> Iterator[Ask]:
        """Every form gets its share, however many addresses there are."""
        for number in range(count):
            if self.surface.forms and number % 2:
                form = self.surface.forms[number // 2 % len(self.surface.forms)]
                yield self.random.choice(self.form_kinds)(form)
            else:
                address = self.surface.addresses[number // 2 % len(self.surface.addresses)]
                yield self.random.choice(self.kinds)(address)

    # Addresses

    def address(self, address: str) -> Ask:
        path, _, query = address.partition("?")
        parts = path.split("/")
        place = self.random.randrange(1, len(parts))
        part = self.random.choice(PARTS)
        how = self.random.randrange(4)
        if how == 0:
            parts[place] = part
        elif how == 1:
            parts.insert(place, part)
        elif how == 2:
            parts[place] += part
        else:
            parts[place - 1 : place] = [parts[place - 1], ""]
        spoilt = "/".join(parts)
        return Ask("GET", f"{spoilt}?{query}" if query else spoilt)

    def query(self, address: str) -> Ask:
        path, _, query = address.partition("?")
        pairs = [pair for pair in query.split("&") if pair]
        names = [pair.partition("=")[0] for pair in pairs] or [self.random.choice(QUERIES)]
        for _ in range(self.random.randrange(1, 4)):
            name = self.random.choice([*names, self.random.choice(QUERIES)])
            pairs = [pair for pair in pairs if pair.partition("=")[0] != name]
            pairs.append(f"{name}={self.random.choice(VALUES)[:3000]}")
        return Ask("GET", f"{path}?{'&'.join(pairs)}"[:3900])

    def header(self, address: str) -> Ask:
        chosen = self.random.sample(HEADERS, self.random.randrange(1, 3))
        headers = {name: self.random.choice(values) for name, values in chosen}
        return Ask("GET", address, tuple(headers.items()))

    def method(self, address: str) -> Ask:
        method = self.random.choice(METHODS)
        body = self.random.choice([b"", b"a=b", b"\xff" * 50, b'{"a": 1}', b"<a/>"])
        kind = self.random.choice([FORM, "application/json", "text/xml", "multipart/form-data"])
        return Ask(method, address, (("Content-Type", kind),) if body else (), body)

    # Forms

    def one_field(self, form: Form) -> Ask:
        return self.with_values(form, 1)

    def some_fields(self, form: Form) -> Ask:
        return self.with_values(form, self.random.randrange(1, 2 + len(form.fields)))

    def with_values(self, form: Form, count: int) -> Ask:
        pairs = [(quote_plus(name), quote_plus(value)) for name, value in form.values()]
        names = [quote_plus(field.name) for field in form.fields if not is_guard(field.name)]
        for name in self.random.sample(names, min(count, len(names))):
            how = self.random.randrange(8)
            others = [pair for pair in pairs if pair[0] != name]
            if how == 0:
                pairs = others
            elif how == 1:
                pairs = [*pairs, *((name, self.random.choice(VALUES)[:2000]) for _ in range(20))]
            elif how == 2:
                pairs = [*others, (name, quote_plus(self.choice_of(form, name)))]
            else:
                pairs = [*others, (name, self.random.choice(VALUES))]
        body = "&".join(f"{name}={value}" for name, value in pairs)
        if form.method == "get":
            return Ask("GET", f"{form.action.partition('?')[0]}?{body}"[:3900])
        return Ask("POST", form.action, (("Content-Type", FORM),), body.encode("latin-1"))

    def choice_of(self, form: Form, name: str) -> str:
        choices = [c for f in form.fields if quote_plus(f.name) == name for c in f.choices]
        return self.random.choice(choices or ["on", "1", ""])

    def shape_of_form(self, form: Form) -> Ask:
        """Good values in a body that is odd as a whole."""
        good = form.ask(form.values())
        if any(field.kind == "file" for field in form.fields):
            return self.multipart(good, form)
        if good.method == "GET":
            return replace(good, method=self.random.choice(METHODS))
        return self.random.choice(
            [
                lambda: replace(good, method=self.random.choice(METHODS)),
                lambda: with_header(good, "Content-Type", self.odd_type()),
                lambda: with_header(good, "Content-Type", self.odd_type()),
                lambda: zipped(good),
                lambda: replace(good, body=good.body[: self.random.randrange(len(good.body) + 1)]),
                lambda: replace(good, body=good.body + b"&" + b"&".join([b"f=1"] * 1500)),
                lambda: replace(good, body=good.body.replace(b"=", b";")),
                lambda: replace(good, body=good.body.decode().encode("utf-16")),
                lambda: self.multipart(good, form),
                lambda: self.multipart(good, form),
                lambda: self.headed(good),
            ]
        )()

    def odd_type(self) -> str:
        return self.random.choice(
            [
                *("application/json", "text/plain", "", ";;==;", "\xff", "multipart/form-data"),
                *(f"{FORM}; charset={name}" for name in ("utf-16", "utf-7", "rot13", "\xff", "x")),
                *(f"multipart/form-data; boundary={name}" for name in ("x", "", "\xff", "y" * 300)),
            ]
        )

    def headed(self, good: Ask) -> Ask:
        name, values = self.random.choice(HEADERS)
        return with_header(good, name, self.random.choice(values))

    def multipart(self, good: Ask, form: Form) -> Ask:
        """One part is odd: a path, a transfer encoding, an end that never comes; files are junk."""
        pairs = form.values()
        odd = self.random.randrange(max(1, len(pairs)))
        written = []
        for number, (name, value) in enumerate(pairs):
            facts = f'name="{quote(name)}"\r\n'
            if number == odd and not is_guard(name):
                facts = self.odd_part(name)
            written.append(part(facts, value.encode("utf-8", "surrogatepass")))
        for field in form.fields:
            if field.kind == "file":
                filename, kind, content = self.random.choice(FILES)
                facts = f'name="{quote(field.name)}"; filename="{filename}"\r\n'
                written.append(part(f"{facts}Content-Type: {kind}\r\n", content))
        end = self.random.choice([b"--x--\r\n", b"--x--\r\n", b"", b"--x", b"--x\r\n"])
        whole = replace(good, body=b"".join([*written, end]))
        return with_header(whole, "Content-Type", "multipart/form-data; boundary=x")

    def odd_part(self, name: str) -> str:
        named = f'name="{quote(name)}"'
        return self.random.choice(
            [
                f'{named}; filename="../../a.py"\r\nContent-Type: text/x-python\r\n',
                f'{named}; filename="a\\0b.svg"\r\nContent-Type: image/svg+xml\r\n',
                f"{named}; filename*=nonexistent''%ff\r\n",
                f"{named}\r\nContent-Transfer-Encoding: base64\r\n",
                f"name*=utf-16''{quote(name)}\r\n",
                'filename="only"\r\n',
                "\r\n",
            ]
        )


def part(facts: str, content: bytes) -> bytes:
    head = f"--x\r\nContent-Disposition: form-data; {facts}\r\n"
    return head.encode("utf-8", "surrogatepass") + content + b"\r\n"


def is_guard(name: str) -> bool:
    """Without Django's token every staff form would stop at the door and learn nothing."""
    return name == "csrfmiddlewaretoken"


def with_header(ask: Ask, name: str, value: str) -> Ask:
    kept = tuple(pair for pair in ask.headers if pair[0] != name)
    return replace(ask, headers=(*kept, (name, value)))


def zipped(ask: Ask) -> Ask:
    body = gzip.compress(ask.body, mtime=0)
    return with_header(replace(ask, body=body), "Content-Encoding", "gzip")
