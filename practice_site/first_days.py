""" "Your first days": the steps of a new site, each of which ticks itself."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.accounts.roles import is_owner
from consultations.backups.storage import is_scheduled, read_last_backup
from consultations.booking.hours import WeeklyWindow
from consultations.outbox.models import OutgoingEmail
from pages.articles.models import Article
from pages.look.models import Look
from pages.practice.models import Fee, PracticeProfile, Practitioner, Service

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Step:
    """A step of the list; ``is_done`` looks at the site itself, so nobody has to tick it."""

    label: "_StrOrPromise"
    reason: "_StrOrPromise"
    route: str
    is_done: Callable[[User], bool]

    @property
    def url(self) -> str:
        return reverse(self.route)


def _has_details(user: User) -> bool:
    practice = PracticeProfile.load()
    return bool(practice.name and (practice.email or practice.phone))


def _has_own_address(user: User) -> bool:
    host = urlsplit(settings.SITE_URL).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".example", ".test"))
    return False


STEPS = (
    Step(
        _("Practice details"),
        _("Your name and how to reach you are on every page."),
        "admin:pages_practiceprofile_changelist",
        _has_details,
    ),
    Step(
        _("Hours for first calls"),
        _("Without them, clients see no times to book."),
        "admin:consultations_practitionerhours_changelist",
        lambda user: WeeklyWindow.objects.exists(),
    ),
    Step(
        _("First service and fee"),
        _("What you offer and what it costs is what people look for first."),
        "admin:pages_service_changelist",
        lambda user: Service.objects.exists() and Fee.objects.exists(),
    ),
    Step(
        _("Your portrait"),
        _("People book with someone whose face they have seen."),
        "admin:pages_practitioner_changelist",
        lambda user: Practitioner.objects.filter(portrait__isnull=False).exists(),
    ),
    Step(
        _("Your look"),
        _("Your own colors, type and logo, on every page."),
        "admin:pages_look_changelist",
        lambda user: Look.objects.exists(),
    ),
    Step(
        _("A first email"),
        _("Book a test call on your site: the email should arrive within a minute."),
        "admin:consultations_outgoingemail_changelist",
        lambda user: OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENT).exists(),
    ),
    Step(
        _("Second step at sign-in"),
        _("A code from your phone keeps clients’ words safe."),
        "mfa_index",
        lambda user: Authenticator.objects.filter(user=user).exists(),
    ),
    Step(
        _("Backups"),
        _("If the server breaks, nothing is lost. Ask whoever runs it to turn them on."),
        "admin:index",
        lambda user: is_scheduled() and read_last_backup() is not None,
    ),
    Step(
        _("First article"),
        _("It helps people find you, and get to know you."),
        "admin:pages_article_add",
        lambda user: Article.objects.published(timezone.now()).exists(),
    ),
    Step(
        _("Your own web address"),
        _("Ask whoever runs your server to set it up."),
        "admin:index",
        _has_own_address,
    ),
)


@dataclass(frozen=True)
class FirstDays:
    """The list with its state."""

    open: list[Step]
    done: list[Step]

    @property
    def total(self) -> int:
        return len(self.open) + len(self.done)


def first_days(user: User | AnonymousUser) -> FirstDays | None:
    """Return the list for owners, until every step is done or they have hidden it."""
    if not isinstance(user, User) or not is_owner(user) or PracticeProfile.load().hides_first_days:
        return None
    done = [step for step in STEPS if step.is_done(user)]
    if len(done) == len(STEPS):
        return None
    return FirstDays([step for step in STEPS if step not in done], done)


def hide_first_days() -> None:
    """Hide the list for everybody, for good."""
    PracticeProfile.objects.filter(pk=1).update(hides_first_days=True)
