"""What we collect, from the settings the purge obeys too, so that the page cannot differ."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.practice.profile import PracticeProfile


@dataclass(frozen=True)
class Kept:
    """One thing a visitor may give us."""

    what: str
    why: str
    how_long: str


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
    found.append(Occasion(_("When you send any form"), _visit()))
    return found


def _consultation(practice: PracticeProfile) -> list[Kept]:
    closing = _("%(days)s after your request is closed") % {
        "days": days(settings.CONSULTATION_RETENTION_DAYS)
    }
    rows = [
        (_("The name you give, and your email or phone"), _("To answer you, the way you chose.")),
        (
            _("Whether we may leave a voicemail, and how you would like to meet"),
            _("To reach you without telling anybody else."),
        ),
        (
            _("What you are interested in, who it is for, when suits you, your time zone"),
            _("To offer a call with the right person at a time that works."),
        ),
    ]
    if practice.is_licence_bound:
        rows.append(
            (_("The state or country where you will be"), _("Our licenses hold in some only."))
        )
    if practice.asks_note:
        rows.append((_("A short note, if you write one"), _("To prepare. It is never mailed.")))
    rows += [
        (_("Access or language needs, if you tell us"), _("To make the call work for you.")),
        (_("The consent text you agreed to, and when"), _("To show what you agreed to.")),
    ]
    return [Kept(what, why, closing) for what, why in rows]


def _comment() -> list[Kept]:
    shown = _("Until you withdraw it, or we take it down")
    email = days(settings.COMMENT_EMAIL_RETENTION_DAYS)
    return [
        Kept(
            _("The name you choose and the text"),
            _("We read them first; once published, everybody can read them."),
            shown,
        ),
        Kept(_("Your email"), _("To write back to you. It is never shown."), email),
        Kept(
            _("Whether you want to be told when it is published or answered"),
            _("To write to you only if you asked for it."),
            shown,
        ),
        Kept(
            _("That somebody asked us to look at a comment again"),
            _("So that we do. It says neither who asked nor why."),
            days(settings.ADDRESS_HASH_RETENTION_DAYS),
        ),
        Kept(
            _("Comments that are spam"),
            _("So that a mistake of ours can be put right."),
            days(settings.COMMENT_SPAM_RETENTION_DAYS),
        ),
        Kept(
            _("Comments in the bin"),
            _("So that a mistake of ours can be put right."),
            days(settings.COMMENT_TRASH_RETENTION_DAYS),
        ),
    ]


def _mail() -> list[Kept]:
    how_long = _("%(days)s after sending") % {"days": days(settings.OUTBOX_RETENTION_DAYS)}
    why = _(
        "To send it, and to try again when a mail server is away. It repeats nothing you wrote."
    )
    return [Kept(_("The mail itself"), why, how_long)]


def _visit() -> list[Kept]:
    return [
        Kept(
            _("A keyed fingerprint of your network address"),
            _("To stop floods of spam. The address itself is not stored."),
            days(settings.ADDRESS_HASH_RETENTION_DAYS),
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


def days(number: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}
