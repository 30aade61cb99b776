"""The people of the practice and their licenses."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pages.media.models import Picture
from pages.practice import places
from pages.practice.accepting import Accepting
from pages.text.fields import CleanHTMLField
from pages.text.outline import non_empty_lines
from pages.text.search_mixin import Searchable, SearchableQuerySet


class PractitionerQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        return self.filter(is_published=True)

    def bookable(self) -> Self:
        return self.published().filter(is_bookable=True)


class Practitioner(Searchable):
    """A person who sees clients and signs articles."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staff account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="practitioner",
    )
    slug = models.SlugField(
        _("address"),
        max_length=80,
        unique=True,
        help_text=_("The last part of the page’s address. Choose another word than the login."),
    )
    name = models.CharField(_("name"), max_length=120)
    discreet_name = models.CharField(
        _("discreet name"),
        max_length=60,
        blank=True,
        help_text=_("Stands in mails and calendars. Left empty, the first name is used."),
    )
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=120, blank=True)
    credentials = models.CharField(
        _("credentials"), max_length=160, blank=True, help_text=_("Exactly as licensed.")
    )
    intro = models.TextField(_("short introduction"), blank=True, help_text=_("About three lines."))
    about_me = CleanHTMLField(_("what to know about me"), blank=True)
    approach = CleanHTMLField(_("how I work"), blank=True)
    what_to_expect = CleanHTMLField(_("what to expect"), blank=True)
    training = models.TextField(_("training"), blank=True, help_text=_("One a line."))
    specialties = models.TextField(
        _("specialties"), blank=True, help_text=_("One a line, like “Anxiety” or “Grief”.")
    )
    methods = models.TextField(
        _("approaches"), blank=True, help_text=_("One a line, like “EMDR” or “Gottman Method”.")
    )
    languages = models.TextField(
        _("languages"), blank=True, help_text=_("One a line, like “English” or “Spanish”.")
    )
    ages = models.TextField(
        _("ages"), blank=True, help_text=_("One a line, like “Adults” or “Teens (13–17)”.")
    )
    insurance = models.TextField(
        _("insurance and payment"),
        blank=True,
        help_text=_("Plans you accept, one a line; or “Out of network” and “Self-pay”."),
    )
    accepting = models.CharField(
        _("new clients"),
        max_length=10,
        choices=Accepting.choices,
        blank=True,
        help_text=_("Left empty, the status of the practice holds."),
    )
    supervisor = models.CharField(
        _("supervisor"),
        max_length=160,
        blank=True,
        help_text=_("For trainees and associates: name and license of the supervisor."),
    )
    portrait = models.ForeignKey(
        Picture,
        verbose_name=_("portrait"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("An ordinary, recent photograph. Without one, something is drawn."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        default="",
        validators=[places.validate_time_zone],
        help_text=_("Left empty, the time zone of the practice is used."),
    )
    organizer_email = models.EmailField(
        _("email for calendar invitations"),
        blank=True,
        help_text=_("Left empty, the email of the practice is used."),
    )
    video_url = models.URLField(
        _("video link"),
        max_length=300,
        blank=True,
        default="",
        validators=[places.validate_https_url],
        help_text=_(
            "Your meeting room, starting with https://. Clients see it once a video call is "
            "confirmed, never before."
        ),
    )
    is_bookable = models.BooleanField(_("takes consultations"), default=True)
    is_published = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    searched_fields = frozenset(
        {
            *("name", "role", "intro", "about_me", "approach", "what_to_expect"),
            *("specialties", "methods", "languages", "is_published"),
        }
    )
    objects = PractitionerQuerySet.as_manager()

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pages:practitioner_detail", args=[self.slug])

    def clean(self) -> None:
        # The slug is public: it must not give away a login.
        if self.user and self.slug == self.user.get_username():
            raise ValidationError({"slug": _("Choose another word than the login.")})

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else ""

    @property
    def sender_name(self) -> str:
        return self.discreet_name or self.first_name

    @property
    def training_list(self) -> list[str]:
        return non_empty_lines(self.training)

    def lines(self, name: str) -> list[str]:
        """Return a field with one entry a line as a list."""
        return non_empty_lines(getattr(self, name))

    @property
    def specialties_line(self) -> str:
        """The specialties in one line, for lists of people."""
        return ", ".join(self.lines("specialties"))

    def status(self, practice_status: str) -> str:
        """Return whether this person takes clients; a closed practice closes everybody."""
        if practice_status == Accepting.CLOSED:
            return practice_status
        return self.accepting or practice_status


class LicenceStatus(models.TextChoices):
    ACTIVE = "active", _("active")
    SUPERVISED = "supervised", _("in supervised practice")
    INACTIVE = "inactive", _("inactive")


class LicenceQuerySet(models.QuerySet["Licence"]):
    def shown(self) -> Self:
        """Return licenses to show: of published people, and not inactive."""
        return (
            self.filter(practitioner__is_published=True)
            .exclude(status=LicenceStatus.INACTIVE)
            .select_related("practitioner")
        )


class Licence(models.Model):
    """A license to practice in one jurisdiction."""

    practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("practitioner"),
        on_delete=models.CASCADE,
        related_name="licences",
    )
    title = models.CharField(_("title"), max_length=120)
    number = models.CharField(_("number"), max_length=60)
    jurisdiction = models.CharField(_("state or country"), max_length=80)
    jurisdiction_code = models.CharField(
        _("code"), max_length=8, help_text=_("Like US-OR for Oregon or GB for the United Kingdom.")
    )
    board = models.CharField(_("board"), max_length=160, blank=True)
    register_url = models.URLField(_("public register"), blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=LicenceStatus.choices, default=LicenceStatus.ACTIVE
    )
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("license")
        verbose_name_plural = _("licenses")
        ordering = ["practitioner__order", "practitioner_id", "jurisdiction", "pk"]

    def __str__(self) -> str:
        return f"{self.title} {self.number}, {self.jurisdiction}"
