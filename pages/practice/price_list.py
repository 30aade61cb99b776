"""The short price list: services with what they cost, for the templates."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from pages.practice.offers import Fee, Service, format_money, minutes_text
from pages.practice.places import CURRENCY_SIGNS
from pages.practice.profile import PracticeProfile, status_text


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
        ServiceRow(
            title=fee.label,
            url="",
            summary="",
            length=minutes_text(fee.minutes) if fee.minutes else "",
            price=gettext("Free"),
            lowest="",
            status="",
        )
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
        lowest=format_money(low, practice.currency)
        if low < min(fee.amount for fee in fees)
        else "",
        status="" if status == practice.accepting else status_text(status),
    )


def price_range(fees: Iterable[Fee], currency: str) -> str:
    """Return `$110–150`: full prices from the lowest to the highest."""
    amounts = [fee.amount for fee in fees]
    if not any(amounts):
        return gettext("Free") if amounts else ""
    low, high = (format_money(amount, currency) for amount in (min(amounts), max(amounts)))
    if low == high:
        return low
    sign = CURRENCY_SIGNS.get(currency, "")
    return f"{low}–{high.removeprefix(sign)}" if sign else f"{low} – {high}"
