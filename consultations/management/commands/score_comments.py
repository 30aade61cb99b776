"""Classify comments from standard input, one JSON object per line, to test the spam screening."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import BinaryIO

from django.core.management.base import BaseCommand
from django.utils.translation import override

from consultations.screening.classifier import REASONS, History, Submission, classify

MAX_LINE_BYTES = 4_000_000  # bytes; longer lines are rejected
INPUT_FIELDS = ("author", "email", "url", "content")


class InvalidLine(ValueError):
    """The line is not a comment; the message is reported in the answer."""


class Command(BaseCommand):
    help = (
        "Reads JSON lines with author, email, url and content (any of them may be missing) and "
        "writes a verdict, a score and reasons for each. 1 when a line could not be read."
    )
    # Needs no database; skipping the checks makes it start at once.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as always: answers are JSON lines")

    def handle(self, *args: object, **options: object) -> None:
        history = History()
        are_good = True
        with override("en"):
            words = {code: str(text) for code, text in REASONS.items()}
        for number, line in enumerate(_read_lines(sys.stdin.buffer), start=1):
            try:
                verdict = classify(_parse_submission(line), history)
            except InvalidLine as fault:
                are_good = False
                answer: dict[str, object] = {
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
    """Yield lines as they arrive; an overlong line is cut just above MAX_LINE_BYTES."""
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
