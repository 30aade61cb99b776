"""Judge comments from standard input, one JSON line each, for anybody to check the screen."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand
from django.utils.translation import override

from consultations.screening.classifier import REASONS, History, Submission, classify

MAX_LINE_BYTES = 4_000_000  # bytes; the rest of a longer line is passed over
INPUT_FIELDS = ("author", "email", "url", "content")


class InvalidLine(ValueError):
    """A line that is no comment; its words go into the answer."""


class Command(BaseCommand):
    help = (
        "Reads JSON lines with author, email, url and content (any of them may be missing) and "
        "writes a verdict, a score and reasons for each. 1 when a line could not be read."
    )
    # It needs no database, and starts at once.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as always: answers are JSON lines")

    def handle(self, *args: Any, **options: Any) -> None:
        history = History()
        are_good = True
        with override("en"):
            words = {code: str(text) for code, text in REASONS.items()}
        for number, line in enumerate(_read_lines(sys.stdin.buffer), start=1):
            try:
                verdict = classify(_parse_submission(line), history)
            except InvalidLine as fault:
                are_good = False
                answer: dict[str, Any] = {
                    "verdict": None,
                    "score": None,
                    "reasons": [],
                    "error": str(fault),
                    "line": number,
                }
            else:
                answer = {
                    "verdict": verdict.verdict,
                    "score": verdict.score,
                    "reasons": [words[code] for code in verdict.reasons],
                }
            self.stdout.write(json.dumps(answer))
            self.stdout.flush()
        if not are_good:
            sys.exit(1)


def _read_lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines as they come. One that is too long comes cut, and is known by its length."""
    while line := source.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(MAX_LINE_BYTES + 1)
        yield line


def _parse_submission(line: bytes) -> Submission:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidLine(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        row = json.loads(line.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise InvalidLine("not a line of JSON") from None
    if not isinstance(row, dict):
        raise InvalidLine("not a JSON object with author, email, url, content")
    values = {name: row.get(name) for name in INPUT_FIELDS}
    for name, value in values.items():
        if not isinstance(value, str | None):
            raise InvalidLine(f"{name} is not text")
    return Submission(
        text=values["content"] or "",
        name=values["author"] or "",
        email=values["email"] or "",
        url=values["url"] or "",
    )
