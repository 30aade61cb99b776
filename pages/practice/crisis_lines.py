"""Emergency and crisis lines by country, as their operators publish them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice import places


class CrisisKind(models.TextChoices):
    EMERGENCY = "emergency", _("Emergency number")
    LINE = "line", _("Someone to talk to")


class Reachable:
    """How to call or text a line; shared by stored and default lines."""

    phone: str
    sms_number: str
    sms_text: str

    @property
    def tel(self) -> str:
        return dialable_number(self.phone)

    @property
    def sms(self) -> str:
        """`HOME to 741741`, or the number alone; empty without a number."""
        word = self.sms_text.strip()
        if word.lower().startswith("text "):
            word = word[5:].strip()
        if not self.sms_number or not word:
            return self.sms_number
        return gettext("%(word)s to %(number)s") % {"word": word, "number": self.sms_number}


@dataclass(frozen=True)
class DefaultCrisisLine(Reachable):
    """A line that comes with the site, used until the practice adds its own."""

    kind: str
    name: str
    phone: str = ""
    sms_number: str = ""
    sms_text: str = ""
    url: str = ""
    hours: str = ""


class CrisisLine(Reachable, models.Model):
    """A line of the practice's own; any row for a country replaces the defaults there."""

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


def dialable_number(phone: str) -> str:
    """Return a number for `tel:` and `sms:` links: digits, and a leading plus if there is one."""
    digits = re.sub(r"\D", "", phone)
    return f"+{digits}" if phone.strip().startswith("+") else digits


def crisis_lines_for(country: str) -> Sequence[CrisisLine | DefaultCrisisLine]:
    """Return the practice's own lines for a country, else the defaults.

    The default emergency number stays until the practice adds one of its own.
    """
    own = list(CrisisLine.objects.filter(country=country))
    defaults = default_crisis_lines(country)
    if not own:
        return defaults
    if any(line.kind == CrisisKind.EMERGENCY for line in own):
        return own
    # Adding a local line must not remove the emergency number.
    return [line for line in defaults if line.kind == CrisisKind.EMERGENCY] + own


def default_crisis_lines(country: str) -> list[DefaultCrisisLine]:
    """Return the lines that come with the site, the emergency number first.

    Without a number known to work in the country there is none: a wrong one would be worse.
    """
    number = EMERGENCY_NUMBERS.get(country)
    emergency = (
        [DefaultCrisisLine(CrisisKind.EMERGENCY.value, gettext("Emergency services"), number)]
        if number
        else []
    )
    # A directory of lines worldwide, for countries of which we know none.
    directory = DefaultCrisisLine(
        CrisisKind.LINE.value, gettext("Find a Helpline"), url="https://findahelpline.com/"
    )
    return [*emergency, *(_national_lines(country) or [directory])]


# 112 where it reaches the emergency services, and the numbers of other countries.
EMERGENCY_NUMBERS = {
    **dict.fromkeys(
        (
            "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR",
            "HU", "IE", "IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE",
            "SI", "SK", "TR", "UA",
        ),
        "112",
    ),
    "AU": "000", "CA": "911", "GB": "999", "NZ": "111", "US": "911",
}  # fmt: skip


def _national_lines(country: str) -> list[DefaultCrisisLine]:
    free, always = gettext("24/7, free"), gettext("24/7")

    def line(
        name: str, phone: str, hours: str, url: str, sms: str = "", word: str = ""
    ) -> DefaultCrisisLine:
        return DefaultCrisisLine(CrisisKind.LINE.value, name, phone, sms, word, url, hours)

    lines = {
        "US": [
            line("988 Suicide & Crisis Lifeline", "988", free, "https://988lifeline.org/", "988"),
            line("Crisis Text Line", "", free, "https://www.crisistextline.org/", "741741", "HOME"),
        ],
        "CA": [line("9-8-8 Suicide Crisis Helpline", "988", free, "https://988.ca/", "988")],
        "GB": [
            line("Samaritans", "116 123", free, "https://www.samaritans.org/"),
            line("Shout", "", free, "https://giveusashout.org/", "85258", "SHOUT"),
        ],
        "IE": [
            line("Samaritans", "116 123", free, "https://www.samaritans.org/ireland/"),
            line("Text About It", "", free, "https://www.textaboutit.ie/", "50808", "HELLO"),
        ],
        "AU": [line("Lifeline", "13 11 14", always, "https://www.lifeline.org.au/")],
        "NZ": [line("1737", "1737", free, "https://1737.org.nz/", "1737")],
        "DE": [
            line("TelefonSeelsorge", "0800 111 0 111", free, "https://www.telefonseelsorge.de/")
        ],
        "AT": [line("TelefonSeelsorge", "142", free, "https://www.telefonseelsorge.at/")],
        "CH": [line("Die Dargebotene Hand", "143", always, "https://www.143.ch/")],
        "FR": [line("3114", "3114", free, "https://3114.fr/")],
        "NL": [line("113 Zelfmoordpreventie", "0800-0113", free, "https://www.113.nl/")],
    }
    return lines.get(country, [])
