"""Countries, currencies and time zones that a practice can choose from."""

import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _

COUNTRIES = {
    "AR": _("Argentina"),
    "AT": _("Austria"),
    "AU": _("Australia"),
    "BE": _("Belgium"),
    "BG": _("Bulgaria"),
    "BR": _("Brazil"),
    "CA": _("Canada"),
    "CH": _("Switzerland"),
    "CL": _("Chile"),
    "CY": _("Cyprus"),
    "CZ": _("Czechia"),
    "DE": _("Germany"),
    "DK": _("Denmark"),
    "EE": _("Estonia"),
    "ES": _("Spain"),
    "FI": _("Finland"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "GR": _("Greece"),
    "HR": _("Croatia"),
    "HU": _("Hungary"),
    "IE": _("Ireland"),
    "IL": _("Israel"),
    "IN": _("India"),
    "IS": _("Iceland"),
    "IT": _("Italy"),
    "JP": _("Japan"),
    "KE": _("Kenya"),
    "LT": _("Lithuania"),
    "LU": _("Luxembourg"),
    "LV": _("Latvia"),
    "MT": _("Malta"),
    "MX": _("Mexico"),
    "NG": _("Nigeria"),
    "NL": _("Netherlands"),
    "NO": _("Norway"),
    "NZ": _("New Zealand"),
    "PH": _("Philippines"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
    "RO": _("Romania"),
    "SE": _("Sweden"),
    "SG": _("Singapore"),
    "SI": _("Slovenia"),
    "SK": _("Slovakia"),
    "TR": _("Türkiye"),
    "UA": _("Ukraine"),
    "US": _("United States"),
    "ZA": _("South Africa"),
}

CURRENCY_SIGNS = {
    "AUD": "$",
    "BRL": "R$",
    "CAD": "$",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "JPY": "¥",
    "NZD": "$",
    "USD": "$",
}

validate_currency_code = RegexValidator(
    r"^[A-Z]{3}\Z", _("Enter a currency code of three capital letters, like USD.")
)
# For links that a browser opens on a private page: nothing but https.
validate_https_url = URLValidator(
    schemes=["https"], message=_("Enter a link that starts with https://.")
)
validate_country_code = RegexValidator(
    r"^[A-Z]{2}\Z", _("Enter a country code of two capital letters, like US.")
)


@cache
def time_zone_names() -> tuple[str, ...]:
    """Return zones named after a place, and UTC; `EST`, `Factory` or `Etc/GMT+5` mislead."""
    areas = (
        "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/",
        "Australia/", "Europe/", "Indian/", "Pacific/",
    )  # fmt: skip
    names = (name for name in zoneinfo.available_timezones() if name.startswith(areas))
    return (*sorted(names), "UTC")


def time_zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in time_zone_names()]


def validate_time_zone(value: str) -> None:
    # Compared with the list first: ZoneInfo() opens files by the name it is given.
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone by its place, like Europe/Dublin."))


def country_name(code: str) -> str:
    return str(COUNTRIES.get(code, code))
