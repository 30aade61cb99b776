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

ENCRYPTED, CLEAR, HASHED = "encrypted", "clear", "hash"
STORED = {
    ENCRYPTED: gettext_lazy("Encrypted"),
    CLEAR: gettext_lazy("As it is"),
    HASHED: gettext_lazy("As a keyed fingerprint"),
}


@dataclass(frozen=True)
class Kept:
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
    def stored_words(self) -> Any:
        return STORED[self.stored]


def columns_of(model: str, names: str) -> tuple[str, ...]:
    return tuple(f"{model}.{name}" for name in names.split())


def days(number: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}


@dataclass(frozen=True)
class Occasion:
    """One form, and what comes with it."""

    title: str
    items: list[Kept]


def occasions(practice: PracticeProfile) -> list[Occasion]:
    found = [Occasion(_("When you ask for a consultation"), _consultation(practice))]
    if practice.comments_are_on:
        found.append(Occasion(_("When you write a comment"), _comment()))
    found.append(Occasion(_("When we answer by email"), _mail()))
    found.append(Occasion(_("When you ask for your own data"), _own_data()))
    found.append(Occasion(_("When you send any form"), _visit()))
    return found


def _consultation(practice: PracticeProfile) -> list[Kept]:
    closing = _("%(days)s after your request is closed") % {
        "days": days(settings.CONSULTATION_RETENTION_DAYS)
    }
    staff = _("Those at the practice who answer requests")

    def row(what: str, why: str, stored: str, columns: str, fields: str = "") -> Kept:
        named = tuple((fields or columns).split())
        return Kept(what, why, closing, stored, staff, columns_of("Consultation", columns), named)

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
            CLEAR,
            "channel voicemail meeting",
        ),
        row(
            _("What you are interested in, who it is for, whom you would like to talk to"),
            _("To offer a call with the right person."),
            CLEAR,
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
            CLEAR,
            "start_at end_at visitor_zone promised_time",
            "start zone",
        ),
    ]
    if practice.is_licence_bound:
        rows.append(
            row(
                _("The state or country where you will be"),
                _("Our licenses hold in some only."),
                CLEAR,
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
                CLEAR,
                "is_adult",
                "adult",
            )
        )
    rows += [
        row(
            _("Which consent text you agreed to, and when"),
            _("To show what you agreed to."),
            CLEAR,
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
            CLEAR,
            "suspicions read_first",
        ),
        row(
            _("What becomes of it: answered, moved, cancelled, how the call went"),
            _("To keep our promise to answer, and to delete it in time."),
            CLEAR,
            "status reply_by outcome decline_reason created_at closed_at",
        ),
        Kept(
            _("Why you cancel, if you say so"),
            _("To learn from it. Only staff read it."),
            closing,
            ENCRYPTED,
            staff,
            columns_of("ConsultationEvent", "note"),
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


def _comment() -> list[Kept]:
    shown = _("Until you withdraw it, or we take it down")
    moderators = _("Those at the practice who read comments")
    email = days(settings.COMMENT_EMAIL_RETENTION_DAYS)
    return [
        Kept(
            _("The name you choose and the text"),
            _("We read them before anybody else."),
            shown,
            ENCRYPTED,
            moderators,
            columns_of("Comment", "name text redacted_text former_redaction"),
            ("name", "text", "parent"),
        ),
        Kept(
            _("The same, once it is published"),
            _("So that everybody can read it."),
            shown,
            CLEAR,
            _("Everybody"),
            columns_of("Comment", "published_name published_html"),
        ),
        Kept(
            _("Your email"),
            _("To write back to you. It is never shown."),
            email,
            ENCRYPTED,
            moderators,
            columns_of("Comment", "email"),
            ("email",),
        ),
        Kept(
            _("A keyed fingerprint of your email"),
            _("To find your comments when you ask for them."),
            email,
            HASHED,
            _("Nobody"),
            columns_of("Comment", "email_fingerprint"),
        ),
        Kept(
            _("Whether you want a mail when it is published or answered"),
            _("To send it, or not."),
            shown,
            CLEAR,
            moderators,
            columns_of("Comment", "wants_notice"),
            ("wants_notice",),
        ),
        Kept(
            _("Marks that sort it: “two links”, how much it reads like spam, “read first”"),
            _("To read first what should be read first. Nobody is refused by them."),
            shown,
            CLEAR,
            moderators,
            columns_of("Comment", "suspicions score read_first"),
        ),
        Kept(
            _("Keyed fingerprints of words that five people or more used"),
            _("To tell spam from comments. They name nobody and go with the comments."),
            shown,
            HASHED,
            _("Nobody"),
            columns_of("LearnedWord", "word_fingerprint"),
        ),
        Kept(
            _("Keyed fingerprints of the text"),
            _("To take a double press for one comment, and to notice a text sent many times."),
            days(settings.ADDRESS_HASH_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            (*columns_of("RateCount", "key"), *columns_of("Comment", "content_fingerprint")),
        ),
        Kept(
            _("That a reader asked us to look at a comment again"),
            _("To look at it. Nobody is asked why."),
            _("%(days)s after we looked") % {"days": days(settings.ADDRESS_HASH_RETENTION_DAYS)},
            CLEAR,
            moderators,
            columns_of("CommentReport", "at settled_at"),
        ),
        Kept(
            _("Comments that are spam"),
            _("So that a mistake of ours can be put right."),
            days(settings.COMMENT_SPAM_RETENTION_DAYS),
            ENCRYPTED,
            moderators,
        ),
        Kept(
            _("Comments in the bin"),
            _("So that a mistake of ours can be put right."),
            days(settings.COMMENT_TRASH_RETENTION_DAYS),
            ENCRYPTED,
            moderators,
        ),
    ]


def _mail() -> list[Kept]:
    how_long = _("%(days)s after sending") % {"days": days(settings.OUTBOX_RETENTION_DAYS)}
    why = _(
        "To send it, and to try again when a mail server is away. It repeats nothing you wrote."
    )
    reader = _("The mail servers of ours and yours")
    columns = columns_of(
        "OutgoingEmail", "to reply_to sender subject text html calendar unsubscribe"
    )
    return [
        Kept(_("The mail itself"), why, how_long, ENCRYPTED, reader, columns),
        Kept(
            _("A keyed fingerprint of the address that it goes to"),
            _("To find your mails when you ask for them."),
            how_long,
            HASHED,
            _("Nobody"),
            columns_of("OutgoingEmail", "to_fingerprint"),
        ),
    ]


def _own_data() -> list[Kept]:
    return [
        Kept(
            _("The address you type"),
            _("To mail you the link, and to know whose data to show."),
            _("One hour"),
            ENCRYPTED,
            _("Nobody"),
            columns_of("DataLink", "email"),
            ("email",),
        ),
        Kept(
            _("A keyed fingerprint of it"),
            _("To erase the link with everything else."),
            _("One hour"),
            HASHED,
            _("Nobody"),
            columns_of("DataLink", "email_fingerprint"),
        ),
        Kept(
            _("When you erase: that something was erased"),
            _("So that no backup brings it back. It names nobody."),
            days(settings.ERASURE_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            columns_of("Tombstone", "digest"),
        ),
        Kept(
            _("Backups of all of this"),
            _("So that your request is not lost when a machine breaks."),
            days(settings.BACKUP_RETENTION_DAYS),
            ENCRYPTED,
            _("Nobody, until one is needed"),
        ),
    ]


def _visit() -> list[Kept]:
    return [
        Kept(
            _("A keyed fingerprint of your network address"),
            _("To stop floods of spam. The address itself is not stored."),
            days(settings.ADDRESS_HASH_RETENTION_DAYS),
            HASHED,
            _("Nobody"),
            (
                *columns_of("RateCount", "key"),
                *columns_of("Comment", "network_fingerprint"),
                *columns_of("CommentReport", "network_fingerprint"),
            ),
        ),
    ]


def absences() -> list[tuple[str, str]]:
    """What this site does without, in rows for a summary list."""
    none = _("none")
    return [
        (_("Cookies for visitors"), none),
        (_("Other sites contacted by our pages"), none),
        (_("Visitor counters, advertising, tracking"), none),
        (_("Kept in your browser’s storage"), none),
    ]
