"""What the site asks a visitor to do next; the one place where the status decides it."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from pages.practice.words import CallToAction

if TYPE_CHECKING:
    from pages.practice.profile import PracticeProfile


def invitation(profile: "PracticeProfile", accepting: str, url: str) -> CallToAction:
    ways = {"waitlist": _waiting_list, "closed": _closed}
    return ways.get(accepting, _open)(profile, url)


def _open(profile: "PracticeProfile", url: str) -> CallToAction:
    facts = {"minutes": settings.CALL_MINUTES, "ways": profile.meeting_words()}
    return CallToAction(
        heading=_("Talk it over with us first"),
        text=_(
            "A free first call is a way to see whether we suit you. You can bring any question."
        ),
        label=_("Book a free consultation"),
        url=url,
        note=_("%(minutes)d minutes, %(ways)s. Nothing to pay, and no need to decide anything.")
        % facts
        if facts["ways"]
        else _("%(minutes)d minutes. Nothing to pay, and no need to decide anything.") % facts,
    )


def _waiting_list(profile: "PracticeProfile", url: str) -> CallToAction:
    return CallToAction(
        heading=_("Our calendar is full at the moment"),
        text=_("You can join the waiting list. We write to you when a place opens."),
        label=_("Join the waiting list"),
        url=url,
        note=_("%(promise)s Joining costs nothing and binds you to nothing.")
        % {"promise": profile.reply_promise()},
    )


def _closed(profile: "PracticeProfile", url: str) -> CallToAction:
    return CallToAction(
        heading=_("We are not taking new people at the moment"),
        text=_("We are sorry. We have gathered other places where you can find help."),
        label=_("Find help elsewhere"),
        url=url,
        note="",
    )
