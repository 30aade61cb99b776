from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice import places, words
from pages.practice.crisis_defaults import shipped_facts


class CrisisKind(models.TextChoices):
    EMERGENCY = "emergency", _("Emergency number")
    LINE = "line", _("Someone to talk to")


class Reachable:
    """How a line is written and dialled; shared by stored and shipped lines."""

    phone: str
    sms_number: str
    sms_text: str

    @property
    def tel(self) -> str:
        return words.dialled(self.phone)

    @property
    def sms(self) -> str:
        """What to text, and where: `HOME to 741741`, or the number alone; empty when none."""
        word = self.sms_text.strip()
        if word.lower().startswith("text "):
            word = word[5:].strip()
        if not self.sms_number or not word:
            return self.sms_number
        return gettext("%(word)s to %(number)s") % {"word": word, "number": self.sms_number}


@dataclass(frozen=True)
class ShippedLine(Reachable):
    """A line we know for a country, until the practice writes its own."""

    kind: str
    name: str
    phone: str = ""
    sms_number: str = ""
    sms_text: str = ""
    url: str = ""
    hours: str = ""


class CrisisLine(Reachable, models.Model):
    """A line the practice chose for a country; any row replaces the shipped ones there."""

    country = models.CharField(
        _("country"),
        max_length=2,
        choices=list(places.COUNTRIES.items()),
        validators=[places.country_code],
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=CrisisKind.choices, default=CrisisKind.LINE
    )
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    sms_number = models.CharField(_("number for text messages"), max_length=40, blank=True)
    sms_text = models.CharField(
        _("words to send"),
        max_length=40,
        blank=True,
        help_text=_("Like HOME, where a word is asked for."),
    )
    url = models.URLField(_("website"), blank=True)
    hours = models.CharField(_("hours"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("crisis line")
        verbose_name_plural = _("crisis lines")
        ordering = ["country", "order", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"


def shipped_lines(country: str) -> list[ShippedLine]:
    return [ShippedLine(**facts) for facts in shipped_facts(country)]


def lines_for(country: str) -> Sequence[CrisisLine | ShippedLine]:
    """The practice's own lines for its country, else those we ship."""
    own = list(CrisisLine.objects.filter(country=country))
    shipped = shipped_lines(country)
    if not own:
        return shipped
    if any(line.kind == CrisisKind.EMERGENCY for line in own):
        return own
    # Adding a local line must not take the emergency number off the site.
    return [line for line in shipped if line.kind == CrisisKind.EMERGENCY] + own
