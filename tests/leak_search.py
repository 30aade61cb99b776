"""Search for marked words in every encoding in which they could have been stored or sent."""

import base64
import codecs
import email
import html
import io
import json
import logging
import quopri
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from hashlib import (
    blake2b,
    blake2s,
    md5,
    sha1,
    sha3_224,
    sha3_256,
    sha3_384,
    sha3_512,
    sha224,
    sha256,
    sha384,
    sha512,
)
from pathlib import Path
from urllib.parse import quote, quote_plus

from practice_site.logs import JsonFormatter

MIN_WORD_CHARS = 8  # shorter pieces would be found by chance


def word_shapes(word: str) -> dict[str, bytes]:
    """Return the word in plain, recased, escaped, encoded and hashed form, by description."""
    found = {
        "plain": word.encode(),
        "upper case": word.upper().encode(),
        "lower case": word.lower().encode(),
        "swapped case": word.swapcase().encode(),
        "backwards": word[::-1].encode(),
        "utf-16": word.encode("utf-16-le"),
        "in an address": quote(word, safe="").encode(),
        "in a form": quote_plus(word).encode(),
        "in HTML": html.escape(word).encode(),
        "in JSON": json.dumps(word)[1:-1].encode(),
        "hex": word.encode().hex().encode(),
    }
    for at in range(3):
        # The base64 of a word depends on how many bytes precede it: 0, 1 or 2 modulo 3.
        coded = base64.b64encode(b"\0" * at + word.encode())
        found[f"base64, moved by {at}"] = coded[4 if at else 0 : -4]
    for value in {word, word.lower(), word.strip().casefold()}:
        for make in (md5, sha1, sha256):
            digest = make(value.encode())
            found[f"{digest.name} of {value!r}"] = digest.hexdigest().encode()
            found[f"{digest.name} of {value!r}, base64"] = base64.b64encode(digest.digest())[:-2]
    return found


def find_words(words: dict[str, str], places: dict[str, bytes]) -> list[str]:
    """Return "place: word (shape)" for every word found in a place."""
    needles = [
        (name, shape, needle, needle.lower())
        for name, word in words.items()
        for shape, needle in word_shapes(word).items()
    ]
    found = set()
    for place, content in places.items():
        folded = content.lower()
        for name, shape, needle, low in needles:
            if needle in content or (shape.startswith(("md5", "sha", "hex")) and low in folded):
                found.add(f"{place}: {name} ({shape})")
    return sorted(found)


def email_places(folder: Path) -> dict[str, bytes]:
    """Return the source, decoded parts and headers of each email, without its To header."""
    places: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        del message["To"]
        places[path.name] = message.as_bytes()
        for number, part in enumerate(message.walk()):
            if not part.is_multipart():
                places[f"{path.name} part {number}"] = str(part.get_content()).encode()
        places[f"{path.name} heads"] = "\n".join(f"{k}: {v}" for k, v in message.items()).encode()
    return places


class LogCapture:
    """All log records, formatted by our formatter and by Python's default one."""

    def __init__(self) -> None:
        self.ours, self.usual = io.StringIO(), io.StringIO()
        self.handlers = [logging.StreamHandler(self.ours), logging.StreamHandler(self.usual)]
        self.handlers[0].setFormatter(JsonFormatter())
        self.handlers[1].setFormatter(logging.Formatter("%(message)s"))

    def places(self) -> dict[str, bytes]:
        return {"log": self.ours.getvalue().encode()}

    def default_format_places(self) -> dict[str, bytes]:
        return {"log": self.usual.getvalue().encode()}

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.ours.getvalue().splitlines()]


@contextmanager
def capture_logs() -> Iterator[LogCapture]:
    """Capture all levels of the root logger and of every logger that does not propagate."""
    logs = LogCapture()
    isolated = [
        logger
        for logger in logging.Logger.manager.loggerDict.values()
        if isinstance(logger, logging.Logger) and not logger.propagate
    ]
    loggers = [logging.getLogger(), *isolated]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        for handler in logs.handlers:
            logger.addHandler(handler)
    try:
        yield logs
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
            for handler in logs.handlers:
                logger.removeHandler(handler)


HASH_FUNCTIONS = (
    *(md5, sha1, sha224, sha256, sha384, sha512, blake2b, blake2s),
    *(sha3_224, sha3_256, sha3_384, sha3_512),
)


def all_encodings(word: str) -> dict[str, bytes]:
    """Return more encodings and hashes of an email address and of its usual spellings."""
    found: dict[str, bytes] = {}
    for value in sorted({word, word.lower(), word.upper(), word.lower().strip()}):
        raw = value.encode()
        found |= {f"{shape} of {value!r}": needle for shape, needle in word_shapes(value).items()}
        found[f"base32 of {value!r}"] = base64.b32encode(raw).rstrip(b"=")
        found[f"urlsafe base64 of {value!r}"] = base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]
        found[f"every byte percent-encoded: {value!r}"] = "".join(f"%{b:02x}" for b in raw).encode()
        found[f"decimal entities of {value!r}"] = "".join(f"&#{b};" for b in raw).encode()
        found[f"hexadecimal entities of {value!r}"] = "".join(f"&#x{b:x};" for b in raw).encode()
        found[f"rot13 of {value!r}"] = codecs.encode(value, "rot13").encode()
        found[f"in an address twice: {value!r}"] = quote(quote(value, safe=""), safe="").encode()
        found[f"quoted-printable of {value!r}"] = quopri.encodestring(raw)
        found[f"utf-16, big end first, of {value!r}"] = value.encode("utf-16-be")
        for make in HASH_FUNCTIONS:
            digest = make(raw).digest()
            found[f"{make.__name__} of {value!r}"] = digest.hex().encode()
            found[f"{make.__name__} of {value!r}, raw"] = digest
            for coded in (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode):
                found[f"{make.__name__} of {value!r}, {coded.__name__}"] = coded(digest)[:26]
    return found


PREFIX_BYTES = 12  # every needle is at least this long and is indexed by its first bytes


def find_encoded_words(words: list[str], places: dict[str, bytes]) -> list[str]:
    """Return "place: encoding" for hundreds of words, reading each place only once."""
    needles: dict[bytes, list[tuple[bytes, str]]] = {}
    for word in words:
        for what, needle in all_encodings(word).items():
            assert len(needle) >= PREFIX_BYTES, what
            low = needle.lower()
            needles.setdefault(low[:PREFIX_BYTES], []).append((low, what))
    found = set()
    for place, content in places.items():
        low = content.lower()
        for at in range(len(low) - PREFIX_BYTES + 1):
            for needle, what in needles.get(low[at : at + PREFIX_BYTES], ()):
                if low.startswith(needle, at):
                    found.add(f"{place}: {what}")
    return sorted(found)
