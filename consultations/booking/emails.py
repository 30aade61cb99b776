"""Which message goes to whom. Nothing that a visitor wrote stands in any of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from consultations.booking import local_time, reply_promise
from consultations.booking.calendars import invite
from consultations.booking.calendars.invite import CalendarMethod, Invite, render_invite
from consultations.booking.local_time import zone_city
from consultations.booking.models import Consultation
from consultations.booking.states import HoldFor, Status
from consultations.outbox import queue
from consultations.privacy import control_links
from pages.practice.models import PracticeProfile

# All that go to the visitor.
VISITOR_MESSAGES = [
    "consultation_received",
    "consultation_offered",
    "consultation_please_confirm",
    "consultation_one_already",
    "consultation_confirmed",
    "consultation_moved",
    "consultation_reminder_24",
    "consultation_reminder_2",
]
# Mails about a state that a later state makes untrue.
PENDING_ANSWER_MESSAGES = [
    "consultation_received",
    "consultation_offered",
    "consultation_please_confirm",
    "consultation_one_already",
]


def send_request_received(consultation: Consultation, *, now: datetime) -> None:
    """To the visitor: we have it, and when we answer. To the practice: one waits."""
    _enqueue_for_visitor("consultation_received", consultation, now=now)
    _enqueue_for_practice("consultation_waiting", consultation, now=now)


def send_confirmation_request(
    consultation: Consultation,
    *,
    now: datetime,
    instead: Consultation | None = None,
    again: bool = False,
) -> None:
    """The time is held until the link in this mail is pressed.

    ``instead``: this address has a call to come and may have no second one; the mail leads there.
    """
    if instead is None:
        _enqueue_for_visitor("consultation_please_confirm", consultation, now=now, again=again)
        return
    context = visitor_context(instead, PracticeProfile.load())
    _enqueue_for_visitor(
        "consultation_one_already", consultation, now=now, again=again, context=context
    )


def send_offer(consultation: Consultation, *, now: datetime) -> None:
    """A time has come free for somebody on the list. May be said again for another time."""
    _enqueue_for_visitor("consultation_offered", consultation, now=now, again=True)


def send_offer_not_accepted(consultation: Consultation, *, now: datetime) -> None:
    _enqueue_for_practice("consultation_offer_not_taken", consultation, now=now, again=now)


def send_expiry_warning(consultation: Consultation, *, asked_at: datetime, now: datetime) -> bool:
    """Once for each time that it came to staff; False when it was said before."""
    return _enqueue_for_practice("consultation_ends_soon", consultation, now=now, again=asked_at)


def send_confirmation(consultation: Consultation, *, now: datetime) -> None:
    _enqueue_for_visitor(
        "consultation_confirmed", consultation, now=now, method=CalendarMethod.REQUEST
    )
    _enqueue_for_practice(
        "consultation_booked", consultation, now=now, method=CalendarMethod.REQUEST
    )


def send_move_notice(consultation: Consultation, *, now: datetime) -> None:
    _enqueue_for_visitor("consultation_moved", consultation, now=now, method=CalendarMethod.REQUEST)
    _enqueue_for_practice(
        "consultation_moved_for_us", consultation, now=now, method=CalendarMethod.REQUEST
    )


def send_reminder(consultation: Consultation, message: str, *, now: datetime) -> bool:
    """False when it was queued before or there is no address."""
    return _enqueue_for_visitor(message, consultation, now=now)


def resend_to_corrected_address(
    consultation: Consultation, *, now: datetime, has_one: Consultation | None
) -> None:
    """What the visitor would have in their mail by now, once more, with the new link."""
    message, method = "consultation_received", None
    if consultation.status == Status.CONFIRMED:
        message, method = "consultation_confirmed", CalendarMethod.REQUEST
    elif consultation.status == Status.HELD and consultation.hold_for == HoldFor.EMAIL:
        send_confirmation_request(consultation, now=now, instead=has_one, again=True)
        return
    elif consultation.status == Status.HELD and consultation.hold_for == HoldFor.OFFER:
        message = "consultation_offered"
    _enqueue_for_visitor(message, consultation, now=now, method=method, again=True)


def send_decline(consultation: Consultation, *, now: datetime) -> None:
    _enqueue_for_visitor("consultation_declined", consultation, now=now)


def send_cancellation(consultation: Consultation, *, now: datetime) -> None:
    """By the practice: the visitor is told, and both calendars."""
    _enqueue_for_visitor(
        "consultation_cancelled", consultation, now=now, method=CalendarMethod.CANCEL
    )
    _enqueue_for_practice(
        "consultation_called_off", consultation, now=now, method=CalendarMethod.CANCEL
    )


def send_withdrawal(consultation: Consultation, *, had_a_time: bool, now: datetime) -> None:
    """By the visitor: the practice is told, and both calendars where there was a time."""
    if not had_a_time:
        _enqueue_for_practice("consultation_taken_back", consultation, now=now)
        return
    _enqueue_for_visitor(
        "consultation_cancelled_by_you", consultation, now=now, method=CalendarMethod.CANCEL
    )
    _enqueue_for_practice(
        "consultation_called_off", consultation, now=now, method=CalendarMethod.CANCEL
    )


def visitor_context(consultation: Consultation, practice: PracticeProfile) -> dict[str, object]:
    """Everything a mail to the visitor may use: no name, phone, address or note among it."""
    confirm = control_links.make_token(
        "hold-confirm", consultation.public_id, consultation.token_version
    )
    return {
        "practice": practice,
        "reference": consultation.reference,
        "answer_by": reply_promise.promised_date(consultation.reply_by, practice.time_zone),
        "manage_url": settings.SITE_URL + consultation.get_absolute_url(),
        "confirm_url": settings.SITE_URL + reverse("booking:confirm", args=[confirm]),
        "book_url": settings.SITE_URL + reverse("booking:consultation"),
        "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
        "expect_url": settings.SITE_URL + reverse("pages:what_to_expect"),
        **time_context(consultation, practice),
        "minutes": duration_minutes(consultation),
        "meeting": consultation.meeting,
        "with_whom": sender_name_for(consultation, practice),
        "reason": consultation.decline_reason,
        "kind": consultation.kind,
        "hold_expires": consultation.hold_expires_at
        and consultation.hold_expires_at.astimezone(ZoneInfo(consultation.visitor_zone)),
    }


def time_context(consultation: Consultation, practice: PracticeProfile) -> dict[str, object]:
    """The time in the visitor's zone and in that of whoever talks, and the names of both."""
    start, here = consultation.start_at, staff_zone(consultation, practice)
    visitors = consultation.visitor_zone
    return {
        "start": start.astimezone(ZoneInfo(visitors)) if start else None,
        "zone": zone_label(visitors, start),
        "start_here": start.astimezone(ZoneInfo(here)) if start else None,
        "zone_here": zone_label(here, start),
        "same_zone": local_time.has_same_offset(start, visitors, here)
        if start
        else visitors == here,
    }


def zone_label(zone: str, at: datetime | None) -> str:
    """``New York, UTC-5``: with the offset, since a clock may show one time twice."""
    return (
        f"{zone_city(zone)}, {local_time.utc_offset_name_at(zone, at)}" if at else zone_city(zone)
    )


def staff_zone(consultation: Consultation, practice: PracticeProfile) -> str:
    """Where whoever talks is; the practice's zone until somebody is named."""
    person = consultation.practitioner
    return (person.time_zone if person else "") or practice.time_zone


def duration_minutes(consultation: Consultation) -> int:
    if consultation.start_at is None or consultation.end_at is None:
        return consultation.type.duration_min if consultation.type else settings.CALL_MINUTES
    return int((consultation.end_at - consultation.start_at).total_seconds() // 60)


def sender_name_for(consultation: Consultation, practice: PracticeProfile) -> str:
    person = consultation.practitioner
    return (person.sender_name if person else "") or practice.sender_name


def calendar_event_text(
    consultation: Consultation, practice: PracticeProfile, zone: str
) -> tuple[str, str]:
    """Summary and description of the event, with no word of the visitor's."""
    assert consultation.start_at is not None  # asked for what has a time only
    when = _("%(day)s, %(time)s, time in %(zone)s") % {
        "day": formats.date_format(consultation.start_at.astimezone(ZoneInfo(zone)), "l, j F Y"),
        "time": formats.date_format(
            consultation.start_at.astimezone(ZoneInfo(zone)), "TIME_FORMAT"
        ),
        "zone": zone_label(zone, consultation.start_at),
    }
    reference = _("Reference: %(reference)s") % {"reference": consultation.reference}
    summary = _("Call with %(name)s") % {"name": sender_name_for(consultation, practice)}
    return summary, f"{when}\n{reference}"


def web_calendar_links(consultation: Consultation, practice: PracticeProfile) -> dict[str, str]:
    """Links for those who keep their calendar on the web."""
    if consultation.start_at is None or consultation.end_at is None:
        return {}
    summary, description = calendar_event_text(consultation, practice, consultation.visitor_zone)
    links = {"Google": invite.google_calendar_link, "Outlook": invite.outlook_calendar_link}
    return {
        name: link(
            summary=summary,
            description=description,
            start=consultation.start_at,
            end=consultation.end_at,
        )
        for name, link in links.items()
    }


def build_invite(
    consultation: Consultation,
    practice: PracticeProfile,
    method: CalendarMethod,
    *,
    attendee: str,
    zone: str,
    now: datetime,
) -> bytes:
    """The calendar file: one event, one attendee, no word of the visitor's."""
    if consultation.start_at is None or consultation.end_at is None:
        return b""
    summary, description = calendar_event_text(consultation, practice, zone)
    return render_invite(
        Invite(
            method=method,
            uid=str(consultation.ics_uid),
            sequence=consultation.sequence,
            start=consultation.start_at,
            end=consultation.end_at,
            sent_at=now,
            organizer=practice.email or settings.DEFAULT_FROM_EMAIL,
            attendee=attendee,
            summary=summary,
            description=description,
        )
    )


def practice_recipient(consultation: Consultation, practice: PracticeProfile) -> str:
    person = consultation.practitioner
    return (person.organizer_email if person else "") or practice.email


def _enqueue_for_visitor(
    message: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    again: bool = False,
    context: dict[str, object] | None = None,
) -> bool:
    practice = PracticeProfile.load()
    # What no key opens stops nothing: staff read of it in their own mail and on the row's page.
    address = "" if consultation.address_is_lost else consultation.email
    if not address:
        return False
    return queue.enqueue(
        message,
        key=_message_key(consultation, message, now if again else None),
        to=address,
        about=consultation.uuid,
        context=context or visitor_context(consultation, practice),
        now=now,
        calendar=build_invite(
            consultation,
            practice,
            method,
            attendee=address,
            zone=consultation.visitor_zone,
            now=now,
        )
        if method
        else b"",
        calendar_method=method.value if method else "",
    )


def _enqueue_for_practice(
    message: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    again: datetime | None = None,
) -> bool:
    practice = PracticeProfile.load()
    address = practice_recipient(consultation, practice)
    page = reverse("admin:consultations_consultation_change", args=[consultation.uuid])
    return queue.enqueue(
        message,
        key=_message_key(consultation, message, again),
        to=address,
        about=consultation.uuid,
        context={
            "reference": consultation.reference,
            "answer_by": reply_promise.promised_date(consultation.reply_by, practice.time_zone),
            "admin_url": settings.SITE_URL + page,
            "address_is_lost": consultation.address_is_lost,
            **time_context(consultation, practice),
        },
        now=now,
        calendar=build_invite(
            consultation,
            practice,
            method,
            attendee=address,
            zone=staff_zone(consultation, practice),
            now=now,
        )
        if method and address
        else b"",
        calendar_method=method.value if method else "",
    )


def _message_key(consultation: Consultation, message: str, again: datetime | None) -> str:
    """One mail per consultation, message and change of time; with ``again`` one for each moment."""
    tail = f":{int(again.timestamp())}" if again else ""
    return f"{consultation.uuid}:{message}:{consultation.sequence}{tail}"
