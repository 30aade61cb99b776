"""The practice itself: its profile, opening hours and holidays, and what every page says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.caching import once_per_request
from pages.media.models import Picture
from pages.practice import places
from pages.practice.accepting import Accepting as Accepting  # also imported from here
from pages.practice.crisis_lines import (
    CrisisLine,
    DefaultCrisisLine,
    crisis_lines_for,
    default_crisis_lines,
    dialable_number,
)
from pages.practice.hours_text import short_hours
from pages.practice.people import Licence, Practitioner
from pages.text.outline import non_empty_lines
from pages.text.search_mixin import SaveOptions


class CommentNotice(models.TextChoices):
    SOON = "soon", _("When one comes, at most once an hour")
    DAILY = "daily", _("Once a day, while some wait")
    NEVER = "never", _("Never")


@dataclass(frozen=True)
class CallToAction:
    """The next step that a page offers."""

    heading: str
    text: str
    label: str
    short_label: str
    url: str
    note: str


@dataclass(frozen=True)
class Concern:
    title: str
    text: str


class PracticeProfile(models.Model):
    """The practice; a single row, read with `load()`."""

    name = models.CharField(_("name"), max_length=120, default="")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True, default="")
    hides_first_days = models.BooleanField(default=False, editable=False)
    discreet_name = models.CharField(
        _("discreet name"),
        max_length=60,
        blank=True,
        help_text=_(
            "Stands in mails and calendars, where other people may see it. Leave words like "
            "“therapy” out. Left empty, the first name of the practitioner is used."
        ),
    )
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.TextField(
        _("address"), blank=True, help_text=_("As on an envelope, one line each.")
    )
    address_is_hidden = models.BooleanField(
        _("hide the address"),
        default=False,
        help_text=_("Visitors then see the area served; the street is told once a time is agreed."),
    )
    directions = models.TextField(
        _("directions"),
        blank=True,
        help_text=_("How to find the office: transit, parking, the door. Shown with the address."),
    )
    office_picture = models.ForeignKey(
        Picture,
        verbose_name=_("picture of the office"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The door from the street, or the room. Shown with the directions."),
    )
    area_served = models.CharField(_("area served"), max_length=160, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        choices=list(places.COUNTRIES.items()),
        validators=[places.validate_country_code],
        default="US",
        help_text=_("Decides which emergency and crisis lines every page shows."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[places.validate_time_zone]
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[places.validate_currency_code]
    )

    accepting = models.CharField(
        _("new people"),
        max_length=10,
        choices=Accepting.choices,
        default=Accepting.ACCEPTING,
        help_text=_("Changes the badge, the buttons and the form on the whole site."),
    )
    reply_within_days = models.PositiveSmallIntegerField(
        _("answer a request within"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
        help_text=_(
            "Business days. The form, the mails and the lists for staff show this promise."
        ),
    )
    apologizes_when_late = models.BooleanField(
        _("email clients when your answer is late"),
        default=False,
        help_text=_(
            "One short email at the promised time. You get a reminder then in any case, and their "
            "private page says that you’re late."
        ),
    )
    comment_reply_days = models.PositiveSmallIntegerField(
        _("read a comment within"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("Days."),
    )
    reference_prefix = models.CharField(
        _("reference prefix"),
        max_length=4,
        default="HC",
        help_text=_("The letters before a reference, as in HC-7K4M2."),
    )

    home_kicker = models.CharField(
        _("line above the home page heading"),
        max_length=120,
        blank=True,
        help_text=_("What you do and where, like “Counseling in Portland, Oregon, and online.”"),
    )
    home_heading = models.CharField(
        _("home page heading"),
        max_length=160,
        blank=True,
        help_text=_("What someone gets here, in a few words."),
    )
    home_lead = models.TextField(_("home page lead"), blank=True)
    concerns = models.TextField(
        _("what brings people here"),
        blank=True,
        help_text=_("One per line, as “Title: a sentence in a client’s own words.”"),
    )

    is_licence_bound = models.BooleanField(
        _("ask where a person will be"),
        default=True,
        help_text=_("On when licenses limit where you may work."),
    )
    sees_minors = models.BooleanField(_("sees people under 18"), default=False)
    answers_by_email = models.BooleanField(_("answers by email"), default=True)
    answers_by_call = models.BooleanField(_("answers by calling"), default=True)
    answers_by_text = models.BooleanField(_("answers by text message"), default=False)
    meets_by_phone = models.BooleanField(_("meets by phone"), default=True)
    meets_by_video = models.BooleanField(_("meets by video"), default=True)
    meets_in_person = models.BooleanField(_("meets in person"), default=False)
    asks_note = models.BooleanField(
        _("ask for a short note"),
        default=True,
        help_text=_("The optional “What would you like to talk about?” on the booking form."),
    )
    asks_service = models.BooleanField(_("ask which service it is about"), default=True)
    asks_audience = models.BooleanField(_("ask whom it is for"), default=True)
    asks_access = models.BooleanField(_("ask about access and language needs"), default=True)
    asks_voicemail = models.BooleanField(
        _("ask about voicemail"),
        default=True,
        help_text=_("Only asked when you call. Without it, leave no message."),
    )
    reminds_twice = models.BooleanField(
        _("remind a second time"),
        default=False,
        help_text=_("Two hours before a call, besides the reminder a day before."),
    )
    comments_are_on = models.BooleanField(_("comments under articles"), default=True)
    comments_close_by_age = models.BooleanField(
        _("close comments after a while"),
        default=False,
        help_text=_("An article with a last day of its own keeps that day."),
    )
    comments_close_after_days = models.PositiveSmallIntegerField(
        _("close after"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Days since the article was published."),
    )
    comment_notice = models.CharField(
        _("tell us of new comments"),
        max_length=10,
        choices=CommentNotice.choices,
        default=CommentNotice.SOON,
        help_text=_("The mail says how many wait, and not one word of them."),
    )
    comment_notice_hour = models.PositiveSmallIntegerField(
        _("daily at"),
        default=8,
        validators=[MaxValueValidator(23)],
        help_text=_("The hour, 0 to 23, in the time zone of the practice."),
    )
    comment_notice_email = models.EmailField(
        _("address for it"),
        blank=True,
        help_text=_("Left empty, it goes to the address of the practice."),
    )
    feeds_are_full = models.BooleanField(
        _("whole articles in the feeds"),
        default=True,
        help_text=_("Otherwise the summary with a link. Whole ones can be read without a trace."),
    )
    covered_entity = models.BooleanField(
        _("HIPAA covered entity"),
        default=False,
        help_text=_("Publishes the Notice of Privacy Practices, linked on every page."),
    )
    shows_good_faith_estimate = models.BooleanField(
        _("show the Good Faith Estimate notice"),
        default=False,
        help_text=_("Of the United States, for people who pay without insurance."),
    )
    follows_gdpr = models.BooleanField(
        _("European or British data protection law (GDPR)"),
        default=False,
        help_text=_("People then agree expressly, and the privacy page names their rights."),
    )
    has_imprint = models.BooleanField(
        _("publish an imprint (Impressum)"),
        default=False,
        help_text=_("Germany, Austria and others ask for one. Write it under Pages, Imprint."),
    )
    demo_notice = models.CharField(
        _("demonstration notice"),
        max_length=200,
        blank=True,
        help_text=_("Shown at the foot of every page of a demonstration site."),
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practice")

    def __str__(self) -> str:
        return self.name or gettext("The practice")

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        self.pk = 1
        if kwargs.pop("force_insert", False) and type(self).objects.filter(pk=1).exists():
            kwargs["force_update"] = True
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> "PracticeProfile":
        """Return the stored practice, or an unsaved one with the defaults; once per request.

        Callers share the instance within a request. To change the practice, save the instance.
        """
        return _load_stored_practice().profile

    @cached_property
    def sender_name(self) -> str:
        """The name for places that others may see: emails, calendars, a locked phone."""
        if self.discreet_name:
            return self.discreet_name
        first = Practitioner.objects.published().first()
        return first.sender_name if first else self.name

    @property
    def is_closed(self) -> bool:
        return self.accepting == Accepting.CLOSED

    @property
    def tel(self) -> str:
        return dialable_number(self.phone)

    @property
    def address_lines(self) -> list[str]:
        """The address as visitors see it; empty when it is hidden."""
        return [] if self.address_is_hidden else non_empty_lines(self.address)

    @property
    def concern_list(self) -> list[Concern]:
        return parse_concerns(self.concerns)

    @property
    def country_name(self) -> str:
        return places.country_name(self.country)

    @property
    def status_text(self) -> str:
        return status_text(self.accepting)

    def channels(self) -> list[tuple[str, str]]:
        """Return the ways we can answer, as choices of the form."""
        ways = [
            ("email", gettext("Email"), self.answers_by_email),
            ("call", gettext("Phone call"), self.answers_by_call),
            ("text", gettext("Text message"), self.answers_by_text),
        ]
        return [(value, label) for value, label, is_on in ways if is_on]

    def meetings(self) -> list[tuple[str, str]]:
        """Return the ways a consultation can happen, as choices of the form."""
        ways = [
            ("phone", gettext("Phone"), self.meets_by_phone),
            ("video", gettext("Video"), self.meets_by_video),
            ("in_person", gettext("In person"), self.meets_in_person),
        ]
        return [(value, label) for value, label, is_on in ways if is_on]

    def meeting_ways_text(self) -> str:
        """Join as in `by phone, by video or in person`, for the middle of a sentence."""
        ways = {
            "phone": gettext("by phone"),
            "video": gettext("by video"),
            "in_person": gettext("in person"),
        }
        return join_with_or([ways[value] for value, _label in self.meetings()])

    def reply_promise(self) -> str:
        return ngettext(
            "We answer within %(days)d business day.",
            "We answer within %(days)d business days.",
            self.reply_within_days,
        ) % {"days": self.reply_within_days}

    def call_to_action(self, accepting: str = "") -> CallToAction:
        """Return the next step that the status of the practice, or of one service, allows."""
        return build_call_to_action(
            self, accepting or self.accepting, reverse("booking:consultation")
        )


def join_with_or(words: Sequence[str]) -> str:
    """Join as in `phone, video or in person`."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def parse_concerns(text: str) -> list[Concern]:
    """Parse `Title: sentence`, one per line; the sentence is optional."""
    pairs = (line.partition(":") for line in non_empty_lines(text))
    return [Concern(title.strip(), sentence.strip()) for title, _colon, sentence in pairs]


class OpeningHours(models.Model):
    """One span of time on a weekday when the practice is open."""

    profile = models.ForeignKey(
        PracticeProfile, on_delete=models.CASCADE, default=1, related_name="opening_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=list(WEEKDAYS.items()))
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="opening_hours_end_after_start",
                violation_error_message=_("Closing time comes after opening time."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.span}"

    @property
    def span(self) -> str:
        times = (self.opens_at, self.closes_at)
        return "–".join(formats.time_format(time, "TIME_FORMAT") for time in times)


class Holiday(models.Model):
    """A day on which the practice does not answer; reply times skip it."""

    profile = models.ForeignKey(
        PracticeProfile, on_delete=models.CASCADE, default=1, related_name="holidays"
    )
    on = models.DateField(_("date"), unique=True)
    label = models.CharField(_("label"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.label}".strip()


# --- what every page shows, read once per request ---


@dataclass(frozen=True)
class _StoredPractice:
    profile: PracticeProfile
    hours: list[OpeningHours]
    has_own_crisis_lines: bool


@once_per_request
def _load_stored_practice() -> _StoredPractice:
    """Read the profile, its hours and whether it has crisis lines of its own; one query."""
    rows = list(
        PracticeProfile.objects.filter(pk=1)
        # Every page asks for the look, whose model is in a room above this one.
        .select_related("look")
        .annotate(
            weekday=F("opening_hours__weekday"),
            opens_at=F("opening_hours__opens_at"),
            closes_at=F("opening_hours__closes_at"),
            has_own_crisis_lines=Exists(CrisisLine.objects.filter(country=OuterRef("country"))),
        )
        .order_by("weekday", "opens_at")
    )
    if not rows:
        return _StoredPractice(PracticeProfile(name=gettext("Our practice")), [], True)
    hours = [
        OpeningHours(weekday=row.weekday, opens_at=row.opens_at, closes_at=row.closes_at)
        for row in rows
        if row.weekday is not None
    ]
    return _StoredPractice(rows[0], hours, rows[0].has_own_crisis_lines)


class PracticeFacts:
    """The facts of header, footer and blocks; each part is read when it is first asked for."""

    @cached_property
    def practice(self) -> PracticeProfile:
        return PracticeProfile.load()

    @cached_property
    def crisis_lines(self) -> list[CrisisLine | DefaultCrisisLine]:
        country = self.practice.country
        if not _load_stored_practice().has_own_crisis_lines:
            return [*default_crisis_lines(country)]
        return [*crisis_lines_for(country)]

    @cached_property
    def licences(self) -> list[Licence]:
        return list(Licence.objects.shown())

    @cached_property
    def hours(self) -> list[OpeningHours]:
        return _load_stored_practice().hours

    @cached_property
    def opening_hours(self) -> list[tuple[str, str]]:
        """One row per weekday: its name, and the spans in which the practice is open."""
        days: dict[str, list[str]] = {}
        for hours in self.hours:
            days.setdefault(hours.get_weekday_display(), []).append(hours.span)
        return [(day, ", ".join(spans)) for day, spans in days.items()]

    @cached_property
    def short_hours(self) -> list[tuple[str, str]]:
        """The same in a few words, for the footer."""
        return short_hours(self.hours)


@once_per_request
def get_practice_facts() -> PracticeFacts:
    """Return the facts that views, blocks and context processors of one request share."""
    return PracticeFacts()


def practice_context(_request: HttpRequest) -> dict[str, object]:
    """Context processor; lazy, so that a page which shows none of it makes no query."""
    return {
        "practice": SimpleLazyObject(lambda: get_practice_facts().practice),
        "crisis_lines": SimpleLazyObject(lambda: get_practice_facts().crisis_lines),
        "licences": SimpleLazyObject(lambda: get_practice_facts().licences),
        "opening_hours": SimpleLazyObject(lambda: get_practice_facts().opening_hours),
        "short_hours": SimpleLazyObject(lambda: get_practice_facts().short_hours),
        "site_url": settings.SITE_URL,
    }


# --- calls to action: the one place where the status decides what a visitor does next ---


def status_text(accepting: str) -> str:
    """Return the text of the status badge."""
    return str(Accepting(accepting).label)


def build_call_to_action(profile: "PracticeProfile", accepting: str, url: str) -> CallToAction:
    """Build the call to action for a status; `url` leads to the consultation form."""
    ways = {"waitlist": _waitlist_call_to_action, "closed": _closed_call_to_action}
    return ways.get(accepting, _open_call_to_action)(profile, url)


def _open_call_to_action(profile: "PracticeProfile", url: str) -> CallToAction:
    facts = {"minutes": settings.CALL_MINUTES, "ways": profile.meeting_ways_text()}
    return CallToAction(
        heading=gettext("See if we’re a good fit"),
        text=gettext("A free first call lets you see if we’re a good fit. Ask us anything."),
        label=gettext("Book a free consultation"),
        short_label=gettext("Free consultation"),
        url=url,
        note=gettext("%(minutes)d minutes, %(ways)s. Free, with no commitment.") % facts
        if facts["ways"]
        else gettext("%(minutes)d minutes. Free, with no commitment.") % facts,
    )


def _waitlist_call_to_action(profile: "PracticeProfile", url: str) -> CallToAction:
    return CallToAction(
        heading=gettext("Our calendar is full right now"),
        text=gettext("Join the waiting list, and we’ll email you when a spot opens."),
        label=gettext("Join the waiting list"),
        short_label=gettext("Waiting list"),
        url=url,
        note=gettext("Free, with no commitment."),
    )


def _closed_call_to_action(profile: "PracticeProfile", url: str) -> CallToAction:
    return CallToAction(
        heading=gettext("We’re not taking new clients right now"),
        text=gettext("We’re sorry. Here are other places where you can find help."),
        label=gettext("Find help elsewhere"),
        short_label=gettext("Find help"),
        url=url,
        note="",
    )
