"""Fees and questions in the form that the templates' components show."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from pages.practice import phrases
from pages.practice.offers import Fee, FrequentQuestion, Service
from pages.practice.places import CURRENCY_SIGNS
from pages.practice.profile import PracticeProfile, status_text
from pages.text.outline import prepare_text


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
        amount_text=phrases.format_money(fee.amount, currency) if fee.amount else "",
        is_sliding=fee.is_sliding,
        lowest_amount=phrases.format_money(fee.lowest_amount, currency)
        if fee.lowest_amount
        else "",
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


@dataclass(frozen=True)
class ServiceRow:
    """A line of the short price list: a service, or the free first call."""

    title: str
    url: str
    summary: str
    length: str
    price: str
    lowest: str  # the least on a sliding scale
    status: str  # empty while the service takes clients


def service_rows(
    services: Iterable[Service], fees: Iterable[Fee], practice: PracticeProfile
) -> list[ServiceRow]:
    """List what is free, then each service that has fees of its own."""
    by_service: dict[int | None, list[Fee]] = {}
    for fee in fees:
        by_service.setdefault(fee.service_id, []).append(fee)
    free = [
        ServiceRow(fee.label, "", "", fee.length, fee.price(practice.currency), "", "")
        for fee in by_service.get(None, [])
        if not fee.amount
    ]
    priced = [(service, by_service.get(service.pk, [])) for service in services]
    return free + [_service_row(service, rows, practice) for service, rows in priced if rows]


def _service_row(service: Service, fees: list[Fee], practice: PracticeProfile) -> ServiceRow:
    low = min(fee.from_amount for fee in fees)
    status = service.status(practice)
    return ServiceRow(
        title=service.title,
        url=service.get_absolute_url(),
        summary=service.summary,
        length=service.length,
        price=price_range(fees, practice.currency),
        lowest=phrases.format_money(low, practice.currency)
        if low < min(fee.amount for fee in fees)
        else "",
        status="" if status == practice.accepting else status_text(status),
    )


def price_range(fees: Iterable[Fee], currency: str) -> str:
    """Return `$110–150`: full prices from the lowest to the highest."""
    amounts = [fee.amount for fee in fees]
    if not any(amounts):
        return gettext("Free") if amounts else ""
    low, high = (phrases.format_money(amount, currency) for amount in (min(amounts), max(amounts)))
    if low == high:
        return low
    sign = CURRENCY_SIGNS.get(currency, "")
    return f"{low}–{high.removeprefix(sign)}" if sign else f"{low} – {high}"


def lowest_price(fees: Iterable[Fee], currency: str) -> str:
    """Format the lowest price of a paid session; empty without a price list."""
    amounts = [fee.from_amount for fee in fees if fee.from_amount]
    return phrases.format_money(min(amounts), currency) if amounts else ""
