"""Times, links and people in the words of staff pages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _g

from consultations.booking import reply_promise
from consultations.booking.choices import Interest
from consultations.booking.local_time import first_of_day, instant_of, label_of, zone_of
from consultations.booking.models import Consultation, ConsultationQuerySet
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints
from pages.practice.models import PracticeProfile, Practitioner


def same_person(row: Consultation) -> ConsultationQuerySet:
    """Other consultations under the same address or number, whichever key hashed them."""
    try:
        by_email, by_phone = email_fingerprints(row.email), phone_fingerprints(row.phone)
    except CannotOpen:
        stored = (row.email_fingerprint, row.phone_fingerprint)
        by_email, by_phone = ([value] if value else [] for value in stored)
    same = Q(email_fingerprint__in=by_email) | Q(phone_fingerprint__in=by_phone)
    return Consultation.objects.filter(same).exclude(pk=row.pk).order_by("-created_at")


def with_practice_zone(rows: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """For lists: zone and practitioner come with each row, instead of queries for each."""
    profile = PracticeProfile.objects.filter(pk=1).values("time_zone")[:1]
    rows = rows.select_related("practitioner", "type")
    return rows.annotate(practice_zone=Coalesce(Subquery(profile), Value("UTC")))


def with_others(
    rows: QuerySet[Consultation], among: QuerySet[Consultation]
) -> QuerySet[Consultation]:
    """Whether the same address or number stands on another of these, for the mark in the list."""
    same = Q(email_fingerprint=OuterRef("email_fingerprint")) & ~Q(email_fingerprint="")
    same |= Q(phone_fingerprint=OuterRef("phone_fingerprint")) & ~Q(phone_fingerprint="")
    others = among.filter(same).exclude(pk=OuterRef("pk"))
    return rows.annotate(has_others=Exists(others))


def practice_zone_of(row: Consultation) -> str:
    return getattr(row, "practice_zone", "") or PracticeProfile.load().time_zone


def zone_of_row(row: Consultation) -> str:
    """Where the one who talks is; a row without anybody keeps the practice's."""
    own = row.practitioner.time_zone if row.practitioner else ""
    return own or practice_zone_of(row)


def promised_day(row: Consultation) -> str:
    day: date = reply_promise.last_day(row.reply_by, practice_zone_of(row))
    return formats.date_format(day, "DATE_FORMAT")


def time_words(row: Consultation, *, both_zones: bool = False) -> str:
    if row.start_at is None:
        return "–"
    zones = [zone_of_row(row)]
    if both_zones and row.visitor_zone != zones[0]:
        zones.append(row.visitor_zone)
    return "; ".join(at_words(row.start_at, zone) for zone in zones)


def at_words(instant: datetime, zone: str) -> str:
    local = formats.date_format(instant.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")
    return f"{local} ({zone.replace('_', ' ')})"


def link_and_time(row: Consultation) -> tuple[str, str]:
    """The page of a consultation, and its time and reference as the words of a link."""
    page = reverse("admin:consultations_consultation_change", args=[row.pk])
    return page, f"{time_words(row)}, {row.reference}"


def initials(row: Consultation) -> str:
    try:
        return row.initials
    except CannotOpen:
        return _g("cannot be read")


def address_is_lost() -> str:
    return _g("No key here opens the address of this person, so no mail reaches them.")


def interest_words(value: str) -> str:
    return str(Interest(value).label) if value in Interest.values else value or "–"


def day_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """From the first moment of one local date to the first after another."""
    here = zone_of(zone)
    after = date.fromordinal(last.toordinal() + 1)
    return instant_of(first_of_day(first, here)), instant_of(first_of_day(after, here))


def zones_in_words(people: list[Practitioner]) -> str:
    """In whose zone a time is meant, for a form on which one of several people is chosen."""
    default = PracticeProfile.load().time_zone
    zones = {person.name: (person.time_zone or default).replace("_", " ") for person in people}
    if len(set(zones.values())) <= 1:
        zone = next(iter(zones.values()), default.replace("_", " "))
        return _g("In the time zone %(zone)s.") % {"zone": zone}
    each = ", ".join(f"{name}: {zone}" for name, zone in zones.items())
    return _g("In the time zone of whoever talks (%(each)s).") % {"each": each}


def clock(instant: datetime, zone: str) -> str:
    return label_of(instant, zone_of(zone))
