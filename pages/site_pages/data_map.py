"""What we collect, from the settings the purge obeys too, so that the page cannot differ.

Each row names the fields and columns it speaks of, by which the tests compare this page with the
forms and the models in force: a field that is asked and not told here turns them red, and so does
a wrong word about how something is stored.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pages.practice.profile import PracticeProfile

# One row of what we collect: what, why, how long, how it is stored, who reads it.

ENCRYPTED, PLAIN, HASHED = "encrypted", "clear", "hash"
STORAGE_LABELS = {
    ENCRYPTED: gettext_lazy("Encrypted"),
    PLAIN: gettext_lazy("As it is"),
    HASHED: gettext_lazy("As a keyed fingerprint"),
}


@dataclass(frozen=True)
class CollectedItem:
    """One thing a visitor may give us."""

    what: str
    why: str
    how_long: str
    stored: str
    who: str
    # Columns, such as `Consultation.name`; and the names of form fields that fill them.
    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def storage_label(self) -> Any:
        return STORAGE_LABELS[self.stored]


def qualified_columns(model: str, names: str) -> tuple[str, ...]:
    return tuple(f"{model}.{name}" for name in names.split())


def format_days(number: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}


@dataclass(frozen=True)
class DataMapSection:
    """One form, and what comes with it."""

    title: str
    items: list[CollectedItem]


def data_map_sections(practice: PracticeProfile) -> list[DataMapSection]:
    found = [DataMapSection(_("When you ask for a consultation"), _consultation_items(practice))]
    if practice.comments_are_on:
        found.append(DataMapSection(_("When you write a comment"), _comment_items()))
    found.append(DataMapSection(_("When we answer by email"), _email_items()))
    found.append(DataMapSection(_("When you ask for your own data"), _data_request_items()))
    found.append(DataMapSection(_("When you send any form"), _form_items()))
    return found


def _consultation_items(practice: PracticeProfile) -> list[CollectedItem]:
    closing = _("%(days)s after your request is closed") % {
        "days": format_days(settings.CONSULTATION_RETENTION_DAYS)
    }
    staff = _("Those at the practice who answer requests")

    def row(what: str, why: str, stored: str, columns: str, fields: str = "") -> CollectedItem:
        named = tuple((fields or columns).split())
        return CollectedItem(
            what, why, closing, stored, staff, qualified_columns("Consultation", columns), named
        )

    rows = [
        row(
            _("The name you give, and your email or phone"),
            _("To answer you, the way you chose."),
            ENCRYPTED,
            "name email phone",
        ),
        row(
            _("The way you prefer, and whether we may leave a voicemail"),
            _("To reach you without telling anybody else."),
            PLAIN,
            "channel voicemail meeting",
        ),
        row(
            _("What you are interested in, who it is for, whom you would like to talk to"),
            _("To offer a call with the right person."),
            PLAIN,
            "service audience practitioner kind type",
        ),
        row(
            _("Times that suit you"),
            _("To find a time that works."),
            ENCRYPTED,
            "preferred_times",
            "preferred",
        ),
        row(
            _("The time you choose, and your time zone"),
            _("So that nobody else gets it, and to show it by your clock."),
            PLAIN,
            "start_at end_at visitor_zone promised_time",
            "start zone",
        ),
    ]
    if practice.is_licence_bound:
        rows.append(
            row(
                _("The state or country where you will be"),
                _("Our licenses hold in some only."),
                PLAIN,
                "location",
            )
        )
    if practice.asks_note:
        rows.append(
            row(
                _("A short note, if you write one"),
                _("To prepare. It is never mailed."),
                ENCRYPTED,
                "note",
            )
        )
    rows.append(
        row(
            _("Access or language needs, if you tell us"),
            _("To make the call work for you."),
            ENCRYPTED,
            "access_needs",
            "access",
        )
    )
    if not practice.sees_minors:
        rows.append(
            row(
                _("That you are 18 or older"),
                _("We work with adults only."),
                PLAIN,
                "is_adult",
                "adult",
            )
        )
    rows += [
        row(
            _("Which consent text you agreed to, and when"),
            _("To show what you agreed to."),
            PLAIN,
            "consent_version consent_at",
            "consent",
        ),
        row(
            _("Keyed fingerprints of your email and phone"),
            _("To see that two requests come from one person, and to find yours when you ask."),
            HASHED,
            "email_fingerprint phone_fingerprint",
        ),
        row(
            _("Marks, such as “read first” when a listed word of distress stands in it"),
            _("So that we begin with it, and show you lines for help first."),
            PLAIN,
            "suspicions read_first",
        ),
        row(
            _("What becomes of it: answered, moved, cancelled, how the call went"),
            _("To keep our promise to answer, and to delete it in time."),
            PLAIN,
            "status reply_by outcome decline_reason created_at closed_at",
        ),
        CollectedItem(
            _("Why you cancel, if you say so"),
            _("To learn from it. Only staff read it."),
            closing,
            ENCRYPTED,
            staff,
            qualified_columns("ConsultationEvent", "note"),
            ("reason",),
        ),
        row(
            _("Notes that we make for ourselves until the call"),
            _("To remember what the call is about."),
            ENCRYPTED,
            "staff_notes",
        ),
    ]
    return rows


def _comment_items() -> list[CollectedItem]:
    shown = _("Until you withdraw it, or we take it down")
    moderators = _("Those at the practice who read comments")
    email = format_days(settings.COMMENT_EMAIL_RETENTION_DAYS)
    return [
        CollectedItem(
            _("The name you choose and the text"),
            _("We read them before anybody else."),
            shown,
            ENCRYPTED,
            moderators,
            qualified_columns("Comment", "name text redacted_text former_redaction"),
            ("name", "text", "parent"),
        ),
        CollectedItem(
            _("The same, once it is published"),
            _("So that everybody can read it."),
            shown,
            PLAIN,
            _("Everybody"),
            qualified_columns("Comment", "published_name published_html"),
        ),
        CollectedItem(
            _("Your email"),
            _("To write back to you. It is never shown."),
            email,
            ENCRYPTED,
            moderators,
            qualified_columns("Comment", "email"),
            ("email",),
        ),
        CollectedItem(
            _("A keyed fingerprint of your email"),
            _("To find your comments when you ask for them."),
            email,
            HASHED,
            _("Nobody"),
            qualified_columns("Comment", "email_fingerprint"),
        ),
        CollectedItem(
            _("Whether you want a mail when it is published or answered"),
            _("To send it, or not."),
            shown,
            PLAIN,
            moderators,
            qualified_columns("Comment", "wants_notice"),
            ("wants_notice",),
        ),
        CollectedItem(
            _("Marks that sort it: “two links”, how much it reads like spam, “read first”"),
            _("To read first what should be read first. Nobody is refused by them."),
            shown,
            PLAIN,
            moderators,
            qualified_columns("Comment", "suspicions score read_first"),
        ),
        CollectedItem(
            _("Keyed fingerprints of words that five people or more used"),
            _("To tell spam from comments. They name nobody and go with the comments."),
            shown,
            HASHED,
            _("Nobody"),
            qualified_columns("LearnedWord", "word_fingerprint"),
        ),
        CollectedItem(
            _("Keyed fingerprints of the text"),
            _("To take a double press for one comment, and to notice a text sent many times."),
            format_days(settings.ADDRESS_HASH_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            (
                *qualified_columns("RateCount", "key"),
                *qualified_columns("Comment", "content_fingerprint"),
            ),
        ),
        CollectedItem(
            _("That a reader asked us to look at a comment again"),
            _("To look at it. Nobody is asked why."),
            _("%(days)s after we looked")
            % {"days": format_days(settings.ADDRESS_HASH_RETENTION_DAYS)},
            PLAIN,
            moderators,
            qualified_columns("CommentReport", "at settled_at"),
        ),
        CollectedItem(
            _("Comments that are spam"),
            _("So that a mistake of ours can be put right."),
            format_days(settings.COMMENT_SPAM_RETENTION_DAYS),
            ENCRYPTED,
            moderators,
        ),
        CollectedItem(
            _("Comments in the bin"),
            _("So that a mistake of ours can be put right."),
            format_days(settings.COMMENT_TRASH_RETENTION_DAYS),
            ENCRYPTED,
            moderators,
        ),
    ]


def _email_items() -> list[CollectedItem]:
    how_long = _("%(days)s after sending") % {"days": format_days(settings.OUTBOX_RETENTION_DAYS)}
    why = _(
        "To send it, and to try again when a mail server is away. It repeats nothing you wrote."
    )
    reader = _("The mail servers of ours and yours")
    columns = qualified_columns(
        "OutgoingEmail", "to reply_to sender subject text html calendar unsubscribe"
    )
    return [
        CollectedItem(_("The mail itself"), why, how_long, ENCRYPTED, reader, columns),
        CollectedItem(
            _("A keyed fingerprint of the address that it goes to"),
            _("To find your mails when you ask for them."),
            how_long,
            HASHED,
            _("Nobody"),
            qualified_columns("OutgoingEmail", "to_fingerprint"),
        ),
    ]


def _data_request_items() -> list[CollectedItem]:
    return [
        CollectedItem(
            _("The address you type"),
            _("To mail you the link, and to know whose data to show."),
            _("One hour"),
            ENCRYPTED,
            _("Nobody"),
            qualified_columns("DataLink", "email"),
            ("email",),
        ),
        CollectedItem(
            _("A keyed fingerprint of it"),
            _("To erase the link with everything else."),
            _("One hour"),
            HASHED,
            _("Nobody"),
            qualified_columns("DataLink", "email_fingerprint"),
        ),
        CollectedItem(
            _("When you erase: that something was erased"),
            _("So that no backup brings it back. It names nobody."),
            format_days(settings.ERASURE_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            qualified_columns("Tombstone", "digest"),
        ),
        CollectedItem(
            _("Backups of all of this"),
            _("So that your request is not lost when a machine breaks."),
            format_days(settings.BACKUP_RETENTION_DAYS),
            ENCRYPTED,
            _("Nobody, until one is needed"),
        ),
    ]


def _form_items() -> list[CollectedItem]:
    return [
        CollectedItem(
            _("A keyed fingerprint of your network address"),
            _("To stop floods of spam. The address itself is not stored."),
            format_days(settings.ADDRESS_HASH_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            (
                *qualified_columns("RateCount", "key"),
                *qualified_columns("Comment", "network_fingerprint"),
                *qualified_columns("CommentReport", "network_fingerprint"),
            ),
        ),
    ]


def uncollected_items() -> list[tuple[str, str]]:
    """What this site does without, in rows for a summary list."""
    none = _("none")
    return [
        (_("Cookies for visitors"), none),
        (_("Other sites contacted by our pages"), none),
        (_("Visitor counters, advertising, tracking"), none),
        (_("Kept in your browser’s storage"), none),
    ]
