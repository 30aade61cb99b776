"""The result of an import or dry run, line by line. No I/O.

`report_text` turns it into sentences.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict

IMPORTED, UPDATED, SAME, KEPT_EDITED, LEFT_OUT = "taken", "updated", "same", "kept", "left_out"


class NoteData(TypedDict):
    code: str
    about: str


class LineData(TypedDict):
    """A report line as JSON stores it."""

    verdict: str
    kind: str
    number: str
    title: str
    state: str
    address: str
    notes: list[NoteData]


class ReportData(TypedDict, total=False):
    """A report as JSON stores it; empty while there is none."""

    counts: dict[str, int]
    comments: dict[str, int]
    redirects: int
    in_file: dict[str, int]
    damage: dict[str, int]
    truncated: bool
    lines: list[LineData]


@dataclass(frozen=True)
class ReportLine:
    """What happened to one item."""

    verdict: str
    kind: str
    number: str = ""
    title: str = ""
    state: str = ""
    address: str = ""
    # Note codes, each with its subject.
    notes: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> LineData:
        return {
            "verdict": self.verdict,
            "kind": self.kind,
            "number": self.number,
            "title": self.title,
            "state": self.state,
            "address": self.address,
            "notes": [{"code": code, "about": about} for code, about in self.notes],
        }


@dataclass
class ImportReport:
    """Everything an import did or would do."""

    lines: list[ReportLine] = field(default_factory=list)
    # Kinds of damage in the file that the reader recovered from.
    damage: dict[str, int] = field(default_factory=dict)
    is_truncated: bool = False
    # (type, status) of every item in the file.
    in_file: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Comments by outcome.
    comments: Counter[str] = field(default_factory=Counter)
    redirects: int = 0

    def add(self, line: ReportLine) -> None:
        self.lines.append(line)

    def counts(self) -> dict[str, int]:
        """Return counts such as `article taken public: 3` by kind, verdict and state."""
        counts = Counter(
            " ".join(part for part in (line.kind, line.verdict, line.state) if part)
            for line in self.lines
        )
        return dict(sorted(counts.items()))

    @property
    def has_losses(self) -> bool:
        """Whether part of the file could not be read."""
        return self.is_truncated or bool({"unclosed", "unterminated"} & self.damage.keys())

    def as_dict(self) -> ReportData:
        return {
            "counts": self.counts(),
            "comments": dict(sorted(self.comments.items())),
            "redirects": self.redirects,
            "in_file": {
                f"{kind} {status}".strip(): number
                for (kind, status), number in sorted(self.in_file.items())
            },
            "damage": dict(sorted(self.damage.items())),
            "truncated": self.is_truncated,
            "lines": [line.as_dict() for line in self.lines],
        }


def join_notes(*groups: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(note for group in groups for note in group)
