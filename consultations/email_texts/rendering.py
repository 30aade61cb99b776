"""Render an email to a visitor from the practice's text, as plain text and as HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string

from consultations.email_texts.catalog import LINK_LABELS, LINKS, TIME, EmailKind, find_kind
from consultations.email_texts.models import EmailText
from consultations.email_texts.placeholders import (
    URL,
    Line,
    Paragraph,
    Segment,
    fill_line,
    fill_paragraphs,
)
from consultations.outbox.queue import RenderedEmail, shared_context

# Keys of an email's context.
VALUES, ADDED_TEXT = "values", "added_text"


@dataclass(frozen=True)
class Block:
    """A part of the HTML: ``text``, ``time`` (a box) or ``button`` (a link on its own line)."""

    kind: str
    lines: tuple[Line, ...]
    url: str = ""
    label: str = ""

    @property
    def first(self) -> str:
        """The first line of the value: the time in the client's zone."""
        return "".join(segment.text for segment in self.lines[0]).split("\n")[0]

    @property
    def rest(self) -> list[str]:
        return "".join(segment.text for segment in self.lines[0]).split("\n")[1:]


@dataclass(frozen=True)
class WrittenEmail:
    """Subject and blocks of an email whose placeholders are filled in."""

    subject: str
    paragraphs: list[Paragraph]

    @property
    def blocks(self) -> list[Block]:
        return [block for paragraph in self.paragraphs for block in _split_paragraph(paragraph)]


def render_email(key: str, context: Mapping[str, object]) -> RenderedEmail:
    """Render an email; ``context`` has the placeholders' values, and the addresses of its end."""
    subject, body = current_text(_kind(key))
    return render_text(subject, body, context)


def render_text(subject: str, body: str, context: Mapping[str, object]) -> RenderedEmail:
    """Render a text that need not be saved."""
    email = write_email(subject, body, context)
    shown = {**shared_context(), **context, "email": email}
    return RenderedEmail(
        subject=email.subject,
        text=render_to_string("emails/visitor.txt", shown).strip() + "\n",
        html=render_to_string("emails/visitor.html", shown),
    )


def write_email(subject: str, body: str, context: Mapping[str, object]) -> WrittenEmail:
    """Fill in the placeholders, and add what staff wrote for this one email."""
    values = context[VALUES]
    assert isinstance(values, Mapping)
    paragraphs = fill_paragraphs(body, values)
    added = str(context.get(ADDED_TEXT, ""))
    if added:
        # Braces in it stand for nothing: it is text for one person.
        parts = re.split(r"\n\s*\n", added.strip())
        place = _place_for_added_text(paragraphs)
        paragraphs[place:place] = [
            Paragraph(tuple((Segment(line.strip()),) for line in part.splitlines()))
            for part in parts
        ]
    return WrittenEmail(fill_line(subject, values), paragraphs)


def _place_for_added_text(paragraphs: list[Paragraph]) -> int:
    """Return the place after the paragraph with the time; without one, after the first."""
    for place, paragraph in enumerate(paragraphs):
        if any(segment.placeholder == TIME for line in paragraph.lines for segment in line):
            return place + 1
    return min(1, len(paragraphs))


def current_text(kind: EmailKind) -> tuple[str, str]:
    """Return subject and text: the practice's own, or the default."""
    row = EmailText.objects.filter(key=kind.key).first()
    return (row.subject, row.body) if row else (str(kind.subject), str(kind.body))


def _kind(key: str) -> EmailKind:
    kind = find_kind(key)
    if kind is None:
        raise LookupError(f"no email to visitors is called {key!r}")
    return kind


def _split_paragraph(paragraph: Paragraph) -> list[Block]:
    """Take lines that are only a time or a link out of a paragraph."""
    blocks: list[Block] = []
    text: list[Line] = []

    def flush() -> None:
        if text:
            blocks.append(Block("text", tuple(text)))
            text.clear()

    for line in paragraph.lines:
        only = line[0] if len(line) == 1 else None
        if only is not None and only.placeholder == TIME:
            flush()
            blocks.append(Block("time", (line,)))
        elif only is not None and only.placeholder in LINKS:
            flush()
            label = str(LINK_LABELS[only.placeholder])
            blocks.append(Block("button", (line,), url=only.text, label=label))
        else:
            text.extend(_split_values(line))
    flush()
    return blocks


def _split_values(line: Line) -> list[Line]:
    """Break a line where a value has several lines, as a street address does."""
    lines: list[list[Segment]] = [[]]
    for segment in line:
        for number, part in enumerate(segment.text.split("\n")):
            if number:
                lines.append([])
            # A video link in a value is a link in the HTML.
            pieces = URL.split(part) if segment.placeholder else [part]
            lines[-1] += [Segment(piece, segment.placeholder) for piece in pieces if piece]
    return [tuple(line) for line in lines if line]
