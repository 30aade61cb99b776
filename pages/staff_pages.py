"""What the staff pages of both apps share: the signed-in user, and the lines of the index page."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest


def get_staff_user(request: HttpRequest) -> User:
    """Return the signed-in staff member; only for views that let nobody else through."""
    return cast(User, request.user)


@dataclass(frozen=True)
class TodayItem:
    """Pending work: a count with a label, linked to the list of what was counted."""

    url: str
    count: int
    label: str  # in the plural form that fits the count
    is_urgent: bool = False
    shows_zero: bool = False

    @property
    def is_shown(self) -> bool:
        return self.count > 0 or self.shows_zero
