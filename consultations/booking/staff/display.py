"""Format consultations, times and practitioners for staff pages."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import explain, local_time
from consultations.booking.choices import Interest
from consultations.booking.hours import BookingMode, ConsultationType
from consultations.booking.local_time import (
    from_epoch_seconds,
    get_zone,
    has_same_offset,
    start_of_day,
    time_label,
)
from consultations.booking.models import (
    ADDRESS_CORRECTED,
    ANSWERS_CHANGED,
    CALL_NOT_ANSWERED,
    MOVED_TO_WAITLIST,
    PLACE_CHANGED,
    VOICEMAIL_LEFT,
    Consultation,
    ConsultationEvent,
    ConsultationQuerySet,
)
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints
from pages.practice.models import PracticeProfile, Practitioner
from pages.practice.staff_dates import format_day, format_moment
from pages.practice.zone_names import spoken_zone

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups, _FieldOpts, _FieldsetSpec
    from django.utils.functional import _StrOrPromise

    Fieldset = tuple[_StrOrPromise | None, _FieldOpts]


def consultations_of_same_person(row: Consultation) -> ConsultationQuerySet:
    """Return other consultations with the same email or phone, whichever key hashed them."""
    try:
        by_email, by_phone = email_fingerprints(row.email), phone_fingerprints(row.phone)
    except DecryptionError:
        stored = (row.email_fingerprint, row.phone_fingerprint)
        by_email, by_phone = ([value] if value else [] for value in stored)
    same = Q(email_fingerprint__in=by_email) | Q(phone_fingerprint__in=by_phone)
    return Consultation.objects.filter(same).exclude(pk=row.pk).order_by("-created_at")


def annotate_practice_zone(rows: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """Annotate rows with the practice's zone and load practitioner and type, for lists."""
    profile = PracticeProfile.objects.filter(pk=1).values("time_zone")[:1]
    rows = rows.select_related("practitioner", "type")
    return rows.annotate(practice_zone=Coalesce(Subquery(profile), Value("UTC")))


def annotate_has_others(
    rows: QuerySet[Consultation], among: QuerySet[Consultation]
) -> QuerySet[Consultation]:
    """Annotate whether another row in ``among`` has the same email or phone."""
    same = Q(email_fingerprint=OuterRef("email_fingerprint")) & ~Q(email_fingerprint="")
    same |= Q(phone_fingerprint=OuterRef("phone_fingerprint")) & ~Q(phone_fingerprint="")
    others = among.filter(same).exclude(pk=OuterRef("pk"))
    return rows.annotate(has_others=Exists(others))


def practice_zone_for_row(row: Consultation) -> str:
    """Return the annotated zone of the practice, or load it."""
    return getattr(row, "practice_zone", "") or PracticeProfile.load().time_zone


def staff_zone_for_row(row: Consultation) -> str:
    """Return the practitioner's time zone; the practice's if none is assigned."""
    own = row.practitioner.time_zone if row.practitioner else ""
    return own or practice_zone_for_row(row)


def format_reply_deadline(row: Consultation) -> str:
    """Return the date by which we promised to reply, in the practice's zone."""
    day: date = local_time.promised_date(row.reply_by, practice_zone_for_row(row))
    return format_day(day, timezone.localdate())


def format_consultation_time(row: Consultation, *, both_zones: bool = False) -> str:
    """Return the start in the practitioner's zone, and if asked in the client's too."""
    if row.start_at is None:
        return "–"
    zones = [staff_zone_for_row(row)]
    if both_zones and row.visitor_zone != zones[0]:
        zones.append(row.visitor_zone)
    return "; ".join(format_instant(row.start_at, zone) for zone in zones)


def format_instant(instant: datetime, zone: str) -> str:
    """Return the local time, with the zone unless it is the one that the whole page is in."""
    words = format_moment(instant.astimezone(ZoneInfo(zone)), timezone.localdate())
    is_the_pages = has_same_offset(instant, zone, timezone.get_current_timezone_name())
    return words if is_the_pages else f"{words} ({spoken_zone(zone)})"


def consultation_link(row: Consultation) -> tuple[str, str]:
    """Return the URL of a consultation's page, and its time and reference as link text."""
    page = reverse("admin:consultations_consultation_change", args=[row.pk])
    return page, f"{format_consultation_time(row)}, {row.reference}"


def readable_initials(row: Consultation) -> str:
    """Return the initials, or a note that they cannot be decrypted."""
    try:
        return row.initials
    except DecryptionError:
        return _g("cannot be read")


def unreadable_email_message() -> str:
    """Return the warning for an email address that cannot be decrypted."""
    return _g("No key here opens the address of this person, so no mail reaches them.")


def interest_label(value: str) -> str:
    return str(Interest(value).label) if value in Interest.values else value or "–"


def day_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which ``first`` begins and ``last`` ends in a zone."""
    here = get_zone(zone)
    after = date.fromordinal(last.toordinal() + 1)
    return from_epoch_seconds(start_of_day(first, here)), from_epoch_seconds(
        start_of_day(after, here)
    )


def describe_time_zones(practitioners: list[Practitioner]) -> str:
    """Say which zone an entered time is in, for forms that offer several practitioners."""
    default = PracticeProfile.load().time_zone
    zones = {
        practitioner.name: (practitioner.time_zone or default).replace("_", " ")
        for practitioner in practitioners
    }
    if len(set(zones.values())) <= 1:
        zone = next(iter(zones.values()), default.replace("_", " "))
        return _g("In the time zone %(zone)s.") % {"zone": zone}
    each = ", ".join(f"{name}: {zone}" for name, zone in zones.items())
    return _g("In the time zone of whoever talks (%(each)s).") % {"each": each}


def format_clock(instant: datetime, zone: str) -> str:
    return time_label(instant, get_zone(zone))


# --- Admin columns for encrypted fields -----------------------------------------------------------

# What the detail page shows. The audit log records these names, never the values.
ENCRYPTED_FIELDS = (
    "name",
    "email",
    "phone",
    "note",
    "access_needs",
    "preferred_times",
    "staff_notes",
    "video_url",
)


def encrypted_column(
    label: "_StrOrPromise", read: Callable[[Consultation], str]
) -> "Callable[[admin.ModelAdmin, Consultation], _StrOrPromise]":
    """Return an admin column that shows "cannot be read" when decryption fails."""

    def show(model_admin: admin.ModelAdmin, row: Consultation) -> "_StrOrPromise":
        try:
            return read(row) or "–"
        except DecryptionError:
            return _("cannot be read")

    return admin.display(description=label)(show)


def with_read_only_notes(fieldsets: "_FieldsetSpec") -> "list[Fieldset]":
    """Replace the notes field by a read-only one, for notes that cannot be decrypted.

    A form would show them as empty, and saving it would lose them for good.
    """

    def names(fields: "_FieldGroups") -> "tuple[str | list[str] | tuple[str, ...], ...]":
        return tuple("shown_notes" if name == "staff_notes" else name for name in fields)

    return [(title, {**has, "fields": names(has["fields"])}) for title, has in fieldsets]


def format_history_event(event: ConsultationEvent) -> str:
    """Return one line of a consultation's history."""
    at = format_moment(timezone.localtime(event.at), timezone.localdate())
    who = str(event.by) if event.by else event.get_actor_display()
    steps = dict(Consultation._meta.get_field("status").flatchoices)
    steps[ADDRESS_CORRECTED] = _("The address was corrected")
    steps[ANSWERS_CHANGED] = _("The form was sent again with other answers")
    steps[PLACE_CHANGED] = _("The video link was changed")
    steps[CALL_NOT_ANSWERED] = _("Called back, nobody answered")
    steps[VOICEMAIL_LEFT] = _("Called back, left a voicemail")
    steps[MOVED_TO_WAITLIST] = _("Put on the waiting list")
    label = steps.get(event.after, event.after)
    try:
        note = f" – {event.note}" if event.note else ""
    except DecryptionError:
        note = f" – {_('cannot be read')}"
    return f"{at}: {label} ({who}){note}"


# --- Why a time is not offered, as sentences for staff --------------------------------------------

REASON_SENTENCES: dict[str, str | Promise] = {
    explain.OUTSIDE_HOURS: _("It lies outside the weekly hours."),
    explain.CLOSED_BY_OVERRIDE: _("That date has hours of its own, or is closed."),
    explain.TOO_SHORT: _("The hours end before the call would."),
    explain.OFF_GRID: _("Times of this kind begin at other minutes."),
    explain.TOO_SOON: _("It is sooner than the shortest notice."),
    explain.TOO_FAR: _("It is further ahead than visitors may book."),
    explain.DAY_FULL: _("That day has as many calls as are allowed."),
    explain.TAKEN: _("Another consultation, or the free time around it, lies there."),
    explain.TIME_OFF: _("It lies in time off."),
    explain.BUSY: _("Another calendar says busy."),
}


def reason_sentences(reasons: Iterable[str]) -> list[str]:
    return [str(REASON_SENTENCES[reason]) for reason in reasons]


def general_unavailability_reasons(
    consultation_type: ConsultationType, practitioner: Practitioner, practice: PracticeProfile
) -> list[str]:
    """Return the reasons why clients see no times at all, whatever the hours are."""
    qualified = {row.pk for row in consultation_type.bookable_practitioners()}
    objections = {
        _("The practice takes no new people at the moment."): practice.accepting != "accepting",
        _("This kind of consultation is not offered."): not consultation_type.is_active,
        _("For this kind visitors see no times: they say which suit them."): (
            consultation_type.mode == BookingMode.REQUEST_ONLY
        ),
        _("%(name)s takes no consultations of this kind.") % {"name": practitioner.name}: (
            practitioner.pk not in qualified
        ),
    }
    return [str(sentence) for sentence, applies in objections.items() if applies]
