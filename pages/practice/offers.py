"""What the practice offers: services, fees, frequent questions, links to other sites.

Fees and questions also in the form that the components of the templates show.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils import formats
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pages.practice.accepting import Accepting
from pages.practice.places import CURRENCY_SIGNS
from pages.practice.profile import CallToAction, PracticeProfile
from pages.text.fields import CleanHTMLField
from pages.text.outline import non_empty_lines, prepare_text
from pages.text.search_mixin import Searchable, SearchableQuerySet


class ServiceQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        return self.filter(is_published=True)


class Service(Searchable):
    """One kind of work the practice offers."""

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(_("summary"), blank=True, help_text=_("One or two sentences."))
    who_for = models.TextField(
        _("who it suits"), blank=True, help_text=_("One a line, in plain words.")
    )
    body = CleanHTMLField(_("what a session is like"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), default=50)
    formats = models.CharField(
        _("how"), max_length=120, blank=True, help_text=_("Like “in the room or by video”.")
    )
    disclaimer = models.TextField(
        _("disclaimer"),
        blank=True,
        help_text=_("What this service is not. Coaching, for one, is not therapy."),
    )
    accepting = models.CharField(
        _("new people"),
        max_length=10,
        choices=Accepting.choices,
        blank=True,
        help_text=_("Left empty, the status of the practice holds."),
    )
    is_licence_bound = models.BooleanField(
        _("needs a license where the client is"),
        default=True,
        help_text=_("Off for coaching, for example: the booking form then asks for no state."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_published = models.BooleanField(_("shown on the site"), default=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    searched_fields = frozenset({"title", "summary", "who_for", "body", "is_published"})
    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:service_detail", args=[self.slug])

    @property
    def who_for_list(self) -> list[str]:
        return non_empty_lines(self.who_for)

    @property
    def length(self) -> str:
        return minutes_text(self.minutes)

    def status(self, practice: PracticeProfile) -> str:
        """Return whether this service takes clients; a closed practice closes every service."""
        return practice.accepting if practice.is_closed else self.accepting or practice.accepting

    def is_open(self, practice: PracticeProfile) -> bool:
        """Whether clients can book a call about it."""
        return self.status(practice) == Accepting.ACCEPTING

    def call_to_action(self, practice: PracticeProfile) -> CallToAction:
        """Build the next step of its page, with a link that keeps the service."""
        status = self.status(practice)
        if practice.is_closed:
            return practice.call_to_action(status)
        # A service that is closed while the practice is open has its own waiting list.
        call = practice.call_to_action(status if self.is_open(practice) else Accepting.WAITLIST)
        return replace(call, url=f"{call.url}?{urlencode({'service': self.slug})}")


class FeeQuerySet(models.QuerySet["Fee"]):
    def shown(self) -> Self:
        """Exclude fees of unpublished services; fees of no service are shown."""
        return self.exclude(service__is_published=False).select_related("service")


class Fee(models.Model):
    """One row of the price list."""

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="fees",
    )
    label = models.CharField(_("label"), max_length=120)
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=9, decimal_places=2)
    is_sliding = models.BooleanField(_("sliding scale"), default=False)
    lowest_amount = models.DecimalField(
        _("lowest amount"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = FeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="fee_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(lowest_amount__isnull=True)
                | models.Q(lowest_amount__gte=0, lowest_amount__lte=models.F("amount")),
                name="fee_lowest_amount_below_amount",
                violation_error_message=_("The lowest amount lies between nothing and the amount."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def from_amount(self) -> Decimal:
        """The least that a client may pay."""
        if self.is_sliding and self.lowest_amount is not None:
            return self.lowest_amount
        return self.amount


class FrequentQuestionQuerySet(SearchableQuerySet):
    def on_home(self) -> Self:
        return self.filter(is_on_home=True)

    def on_fees(self) -> Self:
        return self.filter(is_on_fees=True)


class FrequentQuestion(Searchable):
    """A frequent question, with its own anchor on the FAQ page."""

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    question = models.CharField(_("question"), max_length=200)
    answer = CleanHTMLField(_("answer"))
    is_on_home = models.BooleanField(_("show on the home page"), default=False)
    is_on_fees = models.BooleanField(
        _("show on the fees page"),
        default=False,
        help_text=_("For insurance and reduced fees, so that both pages say the same."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    searched_fields = frozenset({"question", "answer"})
    objects = FrequentQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return f"{reverse('pages:faq')}#{self.slug}"


def minutes_text(minutes: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def format_money(amount: Decimal, currency: str) -> str:
    whole = amount == amount.to_integral_value()
    number = formats.number_format(amount, 0 if whole else 2, force_grouping=True)
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"


class SocialLink(models.Model):
    """The practice on another site: a plain link that loads nothing."""

    profile = models.ForeignKey(
        PracticeProfile, on_delete=models.CASCADE, default=1, related_name="social_links"
    )
    label = models.CharField(_("label"), max_length=60)
    url = models.URLField(_("address"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("link to another site")
        verbose_name_plural = _("links to other sites")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.label


# --- rows for the templates ---


@dataclass(frozen=True)
class FeeRow:
    label: str
    note: str
    minutes: int | None
    amount: Decimal
    amount_text: str
    is_sliding: bool
    lowest_amount: str


@dataclass(frozen=True)
class QuestionRow:
    slug: str
    question: str
    answer: SafeString


def fee_rows(fees: Iterable[Fee], currency: str) -> list[FeeRow]:
    return [_fee_row(fee, currency) for fee in fees]


def _fee_row(fee: Fee, currency: str) -> FeeRow:
    return FeeRow(
        label=fee.label,
        note=fee.note,
        minutes=fee.minutes,
        amount=fee.amount,
        amount_text=format_money(fee.amount, currency) if fee.amount else "",
        is_sliding=fee.is_sliding,
        lowest_amount=format_money(fee.lowest_amount, currency) if fee.lowest_amount else "",
    )


def question_rows(questions: Iterable[FrequentQuestion]) -> list[QuestionRow]:
    return [
        QuestionRow(
            question.slug,
            question.question,
            mark_safe(prepare_text(question.answer).html),  # noqa: S308 - cleaned HTML
        )
        for question in questions
    ]


def lowest_price(fees: Iterable[Fee], currency: str) -> str:
    """Format the lowest price of a paid session; empty without a price list."""
    amounts = [fee.from_amount for fee in fees if fee.from_amount]
    return format_money(min(amounts), currency) if amounts else ""
