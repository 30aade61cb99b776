"""Problems with connected calendars, as messages for staff.

None contains the calendar's URL, which is secret.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SkipReason(models.TextChoices):
    """Problems with one event, found while reading the file."""

    NO_START = "no_start", _("It has no start, so it was left out.")
    NO_LENGTH = "no_length", _("It starts and ends at once, so it takes no time.")
    ENDS_BEFORE_START = "ends_before_start", _("It ends before it starts, so it was left out.")
    UNREADABLE = "unreadable", _("Its times could not be read, so it was left out.")
    UNKNOWN_ZONE = "unknown_zone", _("We do not know its time zone and read it in yours.")
    BAD_RULE = "bad_rule", _("How it repeats could not be read: only its first date counts.")
    TOO_FREQUENT = "too_frequent", _("It repeats too often: only its first date counts.")
    BAD_DATE = "bad_date", _("One of its extra or left-out dates could not be read.")
    CUT_OFF = "cut_off", _("The file ends early: what came after is missing.")


class FetchProblem(models.TextChoices):
    """Problems with a whole calendar, found while fetching it."""

    BAD_ADDRESS = "bad_address", _("This is not an address of a calendar on the web.")
    NOT_PUBLIC = "not_public", _("The address leads into a private network, so we do not ask it.")
    NOT_FOUND = "not_found", _("We cannot find the server.")
    UNREACHABLE = "unreachable", _("The server does not answer.")
    UNTRUSTED = "untrusted", _("The server cannot prove who it is.")
    TOO_SLOW = "too_slow", _("The server takes too long.")
    TOO_LARGE = "too_large", _("The calendar is larger than we read.")
    TOO_MANY_REDIRECTS = "too_many_redirects", _("The address leads on and on.")
    REFUSED = "refused", _("The server does not give us the calendar.")
    GARBLED = "garbled", _("We do not understand the answer of the server.")


class FetchError(Exception):
    """The only error that fetching raises. It never contains the URL, which is a secret."""

    def __init__(self, problem: FetchProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
