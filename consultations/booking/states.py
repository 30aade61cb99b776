"""Allowed status transitions and who may make them: one table for pages, admin and jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.audit.models import Actor


class Status(models.TextChoices):
    REQUESTED = "requested", _("Needs an answer")
    HELD = "held", _("Time held")
    CONFIRMED = "confirmed", _("Confirmed")
    ANSWERED = "answered", _("Answered")  # by a call back, without a booked time
    DECLINED = "declined", _("Declined")
    CANCELLED_BY_VISITOR = "cancelled_by_visitor", _("Taken back by the visitor")
    CANCELLED_BY_STAFF = "cancelled_by_staff", _("Cancelled by the practice")
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not happen")


class HoldFor(models.TextChoices):
    """What a held time is waiting for, which decides who may confirm or decline it."""

    EMAIL = "email", _("the link in our mail")
    APPROVAL = "approval", _("the practice")
    OFFER = "offer", _("the visitor")


VISITOR, STAFF, SYSTEM = Actor.VISITOR, Actor.STAFF, Actor.SYSTEM

TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    (Status.REQUESTED, Status.CONFIRMED): frozenset({STAFF}),
    (Status.REQUESTED, Status.ANSWERED): frozenset({STAFF}),
    (Status.REQUESTED, Status.DECLINED): frozenset({STAFF}),
    (Status.REQUESTED, Status.CANCELLED_BY_VISITOR): frozenset({VISITOR}),
    (Status.REQUESTED, Status.EXPIRED): frozenset({SYSTEM}),
    # Staff offer a time; the visitor accepts it or not, or the offer expires.
    (Status.REQUESTED, Status.HELD): frozenset({STAFF}),
    (Status.HELD, Status.REQUESTED): frozenset({VISITOR, SYSTEM}),
    (Status.HELD, Status.CONFIRMED): frozenset({VISITOR, STAFF}),
    (Status.HELD, Status.DECLINED): frozenset({STAFF}),
    (Status.HELD, Status.CANCELLED_BY_VISITOR): frozenset({VISITOR}),
    (Status.HELD, Status.EXPIRED): frozenset({SYSTEM}),
    # The emailed link, used after the hold expired, while the time is still free.
    (Status.EXPIRED, Status.CONFIRMED): frozenset({VISITOR}),
    # Moved: an event, not a status.
    (Status.CONFIRMED, Status.CONFIRMED): frozenset({VISITOR, STAFF}),
    (Status.CONFIRMED, Status.CANCELLED_BY_VISITOR): frozenset({VISITOR}),
    (Status.CONFIRMED, Status.CANCELLED_BY_STAFF): frozenset({STAFF}),
    (Status.CONFIRMED, Status.COMPLETED): frozenset({STAFF}),
    (Status.CONFIRMED, Status.NO_SHOW): frozenset({STAFF}),
    (Status.COMPLETED, Status.NO_SHOW): frozenset({STAFF}),
    (Status.NO_SHOW, Status.COMPLETED): frozenset({STAFF}),
}

FINAL_STATUSES = frozenset(
    {
        Status.ANSWERED,
        Status.DECLINED,
        Status.CANCELLED_BY_VISITOR,
        Status.CANCELLED_BY_STAFF,
        Status.EXPIRED,
        Status.COMPLETED,
        Status.NO_SHOW,
    }
)
# Statuses that block their time; a hold only until it expires.
LIVE_STATUSES = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.HELD)
TIMED_STATUSES = frozenset({Status.HELD, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW})


def is_transition_allowed(actor: str, before: str, after: str) -> bool:
    return actor in TRANSITIONS.get((before, after), frozenset())
