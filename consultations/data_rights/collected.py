"""The rows of the page "What we collect": what visitors may give us, why, and for how long.

Each row names the form fields and database columns it covers. The tests compare them with the
forms and models in force: a form field without a row fails, and so does a wrong storage label.
The retention periods read the same settings as the purge.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pages.practice.profile import PracticeProfile

Text = str | Promise


class Storage(TextChoices):
    """How the columns of a row are stored."""

    ENCRYPTED = "encrypted", _("Encrypted")
    PLAIN = "clear", _("As it is")
    HASHED = "hash", _("As a keyed fingerprint")


@dataclass(frozen=True)
class Days:
    """A period in days, read from a setting when it is shown.

    ``text`` may put words around the period, which takes the place of ``%(days)s``.
    """

    setting: str
    text: Text = "%(days)s"

    def __str__(self) -> str:
        count = getattr(settings, self.setting)
        days = ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
        return str(self.text) % {"days": days}


def always(practice: PracticeProfile) -> bool:
    return True


@dataclass(frozen=True)
class CollectedItem:
    """One row: something a visitor may give us, or that we derive from it."""

    what: Text
    why: Text
    kept_for: Text | Days
    stored: Storage
    readers: Text
    # Database columns, such as `Consultation.name`, and the form fields that fill them.
    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    is_shown: Callable[[PracticeProfile], bool] = always


@dataclass(frozen=True)
class CollectedSection:
    """The rows for one occasion on which we collect something."""

    title: Text
    items: tuple[CollectedItem, ...]
    is_shown: Callable[[PracticeProfile], bool] = always


def collected_sections(practice: PracticeProfile) -> list[CollectedSection]:
    """Return the sections and rows that apply to this practice."""
    return [
        replace(section, items=tuple(item for item in section.items if item.is_shown(practice)))
        for section in SECTIONS
        if section.is_shown(practice)
    ]


# --- consultations ---

_consultation_item = partial(
    CollectedItem,
    kept_for=Days("CONSULTATION_RETENTION_DAYS", _("%(days)s after your request is closed")),
    readers=_("People here who answer requests"),
)

CONSULTATION_ITEMS = (
    _consultation_item(
        what=_("The name you give, and your email or phone"),
        why=_("To answer you, the way you chose."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.name", "Consultation.email", "Consultation.phone"),
        fields=("name", "email", "phone"),
    ),
    _consultation_item(
        what=_("How you’d like us to reach you, and whether we may leave a voicemail"),
        why=_("To reach you discreetly."),
        stored=Storage.PLAIN,
        columns=("Consultation.channel", "Consultation.voicemail", "Consultation.meeting"),
        fields=("channel", "voicemail", "meeting"),
    ),
    _consultation_item(
        what=_("What you’re interested in, who it’s for and who you’d like to talk to"),
        why=_("To set up a call with the right person."),
        stored=Storage.PLAIN,
        columns=(
            "Consultation.service",
            "Consultation.audience",
            "Consultation.practitioner",
            "Consultation.kind",
            "Consultation.type",
        ),
        fields=("service", "audience", "practitioner", "kind", "type"),
    ),
    _consultation_item(
        what=_("Times that work for you"),
        why=_("To find a time that works."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.preferred_times",),
        fields=("preferred",),
    ),
    _consultation_item(
        what=_("The time you choose, and your time zone"),
        why=_("To hold it for you, and to show it in your time zone."),
        stored=Storage.PLAIN,
        columns=(
            "Consultation.start_at",
            "Consultation.end_at",
            "Consultation.visitor_zone",
            "Consultation.promised_time",
        ),
        fields=("start", "zone"),
    ),
    _consultation_item(
        what=_("The state or country where you’ll be"),
        why=_("Our licenses are valid only in certain places."),
        stored=Storage.PLAIN,
        columns=("Consultation.location",),
        fields=("location",),
        is_shown=lambda practice: practice.is_licence_bound,
    ),
    _consultation_item(
        what=_("A short note, if you write one"),
        why=_("To prepare. It’s never emailed."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.note",),
        fields=("note",),
        is_shown=lambda practice: practice.asks_note,
    ),
    _consultation_item(
        what=_("Access or language needs, if you tell us"),
        why=_("To make the call work for you."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.access_needs",),
        fields=("access",),
    ),
    _consultation_item(
        what=_("That you’re 18 or older"),
        why=_("We see adults only."),
        stored=Storage.PLAIN,
        columns=("Consultation.is_adult",),
        fields=("adult",),
        is_shown=lambda practice: not practice.sees_minors,
    ),
    _consultation_item(
        what=_("Which consent text you agreed to, and when"),
        why=_("To show what you agreed to."),
        stored=Storage.PLAIN,
        columns=("Consultation.consent_version", "Consultation.consent_at"),
        fields=("consent",),
    ),
    _consultation_item(
        what=_("Keyed fingerprints of your email and phone"),
        why=_("To see that two requests come from one person, and to find yours when you ask."),
        stored=Storage.HASHED,
        columns=("Consultation.email_fingerprint", "Consultation.phone_fingerprint"),
    ),
    _consultation_item(
        what=_("Labels, such as “read first” when it contains a word of distress from our list"),
        why=_("So that we read it first, and show you help lines first."),
        stored=Storage.PLAIN,
        columns=("Consultation.suspicions", "Consultation.read_first"),
    ),
    _consultation_item(
        what=_("What happens with it: answered, rescheduled, canceled, how the call went"),
        why=_("To answer in time, and to delete it in time."),
        stored=Storage.PLAIN,
        columns=(
            "Consultation.status",
            "Consultation.reply_by",
            "Consultation.outcome",
            "Consultation.decline_reason",
            "Consultation.created_at",
            "Consultation.closed_at",
        ),
    ),
    _consultation_item(
        what=_("Why you cancel, if you tell us"),
        why=_("To learn from it. Only staff read it."),
        stored=Storage.ENCRYPTED,
        columns=("ConsultationEvent.note",),
        fields=("reason",),
    ),
    _consultation_item(
        what=_("Your place on the waiting list"),
        why=_("To email you when a spot opens."),
        kept_for=Days("WAITLIST_EXPIRES_DAYS", _("%(days)s, then we close your request")),
        stored=Storage.PLAIN,
    ),
    _consultation_item(
        what=_("Our own notes until the call"),
        why=_("To remember what the call is about."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.staff_notes",),
    ),
    _consultation_item(
        what=_("Copies of the emails we sent you about it, without your private links"),
        why=_("So that whoever talks with you knows what we wrote."),
        stored=Storage.ENCRYPTED,
        columns=("SentEmail.subject", "SentEmail.text"),
    ),
    _consultation_item(
        what=_("The video link of your call, if it has its own"),
        why=_("So that we can meet. You see it once the call is confirmed."),
        stored=Storage.ENCRYPTED,
        columns=("Consultation.video_url",),
    ),
)

# --- comments ---

NOBODY = _("No one")
UNTIL_REMOVED = _("Until you withdraw it, or we take it down")
COMMENT_READERS = _("People here who read comments")

COMMENT_ITEMS = (
    CollectedItem(
        what=_("The name you choose and the text"),
        why=_("We read them before anyone else can."),
        kept_for=UNTIL_REMOVED,
        stored=Storage.ENCRYPTED,
        readers=COMMENT_READERS,
        columns=(
            "Comment.name",
            "Comment.text",
            "Comment.redacted_text",
            "Comment.former_redaction",
        ),
        fields=("name", "text", "parent"),
    ),
    CollectedItem(
        what=_("The same, once it’s published"),
        why=_("So that everyone can read it."),
        kept_for=UNTIL_REMOVED,
        stored=Storage.PLAIN,
        readers=_("Everyone"),
        columns=("Comment.published_name", "Comment.published_html"),
    ),
    CollectedItem(
        what=_("Your email"),
        why=_("To write back to you. It’s never shown."),
        kept_for=Days("COMMENT_EMAIL_RETENTION_DAYS"),
        stored=Storage.ENCRYPTED,
        readers=COMMENT_READERS,
        columns=("Comment.email",),
        fields=("email",),
    ),
    CollectedItem(
        what=_("A keyed fingerprint of your email"),
        why=_("To find your comments when you ask for them."),
        kept_for=Days("COMMENT_EMAIL_RETENTION_DAYS"),
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("Comment.email_fingerprint",),
    ),
    CollectedItem(
        what=_("Whether you want an email when it’s published or answered"),
        why=_("To send it, or not."),
        kept_for=UNTIL_REMOVED,
        stored=Storage.PLAIN,
        readers=COMMENT_READERS,
        columns=("Comment.wants_notice",),
        fields=("wants_notice",),
    ),
    CollectedItem(
        what=_("Labels that sort it: “two links”, how much it reads like spam, “read first”"),
        why=_("To read the most urgent ones first. No one is turned away because of them."),
        kept_for=UNTIL_REMOVED,
        stored=Storage.PLAIN,
        readers=COMMENT_READERS,
        columns=("Comment.suspicions", "Comment.score", "Comment.read_first"),
    ),
    CollectedItem(
        what=_("Keyed fingerprints of words that five or more people used"),
        why=_(
            "To tell spam from comments. They identify no one and are deleted with the comments."
        ),
        kept_for=UNTIL_REMOVED,
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("LearnedWord.word_fingerprint",),
    ),
    CollectedItem(
        what=_("Keyed fingerprints of the text"),
        why=_("To treat a double click as one comment, and to notice a text sent many times."),
        kept_for=Days("ADDRESS_HASH_RETENTION_DAYS"),
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("RateCount.key", "Comment.content_fingerprint"),
    ),
    CollectedItem(
        what=_("That a reader asked us to look at a comment again"),
        why=_("To look at it. No one is asked why."),
        kept_for=Days("ADDRESS_HASH_RETENTION_DAYS", _("%(days)s after we looked")),
        stored=Storage.PLAIN,
        readers=COMMENT_READERS,
        columns=("CommentReport.at", "CommentReport.settled_at"),
    ),
    CollectedItem(
        what=_("Comments that are spam"),
        why=_("So that we can correct a mistake."),
        kept_for=Days("COMMENT_SPAM_RETENTION_DAYS"),
        stored=Storage.ENCRYPTED,
        readers=COMMENT_READERS,
    ),
    CollectedItem(
        what=_("Comments in the bin"),
        why=_("So that we can correct a mistake."),
        kept_for=Days("COMMENT_TRASH_RETENTION_DAYS"),
        stored=Storage.ENCRYPTED,
        readers=COMMENT_READERS,
    ),
)

# --- emails ---

AFTER_SENDING = Days("OUTBOX_RETENTION_DAYS", _("%(days)s after sending"))

EMAIL_ITEMS = (
    CollectedItem(
        what=_("The email itself"),
        why=_(
            "To send it, and to try again if a mail server is down. It repeats nothing you wrote."
        ),
        kept_for=AFTER_SENDING,
        stored=Storage.ENCRYPTED,
        readers=_("Our mail server and yours"),
        columns=(
            "OutgoingEmail.to",
            "OutgoingEmail.reply_to",
            "OutgoingEmail.sender",
            "OutgoingEmail.subject",
            "OutgoingEmail.text",
            "OutgoingEmail.html",
            "OutgoingEmail.calendar",
            "OutgoingEmail.unsubscribe",
        ),
    ),
    CollectedItem(
        what=_("A keyed fingerprint of the address it goes to"),
        why=_("To find these emails when you ask for your data."),
        kept_for=AFTER_SENDING,
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("OutgoingEmail.to_fingerprint",),
    ),
)

# --- requests for one's own data ---

ONE_HOUR = _("One hour")  # workflow.LINK_LIFETIME

DATA_REQUEST_ITEMS = (
    CollectedItem(
        what=_("The address you type"),
        why=_("To email you the link, and to know whose data to show."),
        kept_for=ONE_HOUR,
        stored=Storage.ENCRYPTED,
        readers=NOBODY,
        columns=("DataLink.email",),
        fields=("email",),
    ),
    CollectedItem(
        what=_("A keyed fingerprint of it"),
        why=_("To delete the link with everything else."),
        kept_for=ONE_HOUR,
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("DataLink.email_fingerprint",),
    ),
    CollectedItem(
        what=_("When you delete your data: that something was deleted"),
        why=_("So that no backup brings it back. It identifies no one."),
        kept_for=Days("ERASURE_RETENTION_DAYS"),
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=("Tombstone.digest",),
    ),
    CollectedItem(
        what=_("Backups of all of this"),
        why=_("So that your request isn’t lost if a machine breaks."),
        kept_for=Days("BACKUP_RETENTION_DAYS"),
        stored=Storage.ENCRYPTED,
        readers=_("No one, until one is needed"),
    ),
)

# --- every form ---

FORM_ITEMS = (
    CollectedItem(
        what=_("A keyed fingerprint of your network address"),
        why=_("To stop floods of spam. The address itself isn’t stored."),
        kept_for=Days("ADDRESS_HASH_RETENTION_DAYS"),
        stored=Storage.HASHED,
        readers=NOBODY,
        columns=(
            "RateCount.key",
            "Comment.network_fingerprint",
            "CommentReport.network_fingerprint",
        ),
    ),
)

SECTIONS = (
    CollectedSection(_("When you ask for a consultation"), CONSULTATION_ITEMS),
    CollectedSection(
        _("When you write a comment"), COMMENT_ITEMS, lambda practice: practice.comments_are_on
    ),
    CollectedSection(_("When we answer by email"), EMAIL_ITEMS),
    CollectedSection(_("When you ask for your own data"), DATA_REQUEST_ITEMS),
    CollectedSection(_("When you send any form"), FORM_ITEMS),
)

NONE = _("none")
# Label and value of a summary list.
NOT_COLLECTED = (
    (_("Cookies for visitors"), NONE),
    (_("Other sites contacted by our pages"), NONE),
    (_("Visitor counters, advertising, tracking"), NONE),
    (_("Anything in your browser’s storage"), NONE),
)
