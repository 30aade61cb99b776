"""Emails about consultations and their recipients. None contains anything a visitor wrote."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from consultations.booking import local_time, zones
from consultations.booking.calendars.invite import CalendarMethod, Invite, render_invite
from consultations.booking.choices import DeclineReason, RequestKind
from consultations.booking.meeting_place import MeetingPlace, describe_place
from consultations.booking.models import Consultation
from consultations.booking.states import HoldFor, Status
from consultations.email_texts import catalog, rendering
from consultations.outbox import queue
from consultations.outbox.queue import EmailDraft
from consultations.privacy import control_links
from pages.practice.models import PracticeProfile

# Every message to the visitor.
VISITOR_MESSAGES = [
    "consultation_received",
    "consultation_late_for_you",
    "consultation_offered",
    "consultation_please_confirm",
    "consultation_one_already",
    "consultation_confirmed",
    "consultation_moved",
    "consultation_new_link",
    "consultation_reminder_24",
    "consultation_reminder_2",
]
# Messages that become untrue when the status changes.
PENDING_ANSWER_MESSAGES = [
    "consultation_received",
    "consultation_late_for_you",
    "consultation_offered",
    "consultation_please_confirm",
    "consultation_one_already",
]


def send_request_received(
    consultation: Consultation, *, now: datetime, resend: bool = False
) -> None:
    """Confirm receipt to the visitor, with our reply date, and notify the practice."""
    _enqueue_for_both(
        "consultation_received", "consultation_waiting", consultation, now=now, resend=resend
    )


def send_receipt(
    consultation: Consultation, *, now: datetime, resend: bool = False, added_text: str = ""
) -> None:
    """Confirm to the visitor what staff entered or changed, without telling the practice."""
    _enqueue_for_visitor(
        "consultation_received", consultation, now=now, resend=resend, added_text=added_text
    )


def send_confirmation_request(
    consultation: Consultation,
    *,
    now: datetime,
    existing_call: Consultation | None = None,
    resend: bool = False,
) -> None:
    """Ask the visitor to confirm a held time by the link in this email.

    ``existing_call`` is the upcoming call of an address that may have only one; the email then
    links to it.
    """
    if existing_call is None:
        _enqueue_for_visitor("consultation_please_confirm", consultation, now=now, resend=resend)
        return
    context = visitor_context(existing_call, PracticeProfile.load())
    _enqueue_for_visitor(
        "consultation_one_already", consultation, now=now, resend=resend, context=context
    )


def send_booking(
    consultation: Consultation,
    *,
    existing_call: Consultation | None,
    now: datetime,
    resend: bool = False,
) -> None:
    """Notify both sides of a new booking or request, depending on its status.

    ``existing_call`` is another upcoming call of the same address, where only one is allowed.
    """
    if consultation.status == Status.CONFIRMED:
        send_confirmation(consultation, now=now)
    elif consultation.status == Status.HELD and consultation.hold_for == HoldFor.EMAIL:
        send_confirmation_request(consultation, existing_call=existing_call, now=now, resend=resend)
    else:
        send_request_received(consultation, now=now, resend=resend)


def send_offer(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    """Offer a time to someone on the waiting list; may be sent again for another time."""
    _enqueue_for_visitor(
        "consultation_offered", consultation, now=now, resend=True, added_text=added_text
    )


def send_offer_not_accepted(consultation: Consultation, *, now: datetime) -> None:
    """Tell the practice that an offered time was not accepted."""
    _enqueue_for_practice("consultation_offer_not_taken", consultation, now=now, resent_at=now)


def send_expiry_warning(consultation: Consultation, *, now: datetime) -> bool:
    """Warn the practice once each time a request comes to staff; False if it was warned already."""
    return _enqueue_for_practice(
        "consultation_ends_soon", consultation, now=now, resent_at=consultation.last_requested_at()
    )


def send_late_notices(consultation: Consultation, *, to_visitor: bool, now: datetime) -> bool:
    """Remind the practice once for each promised time, and tell the visitor once if it wants to.

    False if the practice was reminded before.
    """
    if to_visitor:
        _enqueue_for_visitor("consultation_late_for_you", consultation, now=now)
    return _enqueue_for_practice(
        "consultation_late", consultation, now=now, resent_at=consultation.reply_by
    )


def send_confirmation(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    _enqueue_for_both(
        "consultation_confirmed",
        "consultation_booked",
        consultation,
        now=now,
        method=CalendarMethod.REQUEST,
        added_text=added_text,
    )


def send_move_notice(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    _enqueue_for_both(
        "consultation_moved",
        "consultation_moved_for_us",
        consultation,
        now=now,
        method=CalendarMethod.REQUEST,
        added_text=added_text,
    )


def send_new_link(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    """Send the visitor the new video link of a confirmed call, and update both calendars."""
    method = CalendarMethod.REQUEST
    draft = _visitor_draft(
        "consultation_new_link", consultation, now=now, method=method, added_text=added_text
    )
    queue.enqueue_all([draft], now=now)


def send_reminder(consultation: Consultation, message: str, *, now: datetime) -> bool:
    """Queue a reminder; False if it was queued before or there is no address."""
    return _enqueue_for_visitor(message, consultation, now=now)


def resend_to_corrected_address(
    consultation: Consultation, *, now: datetime, existing_call: Consultation | None
) -> None:
    """Send the visitor's latest email again, with the new link."""
    message, method = "consultation_received", None
    if consultation.status == Status.CONFIRMED:
        message, method = "consultation_confirmed", CalendarMethod.REQUEST
    elif consultation.status == Status.HELD and consultation.hold_for == HoldFor.EMAIL:
        send_confirmation_request(consultation, now=now, existing_call=existing_call, resend=True)
        return
    elif consultation.status == Status.HELD and consultation.hold_for == HoldFor.OFFER:
        message = "consultation_offered"
    _enqueue_for_visitor(message, consultation, now=now, method=method, resend=True)


def send_decline(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    _enqueue_for_visitor("consultation_declined", consultation, now=now, added_text=added_text)


def send_cancellation(consultation: Consultation, *, now: datetime, added_text: str = "") -> None:
    """Tell the visitor that the practice canceled, and update both calendars."""
    _enqueue_for_both(
        "consultation_cancelled",
        "consultation_called_off",
        consultation,
        now=now,
        method=CalendarMethod.CANCEL,
        added_text=added_text,
    )


def send_withdrawal(consultation: Consultation, *, had_a_time: bool, now: datetime) -> None:
    """Tell the practice that the visitor canceled, and update both calendars if it had a time."""
    if not had_a_time:
        _enqueue_for_practice("consultation_taken_back", consultation, now=now)
        return
    _enqueue_for_both(
        "consultation_cancelled_by_you",
        "consultation_called_off",
        consultation,
        now=now,
        method=CalendarMethod.CANCEL,
    )


def visitor_context(
    consultation: Consultation, practice: PracticeProfile, *, added_text: str = ""
) -> dict[str, object]:
    """Return the context of emails to the visitor, without name, phone, address or note.

    ``added_text`` is what staff wrote for this one email.
    """
    confirm = control_links.make_token(
        "hold-confirm", consultation.public_id, consultation.token_version
    )
    return {
        rendering.VALUES: {
            catalog.COUNSELOR: sender_name_for(consultation, practice),
            catalog.TIME: format_time(consultation, practice),
            catalog.HOW_WE_MEET: place_of(consultation, practice).text,
            catalog.MINUTES: str(duration_minutes(consultation)),
            catalog.REFERENCE: consultation.reference,
            catalog.REPLY_BY: format_day(
                local_time.promised_date(consultation.reply_by, practice.time_zone)
            ),
            catalog.HELD_UNTIL: format_hold_end(consultation),
            catalog.HOW_TO_CALL_US: _("You can also call us at %(phone)s.")
            % {"phone": practice.phone}
            if practice.phone
            else "",
            catalog.PRIVATE_LINK: settings.SITE_URL + consultation.get_absolute_url(),
            catalog.CONFIRMATION_LINK: settings.SITE_URL
            + reverse("booking:confirm", args=[confirm]),
            catalog.BOOKING_PAGE: settings.SITE_URL + reverse("booking:consultation"),
        },
        rendering.ADDED_TEXT: with_referrals(consultation, added_text),
        "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
    }


def wording_of(message: str, consultation: Consultation) -> str:
    """Return the key of the text of a message: some depend on the request or the reason."""
    if message == "consultation_declined":
        return f"{message}_{consultation.decline_reason or DeclineReason.FULL}"
    if message == "consultation_received" and consultation.kind == RequestKind.WAITLIST:
        return f"{message}_waitlist"
    if message == "consultation_received" and _is_slot_under_review(consultation):
        return f"{message}_time"
    return message


def _is_slot_under_review(consultation: Consultation) -> bool:
    """Whether the visitor chose a time that the practice has yet to confirm."""
    return consultation.kind == RequestKind.SLOT and bool(consultation.promised_time)


def format_day(day: date) -> str:
    """Return ``Wednesday, May 6``."""
    return formats.date_format(day, "WEEKDAY_FORMAT")


def format_time(consultation: Consultation, practice: PracticeProfile) -> str:
    """Return the time in the visitor's zone, and in a second line in ours if it differs.

    A request that holds no time has only the time that the visitor asked for, as it was shown.
    """
    start, zone = consultation.start_at, consultation.visitor_zone
    if start is None:
        return consultation.promised_time if consultation.kind == RequestKind.SLOT else ""
    here = staff_zone(consultation, practice)
    lines = [local_time.format_datetime_in_zone(start, zone)]
    if not local_time.has_same_offset(start, zone, here):
        ours = local_time.format_datetime_in_zone(start, here)
        lines.append(_("That’s %(time)s for us.") % {"time": ours})
    return "\n".join(lines)


def format_hold_end(consultation: Consultation) -> str:
    """Return until when a time is held, in the visitor's zone; "" if it is not."""
    expires = consultation.hold_expires_at
    if expires is None:
        return ""
    return local_time.format_datetime_in_zone(expires, consultation.visitor_zone)


def with_referrals(consultation: Consultation, added_text: str) -> str:
    """Return the added text, and the people that a decline suggests as a paragraph of their own."""
    lines = [f"- {line}" for line in consultation.suggested_referrals]
    if lines:
        lines.insert(0, _("These people may be able to help:"))
    return "\n\n".join(part for part in (added_text, "\n".join(lines)) if part)


def time_context(consultation: Consultation, practice: PracticeProfile) -> dict[str, object]:
    """Return the time in the visitor's and the practitioner's zone, with their labels."""
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
    """Return ``Eastern Time (UTC-5)``, with the offset because clocks show some times twice."""
    return local_time.format_zone_with_offset(zone, at) if at else zones.zone_name(zone)


def staff_zone(consultation: Consultation, practice: PracticeProfile) -> str:
    """Return the practitioner's zone; the practice's if none is assigned yet."""
    practitioner = consultation.practitioner
    return (practitioner.time_zone if practitioner else "") or practice.time_zone


def duration_minutes(consultation: Consultation) -> int:
    if consultation.start_at is None or consultation.end_at is None:
        return consultation.type.duration_min if consultation.type else settings.CALL_MINUTES
    return int((consultation.end_at - consultation.start_at).total_seconds() // 60)


def sender_name_for(consultation: Consultation, practice: PracticeProfile) -> str:
    practitioner = consultation.practitioner
    return (practitioner.sender_name if practitioner else "") or practice.sender_name


def place_of(consultation: Consultation, practice: PracticeProfile) -> MeetingPlace:
    """Return where a call takes place, as both sides are told."""
    return describe_place(consultation, practice, sender_name_for(consultation, practice))


def calendar_event_text(
    consultation: Consultation, practice: PracticeProfile, zone: str
) -> tuple[str, str]:
    """Return summary and description of the event, without anything the visitor wrote."""
    assert consultation.start_at is not None  # callers pass consultations with a time
    when = local_time.format_datetime_in_zone(consultation.start_at, zone)
    reference = _("Reference: %(reference)s") % {"reference": consultation.reference}
    summary = _("Call with %(name)s") % {"name": sender_name_for(consultation, practice)}
    return summary, f"{when}\n{reference}"


def build_invite(
    consultation: Consultation,
    practice: PracticeProfile,
    method: CalendarMethod,
    *,
    attendee: str,
    zone: str,
    now: datetime,
    is_for_staff: bool = False,
) -> bytes:
    """Render the calendar file: one event and one attendee, without anything the visitor wrote."""
    if consultation.start_at is None or consultation.end_at is None:
        return b""
    summary, description = calendar_event_text(consultation, practice, zone)
    place = place_of(consultation, practice)
    if method is not CalendarMethod.CANCEL:
        told = place.staff_sentence if is_for_staff else place.sentence
        description = "\n".join(line for line in (told, description) if line)
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
            location="" if method is CalendarMethod.CANCEL else place.location,
            video_url="" if method is CalendarMethod.CANCEL else place.video_url,
        )
    )


def practice_recipient(consultation: Consultation, practice: PracticeProfile) -> str:
    practitioner = consultation.practitioner
    return (practitioner.organizer_email if practitioner else "") or practice.email


def _enqueue_for_visitor(
    message: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    resend: bool = False,
    context: dict[str, object] | None = None,
    added_text: str = "",
) -> bool:
    draft = _visitor_draft(
        message,
        consultation,
        now=now,
        method=method,
        resend=resend,
        context=context,
        added_text=added_text,
    )
    return bool(queue.enqueue_all([draft], now=now))


def _enqueue_for_practice(
    message: str, consultation: Consultation, *, now: datetime, resent_at: datetime | None = None
) -> bool:
    draft = _practice_draft(message, consultation, now=now, resent_at=resent_at)
    return bool(queue.enqueue_all([draft], now=now))


def _enqueue_for_both(
    to_visitor: str,
    to_practice: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    resend: bool = False,
    added_text: str = "",
) -> None:
    drafts = [
        _visitor_draft(
            to_visitor,
            consultation,
            now=now,
            method=method,
            resend=resend,
            added_text=added_text,
        ),
        _practice_draft(
            to_practice, consultation, now=now, method=method, resent_at=now if resend else None
        ),
    ]
    queue.enqueue_all(drafts, now=now)


def _visitor_draft(
    message: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    resend: bool = False,
    context: dict[str, object] | None = None,
    added_text: str = "",
) -> EmailDraft:
    practice = PracticeProfile.load()
    # An address that cannot be decrypted stops nothing; the practice's email and the admin report
    # it.
    address = "" if consultation.address_is_lost else consultation.email
    return EmailDraft(
        message,
        key=_visitor_message_key(consultation, message, now if resend else None),
        to=address,
        about=consultation.uuid,
        context=context or visitor_context(consultation, practice, added_text=added_text),
        renderer=rendering.render_email,
        wording=wording_of(message, consultation),
        calendar=build_invite(
            consultation,
            practice,
            method,
            attendee=address,
            zone=consultation.visitor_zone,
            now=now,
        )
        if method and address
        else b"",
        calendar_method=method.value if method else "",
    )


def _practice_draft(
    message: str,
    consultation: Consultation,
    *,
    now: datetime,
    method: CalendarMethod | None = None,
    resent_at: datetime | None = None,
) -> EmailDraft:
    practice = PracticeProfile.load()
    address = practice_recipient(consultation, practice)
    page = reverse("admin:consultations_consultation_change", args=[consultation.uuid])
    return EmailDraft(
        message,
        key=_message_key(consultation, message, resent_at),
        to=address,
        about=consultation.uuid,
        context={
            "reference": consultation.reference,
            "answer_by": local_time.promised_date(consultation.reply_by, practice.time_zone),
            "admin_url": settings.SITE_URL + page,
            "address_is_lost": consultation.address_is_lost,
            "missing_place": place_of(consultation, practice).missing
            if consultation.status == Status.CONFIRMED
            else "",
            **time_context(consultation, practice),
        },
        calendar=build_invite(
            consultation,
            practice,
            method,
            attendee=address,
            zone=staff_zone(consultation, practice),
            now=now,
            is_for_staff=True,
        )
        if method and address
        else b"",
        calendar_method=method.value if method else "",
    )


def _message_key(consultation: Consultation, message: str, resent_at: datetime | None) -> str:
    """Return a key that allows one email per message and sequence, or per ``resent_at``."""
    tail = f":{int(resent_at.timestamp())}" if resent_at else ""
    return f"{consultation.uuid}:{message}:{consultation.sequence}{tail}"


def _visitor_message_key(
    consultation: Consultation, message: str, resent_at: datetime | None
) -> str:
    """Like `_message_key`, and with the version of the private link if it may be sent again.

    An address corrected twice in one second is two emails to the visitor, and still one warning
    to the practice.
    """
    key = _message_key(consultation, message, resent_at)
    return f"{key}:{consultation.token_version}" if resent_at else key
