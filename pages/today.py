"""One line of pending work on the admin's index page; each room supplies its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TodayItem:
    """A count with a label, linked to the list of what was counted."""

    url: str
    count: int
    label: str  # in the plural form that fits the count
    is_urgent: bool = False
    shows_zero: bool = False

    @property
    def is_shown(self) -> bool:
        return self.count > 0 or self.shows_zero
