"""Turn addresses and forms of the site into malformed requests, reproducibly for a seed."""

import gzip
import random
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

from tools.fuzz.crawler import Form, Surface
from tools.fuzz.http_client import FORM, Request
from tools.fuzz.payloads import FILES, HEADERS, METHODS, PARAMETERS, PATH_PARTS, VALUES


class Mutator:
    """Make requests over one surface; the same seed and surface give the same requests."""

    def __init__(self, surface: Surface, seed: int) -> None:
        self.surface, self.random = surface, random.Random(seed)
        self.address_mutations = [
            self.mutate_path,
            self.mutate_query,
            self.mutate_headers,
            self.mutate_method,
        ]
        self.form_mutations = [
            self.mutate_one_field,
            self.mutate_one_field,
            self.mutate_some_fields,
            self.mutate_body,
        ]

    def requests(self, count: int) -> Iterator[Request]:
        """Yield requests, every second one to a form, however many addresses there are."""
        for number in range(count):
            if self.surface.forms and number % 2:
                form = self.surface.forms[number // 2 % len(self.surface.forms)]
                yield self.random.choice(self.form_mutations)(form)
            else:
                address = self.surface.addresses[number // 2 % len(self.surface.addresses)]
                yield self.random.choice(self.address_mutations)(address)

    # Addresses

    def mutate_path(self, address: str) -> Request:
        path, _, query = address.partition("?")
        parts = path.split("/")
        index = self.random.randrange(1, len(parts))
        part = self.random.choice(PATH_PARTS)
        action = self.random.randrange(4)
        if action == 0:
            parts[index] = part
        elif action == 1:
            parts.insert(index, part)
        elif action == 2:
            parts[index] += part
        else:
            parts[index - 1 : index] = [parts[index - 1], ""]
        mutated = "/".join(parts)
        return Request("GET", f"{mutated}?{query}" if query else mutated)

    def mutate_query(self, address: str) -> Request:
        path, _, query = address.partition("?")
        pairs = [pair for pair in query.split("&") if pair]
        names = [pair.partition("=")[0] for pair in pairs] or [self.random.choice(PARAMETERS)]
        for _ in range(self.random.randrange(1, 4)):
            name = self.random.choice([*names, self.random.choice(PARAMETERS)])
            pairs = [pair for pair in pairs if pair.partition("=")[0] != name]
            pairs.append(f"{name}={self.random.choice(VALUES)[:3000]}")
        return Request("GET", f"{path}?{'&'.join(pairs)}"[:3900])

    def mutate_headers(self, address: str) -> Request:
        chosen = self.random.sample(HEADERS, self.random.randrange(1, 3))
        headers = {name: self.random.choice(values) for name, values in chosen}
        return Request("GET", address, tuple(headers.items()))

    def mutate_method(self, address: str) -> Request:
        method = self.random.choice(METHODS)
        body = self.random.choice([b"", b"a=b", b"\xff" * 50, b'{"a": 1}', b"<a/>"])
        content_type = self.random.choice(
            [FORM, "application/json", "text/xml", "multipart/form-data"]
        )
        return Request(method, address, (("Content-Type", content_type),) if body else (), body)

    # Forms

    def mutate_one_field(self, form: Form) -> Request:
        return self.mutate_fields(form, 1)

    def mutate_some_fields(self, form: Form) -> Request:
        return self.mutate_fields(form, self.random.randrange(1, 2 + len(form.fields)))

    def mutate_fields(self, form: Form, count: int) -> Request:
        pairs = [(quote_plus(name), quote_plus(value)) for name, value in form.default_values()]
        names = [quote_plus(field.name) for field in form.fields if not is_csrf_token(field.name)]
        for name in self.random.sample(names, min(count, len(names))):
            action = self.random.randrange(8)
            others = [pair for pair in pairs if pair[0] != name]
            if action == 0:
                pairs = others
            elif action == 1:
                pairs = [*pairs, *((name, self.random.choice(VALUES)[:2000]) for _ in range(20))]
            elif action == 2:
                pairs = [*others, (name, quote_plus(self.random_choice(form, name)))]
            else:
                pairs = [*others, (name, self.random.choice(VALUES))]
        body = "&".join(f"{name}={value}" for name, value in pairs)
        if form.method == "get":
            return Request("GET", f"{form.action.partition('?')[0]}?{body}"[:3900])
        return Request("POST", form.action, (("Content-Type", FORM),), body.encode("latin-1"))

    def random_choice(self, form: Form, name: str) -> str:
        choices = [c for f in form.fields if quote_plus(f.name) == name for c in f.choices]
        return self.random.choice(choices or ["on", "1", ""])

    def mutate_body(self, form: Form) -> Request:
        """Send valid values in a malformed body."""
        valid = form.request(form.default_values())
        if any(field.kind == "file" for field in form.fields):
            return self.to_multipart(valid, form)
        if valid.method == "GET":
            return replace(valid, method=self.random.choice(METHODS))
        return self.random.choice(
            [
                lambda: replace(valid, method=self.random.choice(METHODS)),
                lambda: with_header(valid, "Content-Type", self.random_content_type()),
                lambda: with_header(valid, "Content-Type", self.random_content_type()),
                lambda: gzipped(valid),
                lambda: replace(
                    valid, body=valid.body[: self.random.randrange(len(valid.body) + 1)]
                ),
                lambda: replace(valid, body=valid.body + b"&" + b"&".join([b"f=1"] * 1500)),
                lambda: replace(valid, body=valid.body.replace(b"=", b";")),
                lambda: replace(valid, body=valid.body.decode().encode("utf-16")),
                lambda: self.to_multipart(valid, form),
                lambda: self.to_multipart(valid, form),
                lambda: self.with_random_header(valid),
            ]
        )()

    def random_content_type(self) -> str:
        return self.random.choice(
            [
                *("application/json", "text/plain", "", ";;==;", "\xff", "multipart/form-data"),
                *(f"{FORM}; charset={name}" for name in ("utf-16", "utf-7", "rot13", "\xff", "x")),
                *(f"multipart/form-data; boundary={name}" for name in ("x", "", "\xff", "y" * 300)),
            ]
        )

    def with_random_header(self, valid: Request) -> Request:
        name, values = self.random.choice(HEADERS)
        return with_header(valid, name, self.random.choice(values))

    def to_multipart(self, valid: Request, form: Form) -> Request:
        """Send as multipart with one malformed part, junk files, and sometimes no closing line."""
        pairs = form.default_values()
        malformed = self.random.randrange(max(1, len(pairs)))
        parts = []
        for number, (name, value) in enumerate(pairs):
            attributes = f'name="{quote(name)}"\r\n'
            if number == malformed and not is_csrf_token(name):
                attributes = self.malformed_part(name)
            parts.append(multipart_part(attributes, value.encode("utf-8", "surrogatepass")))
        for field in form.fields:
            if field.kind == "file":
                filename, content_type, content = self.random.choice(FILES)
                attributes = f'name="{quote(field.name)}"; filename="{filename}"\r\n'
                parts.append(
                    multipart_part(f"{attributes}Content-Type: {content_type}\r\n", content)
                )
        end = self.random.choice([b"--x--\r\n", b"--x--\r\n", b"", b"--x", b"--x\r\n"])
        request = replace(valid, body=b"".join([*parts, end]))
        return with_header(request, "Content-Type", "multipart/form-data; boundary=x")

    def malformed_part(self, name: str) -> str:
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


def multipart_part(attributes: str, content: bytes) -> bytes:
    head = f"--x\r\nContent-Disposition: form-data; {attributes}\r\n"
    return head.encode("utf-8", "surrogatepass") + content + b"\r\n"


def is_csrf_token(name: str) -> bool:
    """Tell whether to leave a field alone: without Django's token every staff form is refused."""
    return name == "csrfmiddlewaretoken"


def with_header(request: Request, name: str, value: str) -> Request:
    kept = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=(*kept, (name, value)))


def gzipped(request: Request) -> Request:
    body = gzip.compress(request.body, mtime=0)
    return with_header(replace(request, body=body), "Content-Encoding", "gzip")
