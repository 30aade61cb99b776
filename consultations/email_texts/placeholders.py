"""Find placeholders in a text, check them, and split the text into blocks with their values. Pure.

A text is not a template language: a placeholder is a name from a fixed list, in braces, and its
value is inserted as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from consultations.email_texts.catalog import LINKS, EmailKind

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,60})\}")
URL = re.compile(r"(https://[^\s<>\"]+)")
_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True)
class Segment:
    """A stretch of text; ``placeholder`` is the name it stands for, or "" for typed text."""

    text: str
    placeholder: str = ""

    @property
    def is_link(self) -> bool:
        return self.placeholder in LINKS or bool(self.placeholder and URL.fullmatch(self.text))


Line = tuple[Segment, ...]


@dataclass(frozen=True)
class Paragraph:
    """Lines between blank lines."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join("".join(segment.text for segment in line) for line in self.lines)


def placeholder_names(text: str) -> list[str]:
    """Return the names in braces, as typed, in reading order."""
    return [name.strip() for name in _PLACEHOLDER.findall(text)]


def find_faults(kind: EmailKind, subject: str, body: str) -> dict[str, list[str]]:
    """Return why a text cannot be sent, by field: ``subject`` and ``body``."""
    faults: dict[str, list[str]] = {"subject": [], "body": []}
    for field, text in (("subject", subject), ("body", body)):
        faults[field] += [_unknown_name_fault(kind, name) for name in _unknown_names(kind, text)]
        if _BRACE.search(_PLACEHOLDER.sub("", text)):
            faults[field].append(
                _("There’s a single brace. A placeholder needs both, like {time}.")
            )
    if LINKS & set(placeholder_names(subject)):
        faults["subject"].append(_("Put links into the text: a subject can’t be clicked."))
    faults["body"] += [
        _("The text needs {%(name)s}: without it, the client can’t get to their page.")
        % {"name": name}
        for name in kind.required
        if name not in placeholder_names(body)
    ]
    return faults


def _unknown_names(kind: EmailKind, text: str) -> list[str]:
    return [
        name for name in dict.fromkeys(placeholder_names(text)) if name not in kind.placeholders
    ]


def _unknown_name_fault(kind: EmailKind, name: str) -> str:
    near = get_close_matches(name.casefold(), kind.placeholders, n=1)
    if near:
        words = _("There’s no placeholder {%(name)s} here. Did you mean {%(near)s}?")
        return words % {"name": name, "near": near[0]}
    return _("There’s no placeholder {%(name)s} in this email.") % {"name": name}


def fill_line(text: str, values: Mapping[str, "_StrOrPromise"]) -> str:
    """Return one line of text with its placeholders filled in, each by its value's first line."""
    parts = [segment.text.split("\n")[0] for segment in _split(text, values)]
    return " ".join("".join(parts).split())


def fill_paragraphs(text: str, values: Mapping[str, "_StrOrPromise"]) -> list[Paragraph]:
    """Split a text at blank lines and fill in its placeholders.

    A line of which nothing is left, because its placeholder has no value, is dropped.
    """
    paragraphs = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
        lines = [_split(line.strip(), values) for line in part.split("\n")]
        kept = tuple(line for line in lines if any(segment.text.strip() for segment in line))
        if kept:
            paragraphs.append(Paragraph(kept))
    return paragraphs


def _split(line: str, values: Mapping[str, "_StrOrPromise"]) -> Line:
    segments, position = [], 0
    for match in _PLACEHOLDER.finditer(line):
        segments.append(Segment(line[position : match.start()]))
        name = match.group(1).strip()
        segments.append(Segment(str(values.get(name, "")), name))
        position = match.end()
    segments.append(Segment(line[position:]))
    return tuple(segment for segment in segments if segment.text)
