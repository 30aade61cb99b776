"""Choices on the visitor's form: stored values and their labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    SLOT = "slot", _("A time")
    CALL_BACK = "call_back", _("Call back")
    PREFERRED_TIMES = "preferred_times", _("Times that suit")
    WAITLIST = "waitlist", _("Waiting list")


class Channel(models.TextChoices):
    EMAIL = "email", _("Email")
    CALL = "call", _("Phone call")
    TEXT = "text", _("Text message")


class Voicemail(models.TextChoices):
    NO = "no", _("No, leave no message and do not say who is calling")
    VOICEMAIL = "voicemail", _("You may leave a voicemail")
    BOTH = "both", _("You may leave a voicemail and say where you call from")


class Audience(models.TextChoices):
    ME = "me", _("Me")
    US = "us", _("Us, as a couple or family")
    CHILD = "child", _("My child")
    OTHER = "other", _("Someone else")


class Meeting(models.TextChoices):
    PHONE = "phone", _("Phone")
    VIDEO = "video", _("Video")
    IN_PERSON = "in_person", _("In person")


class Interest(models.TextChoices):
    NOT_SURE = "not_sure", _("Not sure yet")
    COUNSELLING = "counselling", _("Counseling")
    COACHING = "coaching", _("Coaching")


class DeclineReason(models.TextChoices):
    FULL = "full", _("We have no room at the moment")
    PLACE = "place", _("We are not licensed where the person is")
    SCOPE = "scope", _("Someone else can help better with this")


class Outcome(models.TextChoices):
    CONNECTED = "connected", _("We talked")
    BOOKED = "booked", _("We talked and agreed on sessions")
    REFERRED = "referred", _("We talked and named other help")
    NO_ANSWER = "no_answer", _("Nobody answered")
    VOICEMAIL = "voicemail", _("We left a voicemail")


WEEKDAYS = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]
PARTS_OF_DAY = [
    ("morning", _("morning")),
    ("afternoon", _("afternoon")),
    ("evening", _("evening")),
]
# Morning, afternoon and evening of each weekday: 21 checkboxes.
PREFERRED_TIMES = [
    (f"{day}-{part}", f"{day}-{part}") for day, _day in WEEKDAYS for part, _part in PARTS_OF_DAY
]


def format_preferred_times(values: list[str]) -> list[str]:
    """Format ``["mon-morning", "mon-evening"]`` as ``["Monday: morning, evening"]``."""
    lines = []
    for day, day_label in WEEKDAYS:
        parts = [str(label) for part, label in PARTS_OF_DAY if f"{day}-{part}" in values]
        if parts:
            lines.append(f"{day_label}: {', '.join(parts)}")
    return lines
