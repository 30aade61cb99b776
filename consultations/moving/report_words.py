"""A stored report in words, for the page on which staff say yes. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.wordpress import words
from pages.wordpress.report import KEPT, LEFT_OUT, SAME, TAKEN, UPDATED, Line

refusal = words.refusal

ORDER = ("article", "page", "picture", "category", "tag")
MOST_LINES = 500  # of one group on the page


@dataclass
class Group:
    """Lines of one kind and verdict, the ones with something to say first."""

    title: str
    lines: list[str] = field(default_factory=list)
    more: int = 0
    is_open: bool = False


def lines_of(found: dict[str, Any]) -> list[Line]:
    return [
        Line(
            verdict=row["verdict"],
            kind=row["kind"],
            number=row["number"],
            title=row["title"],
            state=row["state"],
            address=row["address"],
            notes=tuple((note["code"], note["about"]) for note in row["notes"]),
        )
        for row in found.get("lines", [])
    ]


def authors(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Login there and the name of the practitioner that it seems to be."""
    return [
        (line.number, dict(line.notes).get("author_is", ""))
        for line in lines_of(found)
        if line.kind == "author"
    ]


def summary(found: dict[str, Any]) -> list[str]:
    """`12 articles public`, `3 articles as drafts`: what one wants to know first."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines_of(found):
        if line.verdict in (TAKEN, UPDATED, SAME, KEPT) and line.kind in ORDER:
            counts[line.kind, line.state] += 1
    rows = [
        _("%(n)d %(kind)s") % {"n": number, "kind": _kind(kind, state, number)}
        for (kind, state), number in sorted(
            counts.items(), key=lambda one: (ORDER.index(one[0][0]), one[0][1])
        )
    ]
    said = words.all_comments(found.get("comments", {}))
    return rows + [_("Comments: ") + "; ".join(said)] * bool(said)


def _kind(kind: str, state: str, number: int) -> str:
    names = {
        "article": ngettext("article", "articles", number),
        "page": ngettext("page", "pages", number),
        "picture": ngettext("picture", "pictures", number),
        "category": ngettext("category", "categories", number),
        "tag": ngettext("tag", "tags", number),
    }
    said = str(words.STATES.get(state, ""))
    return f"{names[kind]}, {said}" if said else names[kind]


def groups(found: dict[str, Any]) -> list[Group]:
    """First what changes on the way or stays behind, then the rest."""
    with_notes = Group(_("Taken, with a change or a remark"), is_open=True)
    left_out = Group(_("Left out"), is_open=True)
    plain = Group(_("Taken as it is"))
    rest = Group(_("Here already"))
    for line in lines_of(found):
        if line.kind == "author":
            continue
        if line.verdict == LEFT_OUT:
            _add(left_out, line)
        elif line.verdict in (SAME, KEPT):
            _add(rest, line)
        else:
            _add(with_notes if line.notes else plain, line)
    return [group for group in (with_notes, left_out, plain, rest) if group.lines]


def _add(group: Group, line: Line) -> None:
    if len(group.lines) < MOST_LINES:
        group.lines.append(words.sentence(line))
    else:
        group.more += 1


def warnings(found: dict[str, Any]) -> list[str]:
    said = words.all_damage(found.get("damage", {}))
    return said + [words.cut_off()] * bool(found.get("truncated"))
