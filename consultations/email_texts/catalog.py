"""Every email to visitors that the practice may reword, with its default text and placeholders.

A text is plain: paragraphs, and placeholders in braces. None of them stands for anything a visitor
typed, so no email can repeat it. What every email ends with (crisis help, how to stop, our name) is
added when it is rendered, and cannot be edited away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

COUNSELOR, TIME, HOW_WE_MEET, MINUTES = "counselor", "time", "how we meet", "minutes"
REFERENCE, REPLY_BY, HELD_UNTIL = "reference", "reply by", "held until"
HOW_TO_CALL_US = "how to call us"
PRIVATE_LINK, CONFIRMATION_LINK, BOOKING_PAGE = "private link", "confirmation link", "booking page"

# What a placeholder stands for, shown beside its button.
MEANINGS: Mapping[str, "_StrOrPromise"] = {
    COUNSELOR: _("the counselor’s name, as clients may see it in an inbox"),
    TIME: _("day and time of the call, in the client’s time zone"),
    HOW_WE_MEET: _("phone, video or in person"),
    MINUTES: _("how long the call takes"),
    REFERENCE: _("the reference, to say on the phone"),
    REPLY_BY: _("the day by which you reply"),
    HELD_UNTIL: _("until when the time is held"),
    HOW_TO_CALL_US: _("your phone number, in a sentence; nothing if you have none"),
    PRIVATE_LINK: _("the link to the client’s own page"),
    CONFIRMATION_LINK: _("the link that confirms the time"),
    BOOKING_PAGE: _("the page on which a new time can be booked"),
}
LINKS = frozenset({PRIVATE_LINK, CONFIRMATION_LINK, BOOKING_PAGE})
# What the button in the HTML part says, where a link stands on a line of its own.
LINK_LABELS: Mapping[str, "_StrOrPromise"] = {
    PRIVATE_LINK: _("Open your private page"),
    CONFIRMATION_LINK: _("Confirm this time"),
    BOOKING_PAGE: _("Find a new time"),
}

_ABOUT_A_CALL = (COUNSELOR, TIME, HOW_WE_MEET, MINUTES, REFERENCE, PRIVATE_LINK)


@dataclass(frozen=True)
class EmailKind:
    """One email: when it is sent, what it says by default, and what it may and must contain."""

    key: str
    group: "_StrOrPromise"
    label: "_StrOrPromise"
    when_sent: "_StrOrPromise"
    subject: "_StrOrPromise"
    body: "_StrOrPromise"
    placeholders: tuple[str, ...]
    required: tuple[str, ...] = ()


_CALLS, _REQUESTS, _COMMENTS = _("Calls"), _("Requests"), _("Comments and data")

EMAIL_KINDS: tuple[EmailKind, ...] = (
    EmailKind(
        "consultation_confirmed",
        _CALLS,
        _("Call booked"),
        _("Sent when a call is booked, or when you confirm one."),
        _("Your call with {counselor}"),
        _(
            "Your call with {counselor} is booked.\n\n"
            "{time}\n\n"
            "{how we meet}\nIt takes about {minutes} minutes, and there’s nothing to prepare.\n\n"
            "If you need to change or cancel it, use your private link:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        _ABOUT_A_CALL,
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_moved",
        _CALLS,
        _("Call moved"),
        _("Sent when a call has a new time."),
        _("Your call with {counselor}: new time"),
        _(
            "Your call with {counselor} has a new time.\n\n"
            "{time}\n\n"
            "{how we meet}\nIt takes about {minutes} minutes.\n\n"
            "If this time doesn’t work, you can change or cancel it here:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        _ABOUT_A_CALL,
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_new_link",
        _CALLS,
        _("Video link added"),
        _("Sent when you set the video link of a booked call."),
        _("The link for your call"),
        _(
            "Here’s the video link for your call with {counselor}.\n\n"
            "{time}\n\n"
            "{how we meet}\n\n"
            "If you need to change or cancel it, use your private link:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        _ABOUT_A_CALL,
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_reminder_24",
        _CALLS,
        _("Reminder, the day before"),
        _("Sent 24 hours before a call."),
        _("Reminder: your call with {counselor}"),
        _(
            "A quick reminder about your call with {counselor}.\n\n"
            "{time}\n\n"
            "{how we meet}\nIt takes about {minutes} minutes, and there’s nothing to prepare.\n\n"
            "If you can’t make it, please change or cancel it here:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        _ABOUT_A_CALL,
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_reminder_2",
        _CALLS,
        _("Reminder, two hours before"),
        _("Sent 2 hours before a call, if your practice sends a second reminder."),
        _("Your call with {counselor} is coming up"),
        _(
            "Your call with {counselor} starts in about two hours.\n\n"
            "{time}\n\n"
            "{how we meet}\nIt takes about {minutes} minutes.\n\n"
            "All the details are on your private page:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        _ABOUT_A_CALL,
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_cancelled",
        _CALLS,
        _("Call canceled by you"),
        _("Sent when you cancel a call."),
        _("We have to cancel your call"),
        _(
            "We’re sorry, we have to cancel your call.\n\n"
            "{time}\n\n"
            "You’re welcome to choose another time:\n{booking page}\n\n"
            "Your reference was {reference}."
        ),
        (COUNSELOR, TIME, REFERENCE, BOOKING_PAGE),
    ),
    EmailKind(
        "consultation_cancelled_by_you",
        _CALLS,
        _("Call canceled by the client"),
        _("Sent to confirm that the client’s cancellation went through."),
        _("Your call is canceled"),
        _(
            "Your call is canceled, as you asked.\n\n"
            "{time}\n\n"
            "If you’d like to talk another time, you can book again whenever you’re ready:\n"
            "{booking page}\n\n"
            "Your reference was {reference}."
        ),
        (COUNSELOR, TIME, REFERENCE, BOOKING_PAGE),
    ),
    EmailKind(
        "consultation_received",
        _REQUESTS,
        _("Request received"),
        _("Sent when someone asks for a call without choosing a time."),
        _("We got your message"),
        _(
            "Thank you for reaching out. We’ll get back to you by {reply by}.\n\n"
            "You don’t need to reply to this email. To see or cancel your request, use your "
            "private link:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        (REPLY_BY, REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_received_time",
        _REQUESTS,
        _("Request for a time received"),
        _("Sent when someone chose a time that you check before it’s booked."),
        _("We got your message"),
        _(
            "Thank you for reaching out. You asked for this time:\n\n{time}\n\n"
            "It’s not confirmed yet. We’ll get back to you by {reply by}.\n\n"
            "You don’t need to reply to this email. To see or cancel your request, use your "
            "private link:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        (TIME, REPLY_BY, REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_received_waitlist",
        _REQUESTS,
        _("Added to the waiting list"),
        _("Sent when someone joins the waiting list."),
        _("You’re on our waiting list"),
        _(
            "Thank you for reaching out. You’re on our waiting list, and we’ll write to you when "
            "a spot opens up.\n\n"
            "If you’d like to leave the list, use your private link:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        (REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_late_for_you",
        _REQUESTS,
        _("Your reply is late"),
        _("Sent when a promised reply is late, if your practice says so to clients."),
        _("We’re late with our reply"),
        _(
            "We promised you a reply by now, and we’re late. We’re sorry. We have your request, "
            "and we’ll get back to you.\n{how to call us}\n\n"
            "You can see or cancel your request here:\n{private link}\n\n"
            "Your reference is {reference}."
        ),
        (HOW_TO_CALL_US, REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_offered",
        _REQUESTS,
        _("Time offered"),
        _("Sent when you offer someone a time."),
        _("A time for your call"),
        _(
            "We have a time for you, and we’re holding it.\n\n"
            "{time}\n\n"
            "Let us know if it works for you:\n{private link}\n\n"
            "We’ll hold it until {held until}. If it doesn’t work, you’ll keep your place on the "
            "list.\n\n"
            "Your reference is {reference}."
        ),
        (COUNSELOR, TIME, HOW_WE_MEET, MINUTES, HELD_UNTIL, REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_please_confirm",
        _REQUESTS,
        _("Please confirm your email"),
        _("Sent when a time is held until the client confirms by email."),
        _("Please confirm your time"),
        _(
            "You chose this time:\n\n"
            "{time}\n\n"
            "To book it, open this page and confirm:\n{confirmation link}\n\n"
            "We’ll hold it until {held until}. If this wasn’t you, you can ignore this email, and "
            "the time will open up again.\n\n"
            "Your reference is {reference}."
        ),
        (COUNSELOR, TIME, HOW_WE_MEET, MINUTES, HELD_UNTIL, REFERENCE, CONFIRMATION_LINK),
        (CONFIRMATION_LINK,),
    ),
    EmailKind(
        "consultation_one_already",
        _REQUESTS,
        _("Already has a call"),
        _("Sent when an address that may have one call asks for another."),
        _("About your call"),
        _(
            "You asked for another call, and you already have one coming up:\n\n"
            "{time}\n\n"
            "We keep one upcoming call per person. You can change or cancel it here:\n"
            "{private link}\n\n"
            "If this wasn’t you, you can ignore this email.\n\n"
            "Your reference is {reference}."
        ),
        (COUNSELOR, TIME, REFERENCE, PRIVATE_LINK),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "consultation_declined_full",
        _REQUESTS,
        _("Declined: no openings"),
        _("Sent when you decline because you have no room."),
        _("About your message"),
        _(
            "Thank you for reaching out. We’re sorry, but we don’t have any openings right now, so "
            "we can’t offer you a call.\n\n"
            "You’re welcome to ask again later, or to call us for the names of others who may "
            "have room.\n\n"
            "This is about our schedule, not about you.\n\n"
            "Your reference is {reference}. You can see your request here:\n{private link}"
        ),
        (REFERENCE, PRIVATE_LINK),
    ),
    EmailKind(
        "consultation_declined_place",
        _REQUESTS,
        _("Declined: outside our states"),
        _("Sent when you decline because you aren’t licensed where the client will be."),
        _("About your message"),
        _(
            "Thank you for reaching out. We’re sorry, but our licenses don’t cover the place where "
            "you’ll be, so we can’t offer you a call.\n\n"
            "The licensing board there lists people who can help.\n\n"
            "This is about our licenses, not about you.\n\n"
            "Your reference is {reference}. You can see your request here:\n{private link}"
        ),
        (REFERENCE, PRIVATE_LINK),
    ),
    EmailKind(
        "consultation_declined_scope",
        _REQUESTS,
        _("Declined: not the right fit"),
        _("Sent when you decline because someone with other training can help better."),
        _("About your message"),
        _(
            "Thank you for reaching out. We’re sorry, but we’re not the right fit for this: "
            "someone with other training can help you better than we can.\n\n"
            "You’re welcome to call us for names.\n\n"
            "What you’re asking for matters, and we’d like you to find the right person.\n\n"
            "Your reference is {reference}. You can see your request here:\n{private link}"
        ),
        (REFERENCE, PRIVATE_LINK),
    ),
    EmailKind(
        "comment_received",
        _COMMENTS,
        _("Comment received"),
        _("Sent to commenters who asked to hear from you."),
        _("We got your comment"),
        _(
            "Thank you for your comment. We read every comment before it appears.\n\n"
            "You can see, change or withdraw it on your private page:\n{private link}"
        ),
        (PRIVATE_LINK,),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "comment_published",
        _COMMENTS,
        _("Comment published"),
        _("Sent when you approve a comment, to commenters who asked to hear from you."),
        _("Your comment is published"),
        _(
            "Your comment is published. Thank you for sharing it.\n\n"
            "You can see or withdraw it on your private page:\n{private link}"
        ),
        (PRIVATE_LINK,),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "comment_answered",
        _COMMENTS,
        _("Comment answered"),
        _("Sent when a reply is published, to commenters who asked to hear from you."),
        _("Someone replied to your comment"),
        _(
            "Someone replied to your comment.\n\n"
            "You’ll find the reply from your private page:\n{private link}"
        ),
        (PRIVATE_LINK,),
        (PRIVATE_LINK,),
    ),
    EmailKind(
        "your_data",
        _COMMENTS,
        _("Link to someone’s own data"),
        _("Sent when someone asks to see the data you hold under their email address."),
        _("The link you asked for"),
        _(
            "You asked to see the data we hold under this email address. This link works for one "
            "hour:\n{private link}\n\n"
            "If this wasn’t you, you can ignore this email. Nobody can see anything without the "
            "link."
        ),
        (PRIVATE_LINK,),
        (PRIVATE_LINK,),
    ),
)

_BY_KEY = {kind.key: kind for kind in EMAIL_KINDS}


def find_kind(key: str) -> EmailKind | None:
    """Return the email with this key; None if it is not one to visitors."""
    return _BY_KEY.get(key)
