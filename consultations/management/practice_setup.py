"""Set up a new practice: details, hours, owner, first practitioner and a test email."""

import re
from datetime import datetime, time
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consultations.accounts import roles
from consultations.booking.hours import (
    GRID_MINUTES,
    ConsultationType,
    WeeklyWindow,
    format_weekly_hours,
)
from consultations.outbox import delivery, queue
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.models import KeyCanary
from pages.practice.models import OpeningHours, PracticeProfile, Practitioner

OPTIONAL_FACTS = {"call_hours"}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HOURS_PATTERN = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<opens>\d\d?:\d\d)-(?P<closes>\d\d?:\d\d)"
)


def parse_hours(text: str) -> list[tuple[int, time, time]]:
    """Parse ``mon-thu 09:00-17:00, fri 09:00-13:00`` into (weekday, opens, closes) rows.

    Raises ValueError if the text does not fit this format.
    """
    rows: list[tuple[int, time, time]] = []
    for part in (piece.strip().lower() for piece in text.split(",") if piece.strip()):
        match = _HOURS_PATTERN.fullmatch(part)
        if (
            match is None
            or match["first"] not in WEEKDAYS
            or (match["last"] or "mon") not in WEEKDAYS
        ):
            raise ValueError(part)
        opens, closes = _parse_time(match["opens"]), _parse_time(match["closes"])
        if closes <= opens:
            raise ValueError(part)
        first = WEEKDAYS.index(match["first"])
        last = WEEKDAYS.index(match["last"]) if match["last"] else first
        rows += [(day, opens, closes) for day in range(first, last + 1)]
    if not rows:
        raise ValueError(text)
    return rows


def _parse_time(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def clean_fact(name: str, value: str) -> str:
    """Return the normalized value of a detail; raise ValidationError with a readable message."""
    value = " ".join(value.split())
    if not value and name in OPTIONAL_FACTS:
        return value
    if not value:
        raise ValidationError(_("This is needed."))
    if name == "email":
        validate_email(value)
    elif name in ("hours", "call_hours"):
        try:
            parse_hours(value)
        except ValueError:
            raise ValidationError(_("Write it like mon-thu 09:00-17:00, fri 09:00-13:00")) from None
    elif name in ("name", "phone", "country", "time_zone"):
        if name == "country":
            value = value.upper()
        _model_field(PracticeProfile(), name).clean(value, PracticeProfile())
    elif name == "owner":
        _model_field(User(), "username").clean(value, User())
        if User.objects.filter(username=value).exists():
            raise ValidationError(_("Somebody has this login already."))
    return value


def _model_field(row: models.Model, name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", row._meta.get_field(name))


def set_up_practice(facts: dict[str, str], password: str) -> None:
    """Store everything in one transaction.

    Raises ValidationError for a weak password or an invalid value.
    """
    validate_password(password, User(username=facts["owner"], email=facts["email"]))
    with transaction.atomic():
        practice = PracticeProfile.load()
        for name in ("name", "email", "phone", "country", "time_zone"):
            setattr(practice, name, facts[name])
        practice.reference_prefix = reference_prefix(facts["name"])
        practice.full_clean()
        practice.save()
        if not OpeningHours.objects.exists():
            for weekday, opens_at, closes_at in parse_hours(facts["hours"]):
                OpeningHours.objects.create(weekday=weekday, opens_at=opens_at, closes_at=closes_at)
        # The person who sets up the site also runs its server: they become the owner of the
        # practice and its only superuser, who can fix what owners cannot.
        user = User.objects.create_superuser(facts["owner"], facts["email"], password)
        roles.set_roles(user, [roles.OWNER.key])
        if not Practitioner.objects.exists():
            practitioner = Practitioner(
                user=user,
                name=facts["practitioner"],
                # The public URL must not reveal the login.
                slug=slugify(facts["practitioner"]) or "practitioner",
                time_zone=facts["time_zone"],
            )
            practitioner.full_clean()
            practitioner.save()
            create_booking_hours(practitioner, facts.get("call_hours") or facts["hours"])


def create_booking_hours(practitioner: Practitioner, hours: str) -> None:
    """Create a default consultation type and the weekly hours for booking it."""
    if not ConsultationType.objects.exists():
        ConsultationType.objects.create(
            slug="free-consultation",
            name=_("Free consultation"),
            summary=_("A short call to see if we’re a good fit."),
            price_text=_("Free"),
        )
    for weekday, opens_at, closes_at in parse_hours(hours):
        # Round inward to the booking grid.
        begin, end = (
            -(-_minutes_since_midnight(opens_at) // GRID_MINUTES),
            _minutes_since_midnight(closes_at) // GRID_MINUTES,
        )
        if begin < end:
            WeeklyWindow.objects.create(
                practitioner=practitioner,
                weekday=weekday,
                start_min=begin * GRID_MINUTES,
                length_min=(end - begin) * GRID_MINUTES,
            )


def _minutes_since_midnight(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def booking_summary() -> str:
    """Summarize the first practitioner's consultation type and hours; "" if any is missing."""
    consultation_type = ConsultationType.objects.active().first()
    practitioner = Practitioner.objects.bookable().first()
    windows = list(WeeklyWindow.objects.filter(practitioner=practitioner)) if practitioner else []
    if consultation_type is None or practitioner is None or not windows:
        return ""
    return _("%(kind)s, %(minutes)d minutes, with %(name)s: %(week)s") % {
        "kind": consultation_type.name,
        "minutes": consultation_type.duration_min,
        "name": practitioner.name,
        "week": format_weekly_hours(windows),
    }


def reference_prefix(name: str) -> str:
    """Return up to two letters for reference numbers, such as HC, easy to say on the phone."""
    letters = [word[0].upper() for word in name.split() if word[0].isascii() and word[0].isalpha()]
    return "".join(letters[:2]) or "C"


def send_test_email(to: str, now: datetime) -> tuple[bool, str]:
    """Send a test email through the outbox; return whether it was sent, and the error if not."""
    canary = KeyCanary.objects.first()
    if canary is None:
        return False, "no keys"
    key = f"test_mail:{now.isoformat()}"
    with transaction.atomic():
        queue.enqueue("test_mail", key=key, to=to, about=canary.uuid, context={}, now=now)
    delivery.deliver_due(now)
    mail = OutgoingEmail.objects.get(key=key)
    return mail.state == OutgoingEmail.State.SENT, mail.last_error
