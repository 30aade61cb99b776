"""Small texts built from facts: lists of words, amounts of money, phone numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from pages.practice.places import CURRENCY_SIGNS


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


def join_with_or(words: Sequence[str]) -> str:
    """Join as in `phone, video or in person`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def non_empty_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def parse_concerns(text: str) -> list[Concern]:
    """Parse `Title: sentence`, one per line; the sentence is optional."""
    pairs = (line.partition(":") for line in non_empty_lines(text))
    return [Concern(title.strip(), sentence.strip()) for title, _colon, sentence in pairs]


def format_money(amount: Decimal, currency: str) -> str:
    whole = amount == amount.to_integral_value()
    number = formats.number_format(amount, 0 if whole else 2, force_grouping=True)
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"


def dialable_number(phone: str) -> str:
    """Return a number for `tel:` and `sms:` links: digits, and a leading plus if there is one."""
    digits = re.sub(r"\D", "", phone)
    return f"+{digits}" if phone.strip().startswith("+") else digits
