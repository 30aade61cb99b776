"""Consultation types, and a practitioner's hours: weekly hours, exceptions, time off."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import Exact
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from consultations.booking import slots
from consultations.booking.choices import Meeting
from consultations.booking.local_time import format_minutes
from pages.practice.models import PracticeProfile, Practitioner

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.utils.functional import _StrOrPromise

GRID_MINUTES = 5  # every zone's UTC offset is a multiple of it, and so is every claim
DAY_MINUTES = 24 * 60


def on_grid_condition(name: str) -> Exact:
    """Return the condition that a column is a multiple of five minutes."""
    return Exact(F(name) % GRID_MINUTES, 0)


def validate_grid(value: int) -> None:
    if value % GRID_MINUTES:
        raise ValidationError(_("Use a multiple of 5 minutes."), code="grid")


class BookingMode(models.TextChoices):
    INSTANT = "instant", _("Booked at once")
    EMAIL_CONFIRM = "email_confirm", _("Booked once the visitor presses the link in our mail")
    STAFF_APPROVAL = "staff_approval", _("Held until you approve it")
    REQUEST_ONLY = "request_only", _("No times shown: visitors say which times suit")


class ConsultationTypeQuerySet(models.QuerySet["ConsultationType"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class ConsultationType(models.Model):
    """A type of consultation that visitors may book, with the rules for its times."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    summary = models.CharField(_("one line about it"), max_length=200, blank=True)
    duration_min = models.PositiveSmallIntegerField(
        _("length"),
        default=settings.CALL_MINUTES,
        validators=[MinValueValidator(5), MaxValueValidator(240), validate_grid],
        help_text=_("Minutes."),
    )
    step_min = models.PositiveSmallIntegerField(
        _("a time every"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(240), validate_grid],
        help_text=_("Minutes from one offered time to the next."),
    )
    before_min = models.PositiveSmallIntegerField(
        _("free before"),
        default=0,
        validators=[MaxValueValidator(240), validate_grid],
        help_text=_("Minutes. Set one side only: the gap between two calls is both added up."),
    )
    after_min = models.PositiveSmallIntegerField(
        _("free after"),
        default=15,
        validators=[MaxValueValidator(240), validate_grid],
        help_text=_("Minutes."),
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("shortest notice"), default=24, help_text=_("Hours from now to the first offered time.")
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("as far ahead as"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("Days."),
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("most in one day"),
        default=4,
        null=True,
        blank=True,
        help_text=_("For one practitioner. Left empty, there is no limit."),
    )
    cutoff_hours = models.PositiveSmallIntegerField(
        _("changes until"),
        default=24,
        help_text=_("Hours before the call in which visitors can no longer move or cancel it."),
    )
    mode = models.CharField(
        _("how it is booked"),
        max_length=20,
        choices=BookingMode.choices,
        default=BookingMode.INSTANT,
    )
    email_hold_min = models.PositiveSmallIntegerField(
        _("hold while we wait for the link"), default=30, help_text=_("Minutes.")
    )
    one_per_address = models.BooleanField(
        _("one call to come for each address"),
        default=False,
        help_text=_(
            "Only where the visitor presses a link in our mail. Whoever has a call already finds "
            "the way to it in that mail, and nobody else learns of it."
        ),
    )
    by_phone = models.BooleanField(_("by phone"), default=True)
    by_video = models.BooleanField(_("by video"), default=True)
    in_person = models.BooleanField(_("in person"), default=False)
    price_text = models.CharField(_("price"), max_length=60, blank=True)
    practitioners = models.ManyToManyField(
        Practitioner,
        verbose_name=_("practitioners"),
        blank=True,
        related_name="consultation_types",
        help_text=_("Left empty, everybody who takes consultations."),
    )
    is_active = models.BooleanField(_("offered"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ConsultationTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of consultation")
        verbose_name_plural = _("kinds of consultation")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_min__range=(5, 240), step_min__range=(5, 240)),
                name="consultation_type_bounds",
            ),
            models.CheckConstraint(
                condition=Q(one_per_address=False) | Q(mode=BookingMode.EMAIL_CONFIRM),
                name="consultation_type_one_per_address_by_mail",
                violation_error_message=_(
                    "One call for each address needs the link in our mail: choose that way of "
                    "booking, or untick it."
                ),
            ),
            *(
                models.CheckConstraint(
                    condition=on_grid_condition(name), name=f"consultation_type_{name}_on_grid"
                )
                for name in ("duration_min", "step_min", "before_min", "after_min")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def policy(self) -> slots.Policy:
        return slots.Policy(
            duration_min=self.duration_min,
            step_min=self.step_min,
            before_min=self.before_min,
            after_min=self.after_min,
            notice_hours=self.notice_hours,
            horizon_days=self.horizon_days,
            daily_cap=self.daily_cap,
        )

    def meetings(self) -> "list[tuple[str, _StrOrPromise]]":
        ways = [
            (Meeting.PHONE, self.by_phone),
            (Meeting.VIDEO, self.by_video),
            (Meeting.IN_PERSON, self.in_person),
        ]
        return [(way.value, way.label) for way, is_on in ways if is_on]

    def bookable_practitioners(self) -> list[Practitioner]:
        """Return the practitioners who can be booked for it, in the practice's order."""
        chosen = Practitioner.objects.bookable().filter(consultation_types=self)
        is_chosen = Exists(chosen.filter(pk=OuterRef("pk")))
        return list(Practitioner.objects.bookable().filter(is_chosen | ~Exists(chosen)))


class WindowFields(models.Model):
    """Start in minutes after local midnight, and length; a window may extend past midnight."""

    start_min = models.PositiveSmallIntegerField(
        _("from"), validators=[MaxValueValidator(DAY_MINUTES - 1), validate_grid]
    )
    length_min = models.PositiveSmallIntegerField(
        _("length"),
        validators=[MinValueValidator(GRID_MINUTES), MaxValueValidator(DAY_MINUTES), validate_grid],
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    start_min__lt=DAY_MINUTES, length_min__range=(GRID_MINUTES, DAY_MINUTES)
                ),
                name="%(class)s_bounds",
            ),
            models.CheckConstraint(
                condition=on_grid_condition("start_min"), name="%(class)s_start_on_grid"
            ),
            models.CheckConstraint(
                condition=on_grid_condition("length_min"), name="%(class)s_length_on_grid"
            ),
        ]

    @property
    def words(self) -> str:
        """The window as ``09:00-12:00``; an end on the next day is the time of day there."""
        return format_time_range(self.start_min, self.length_min)


class WeeklyWindow(WindowFields):
    """Open every week at this time, unless the date has an override."""

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="weekly_windows"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=list(WEEKDAYS.items()))
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_to = models.DateField(_("last day"), null=True, blank=True)

    class Meta(WindowFields.Meta):
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "start_min"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.words}"

    def as_slot_window(self) -> slots.Window:
        return slots.Window(
            self.weekday, self.start_min, self.length_min, self.valid_from, self.valid_to
        )


class DateOverride(models.Model):
    """One date with its own hours; without windows it is closed."""

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="date_overrides"
    )
    on = models.DateField(_("date"))
    label = models.CharField(_("label"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("date with other hours")
        verbose_name_plural = _("dates with other hours")
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "on"], name="one_override_a_date")
        ]

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.label}".strip()

    def as_slot_override(self) -> slots.Override:
        """Convert to a slot override; prefetch ``windows``."""
        return slots.Override(
            self.on, tuple((row.start_min, row.length_min) for row in self.windows.all())
        )


class OverrideWindow(WindowFields):
    """Hours of a date override."""

    override = models.ForeignKey(DateOverride, on_delete=models.CASCADE, related_name="windows")

    class Meta(WindowFields.Meta):
        verbose_name = _("hours")
        verbose_name_plural = _("hours")
        ordering = ["start_min"]

    def __str__(self) -> str:
        return self.words


class TimeOff(models.Model):
    """An absence between two instants."""

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="time_off"
    )
    start_at = models.DateTimeField(_("from"))
    end_at = models.DateTimeField(_("until"))
    label = models.CharField(_("label"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["start_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_at__gt=F("start_at")), name="time_off_end_after_start"
            )
        ]
        indexes = [models.Index(fields=["practitioner", "end_at"], name="time_off_by_end")]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d} {self.label}".strip()


def format_time_range(start_min: int, length_min: int) -> str:
    end = (start_min + length_min) % DAY_MINUTES
    return f"{format_minutes(start_min)}-{format_minutes(end) if end else '24:00'}"


def format_time_ranges(spans: list[tuple[int, int]]) -> str:
    """Format ranges as ``09:00-12:00, 13:00-17:00``."""
    return ", ".join(format_time_range(*span) for span in sorted(spans))


def format_weekly_hours(windows: list[WeeklyWindow]) -> str:
    """Format windows as ``Mon 09:00-12:00, 13:00-17:00; Tue 10:00-14:00``."""
    days: dict[int, list[str]] = {}
    for window in sorted(windows, key=lambda row: (row.weekday, row.start_min)):
        days.setdefault(window.weekday, []).append(window.words)
    return "; ".join(f"{WEEKDAYS_ABBR[day]} {', '.join(spans)}" for day, spans in days.items())


class PractitionerHours(Practitioner):
    """Proxy of Practitioner that gives hours their own permissions."""

    if TYPE_CHECKING:
        # Set by the admin on the row that it shows.
        seen_by: User | AnonymousUser

    class Meta:
        proxy = True
        verbose_name = _("hours of a practitioner")
        verbose_name_plural = _("hours and calendars")


def practitioner_time_zone(practitioner: Practitioner) -> str:
    """Return the practitioner's zone, or the practice's if none is set."""
    return practitioner.time_zone or PracticeProfile.load().time_zone
