"""Fees and questions in the form that the templates' components show."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from pages.practice import phrases
from pages.practice.offers import Fee, FrequentQuestion
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


def lowest_price(fees: Iterable[Fee], currency: str) -> str:
    """Format the lowest price of a paid session; empty without a price list."""
    amounts = [fee.from_amount for fee in fees if fee.from_amount]
    return phrases.format_money(min(amounts), currency) if amounts else ""
