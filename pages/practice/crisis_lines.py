"""Emergency and crisis lines by country, as their operators publish them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice import phrases, places


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
        return phrases.dialable_number(self.phone)

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
class DefaultCrisisLine(Reachable):
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
        validators=[places.validate_country_code],
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


def default_crisis_lines(country: str) -> list[DefaultCrisisLine]:
    return [DefaultCrisisLine(**facts) for facts in default_line_values(country)]


def crisis_lines_for(country: str) -> Sequence[CrisisLine | DefaultCrisisLine]:
    """The practice's own lines for its country, else those we ship."""
    own = list(CrisisLine.objects.filter(country=country))
    shipped = default_crisis_lines(country)
    if not own:
        return shipped
    if any(line.kind == CrisisKind.EMERGENCY for line in own):
        return own
    # Adding a local line must not take the emergency number off the site.
    return [line for line in shipped if line.kind == CrisisKind.EMERGENCY] + own


# Where 112 reaches the emergency services.
COUNTRIES_WITH_112 = {
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR", "UA",
}  # fmt: skip


def default_line_values(country: str) -> list[dict[str, str]]:
    always = gettext("day and night, free")
    found = {
        "US": [
            emergency_line_values("911"),
            crisis_line_values(
                "988 Suicide & Crisis Lifeline", "988", always, "https://988lifeline.org/", "988"
            ),
            crisis_line_values(
                "Crisis Text Line", "", always, "https://www.crisistextline.org/", "741741"
            )
            | {"sms_text": "HOME"},
        ],
        "CA": [
            emergency_line_values("911"),
            crisis_line_values(
                "9-8-8 Suicide Crisis Helpline", "988", always, "https://988.ca/", "988"
            ),
        ],
        "GB": [
            emergency_line_values("999"),
            crisis_line_values("Samaritans", "116 123", always, "https://www.samaritans.org/"),
            crisis_line_values("Shout", "", always, "https://giveusashout.org/", "85258")
            | {"sms_text": "SHOUT"},
        ],
        "IE": [
            emergency_line_values("112"),
            crisis_line_values(
                "Samaritans", "116 123", always, "https://www.samaritans.org/ireland/"
            ),
            crisis_line_values("Text About It", "", always, "https://www.textaboutit.ie/", "50808")
            | {"sms_text": "HELLO"},
        ],
        "AU": [
            emergency_line_values("000"),
            crisis_line_values(
                "Lifeline", "13 11 14", gettext("day and night"), "https://www.lifeline.org.au/"
            ),
        ],
        "NZ": [
            emergency_line_values("111"),
            crisis_line_values("1737", "1737", always, "https://1737.org.nz/", "1737"),
        ],
        "DE": [
            emergency_line_values("112"),
            crisis_line_values(
                "TelefonSeelsorge", "0800 111 0 111", always, "https://www.telefonseelsorge.de/"
            ),
        ],
        "AT": [
            emergency_line_values("112"),
            crisis_line_values(
                "TelefonSeelsorge", "142", always, "https://www.telefonseelsorge.at/"
            ),
        ],
        "CH": [
            emergency_line_values("112"),
            crisis_line_values(
                "Die Dargebotene Hand", "143", gettext("day and night"), "https://www.143.ch/"
            ),
        ],
        "FR": [
            emergency_line_values("112"),
            crisis_line_values("3114", "3114", always, "https://3114.fr/"),
        ],
        "NL": [
            emergency_line_values("112"),
            crisis_line_values(
                "113 Zelfmoordpreventie", "0800-0113", always, "https://www.113.nl/"
            ),
        ],
    }
    return found.get(country) or _fallback_line_values(country)


def emergency_line_values(phone: str) -> dict[str, str]:
    return {"kind": "emergency", "name": gettext("Emergency services"), "phone": phone}


def crisis_line_values(
    name: str, phone: str, hours: str, url: str, sms: str = ""
) -> dict[str, str]:
    return {
        "kind": "line",
        "name": name,
        "phone": phone,
        "hours": hours,
        "url": url,
        "sms_number": sms,
    }


def _fallback_line_values(country: str) -> list[dict[str, str]]:
    """A directory where we know no line; a wrong emergency number would be worse than none."""
    known = [emergency_line_values("112")] if country in COUNTRIES_WITH_112 else []
    return [
        *known,
        crisis_line_values(gettext("Find a Helpline"), "", "", "https://findahelpline.com/"),
    ]
