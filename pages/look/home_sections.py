"""The sections of the home page: which are shown, in which order, and under which titles.

A practice's choice is stored as one text for each section: its key, after a minus if it is hidden,
and after a colon its own title. A section that a later version adds appears in its usual place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_TITLE_CHARS = 80
PLACES = ("first", "anywhere", "last")


@dataclass(frozen=True)
class SectionKind:
    key: str
    label: Promise
    is_shown: bool = True
    has_title: bool = True
    # The welcome stays at the top, the call to action at the end.
    place: Literal["first", "anywhere", "last"] = "anywhere"

    @property
    def is_movable(self) -> bool:
        return self.place == "anywhere"


SECTION_KINDS = (
    SectionKind("hero", _("Welcome"), has_title=False, place="first"),
    SectionKind("concerns", _("What brings people here")),
    SectionKind("people", _("Team")),
    SectionKind("how_it_works", _("How it works")),
    SectionKind("services", _("Services")),
    SectionKind("fees", _("Fees")),
    SectionKind("questions", _("Questions")),
    SectionKind("articles", _("Articles")),
    SectionKind("office", _("Office"), is_shown=False),
    SectionKind("call_to_action", _("Call to action"), place="last"),
)
_KINDS = {kind.key: kind for kind in SECTION_KINDS}


@dataclass(frozen=True)
class HomeSection:
    """One section of the home page as the practice wants it; an empty title means ours."""

    key: str
    is_shown: bool = True
    title: str = ""

    @property
    def kind(self) -> SectionKind:
        return _KINDS[self.key]

    @property
    def template(self) -> str:
        return f"pages/home/{self.key}.html"

    def __str__(self) -> str:
        return f"{'' if self.is_shown else '-'}{self.key}:{self.title}"


DEFAULT_SECTIONS = tuple(HomeSection(kind.key, kind.is_shown) for kind in SECTION_KINDS)


def parse_sections(lines: Iterable[str]) -> list[HomeSection]:
    """Read the stored choice: known sections once each, and the new ones in their usual places."""
    chosen: dict[str, HomeSection] = {}
    for line in lines:
        key, _colon, title = line.partition(":")
        name = key.removeprefix("-")
        if name in _KINDS and name not in chosen:
            chosen[name] = HomeSection(name, key == name, title[:MAX_TITLE_CHARS])
    sections = list(chosen.values())
    for position, section in enumerate(DEFAULT_SECTIONS):
        if section.key not in chosen:
            sections.insert(position, section)
    return _in_place(sections)


def format_sections(sections: Iterable[HomeSection]) -> list[str]:
    """Return what to store; nothing where everything is as usual."""
    lines = list(sections)
    return [] if tuple(lines) == DEFAULT_SECTIONS else [str(section) for section in lines]


def move_section(sections: list[HomeSection], key: str, step: int) -> list[HomeSection]:
    """Return the sections with one moved up (-1) or down (1), if it can be."""
    moved = list(sections)
    position = next((at for at, section in enumerate(moved) if section.key == key), -1)
    if position >= 0 and 0 <= position + step < len(moved):
        moved.insert(position + step, moved.pop(position))
    return _in_place(moved)


def _in_place(sections: list[HomeSection]) -> list[HomeSection]:
    return sorted(sections, key=lambda section: PLACES.index(section.kind.place))


def update_section(section: HomeSection, *, is_shown: bool, title: str) -> HomeSection:
    """Return the section as a form gives it; one without a title of its own keeps none."""
    words = " ".join(title.split()) if section.kind.has_title else ""
    title = "".join(char for char in words if char.isprintable())[:MAX_TITLE_CHARS]
    return replace(section, is_shown=is_shown, title=title)
