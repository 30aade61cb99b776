"""The time zones a visitor may choose, with the names people know them by. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

UTC = "UTC"
# Names in everyday use, by zone. Others are named after their city.
_NAMES: "dict[_StrOrPromise, str]" = {
    gettext_lazy("Pacific Time"): "America/Los_Angeles America/Vancouver America/Tijuana",
    gettext_lazy("Mountain Time"): (
        "America/Denver America/Boise America/Edmonton America/Cambridge_Bay America/Inuvik "
        "America/Ciudad_Juarez"
    ),
    gettext_lazy("Arizona Time"): "America/Phoenix",
    gettext_lazy("Central Time"): (
        "America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Menominee "
        "America/North_Dakota/Center America/North_Dakota/New_Salem America/North_Dakota/Beulah "
        "America/Winnipeg America/Rankin_Inlet America/Resolute America/Matamoros America/Ojinaga"
    ),
    gettext_lazy("Eastern Time"): (
        "America/New_York America/Detroit America/Kentucky/Louisville America/Kentucky/Monticello "
        "America/Indiana/Indianapolis America/Indiana/Vincennes America/Indiana/Winamac "
        "America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay "
        "America/Toronto America/Iqaluit America/Nassau"
    ),
    gettext_lazy("Atlantic Time"): (
        "America/Halifax America/Glace_Bay America/Moncton America/Goose_Bay Atlantic/Bermuda "
        "America/Puerto_Rico America/St_Thomas"
    ),
    gettext_lazy("Newfoundland Time"): "America/St_Johns",
    gettext_lazy("Saskatchewan Time"): "America/Regina America/Swift_Current",
    gettext_lazy("Alaska Time"): (
        "America/Anchorage America/Juneau America/Sitka America/Metlakatla America/Yakutat "
        "America/Nome"
    ),
    gettext_lazy("Hawaii Time"): "Pacific/Honolulu",
    gettext_lazy("UK Time"): "Europe/London",
    gettext_lazy("Irish Time"): "Europe/Dublin",
    gettext_lazy("Central European Time"): (
        "Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava "
        "Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar "
        "Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo "
        "Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino "
        "Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz "
        "Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich Africa/Ceuta "
        "Arctic/Longyearbyen"
    ),
    gettext_lazy("Eastern European Time"): (
        "Asia/Nicosia Asia/Famagusta Europe/Athens Europe/Bucharest Europe/Chisinau "
        "Europe/Helsinki Europe/Kyiv Europe/Mariehamn Europe/Riga Europe/Sofia Europe/Tallinn "
        "Europe/Vilnius"
    ),
    gettext_lazy("Israel Time"): "Asia/Jerusalem",
    gettext_lazy("Gulf Time"): "Asia/Dubai Asia/Muscat",
    gettext_lazy("Pakistan Time"): "Asia/Karachi",
    gettext_lazy("India Time"): "Asia/Kolkata",
    gettext_lazy("Nepal Time"): "Asia/Kathmandu",
    gettext_lazy("China Time"): "Asia/Shanghai",
    gettext_lazy("Hong Kong Time"): "Asia/Hong_Kong",
    gettext_lazy("Singapore Time"): "Asia/Singapore",
    gettext_lazy("Philippine Time"): "Asia/Manila",
    gettext_lazy("Japan Time"): "Asia/Tokyo",
    gettext_lazy("Korea Time"): "Asia/Seoul",
    gettext_lazy("Western Australia Time"): "Australia/Perth",
    gettext_lazy("Queensland Time"): "Australia/Brisbane Australia/Lindeman",
    gettext_lazy("Eastern Australia Time"): (
        "Australia/Sydney Australia/Melbourne Australia/Hobart"
    ),
    gettext_lazy("New Zealand Time"): "Pacific/Auckland",
}
# Places people look for that have no zone of their own.
_PLACES = {
    "America/Los_Angeles": (
        "San Francisco, San Diego, Seattle, Portland, Las Vegas, California, Oregon, Washington, "
        "Nevada"
    ),
    "America/Denver": "Salt Lake City, Albuquerque, Colorado, Utah, New Mexico, Montana, Wyoming",
    "America/Phoenix": "Tucson",
    "America/Chicago": (
        "Dallas, Houston, Austin, San Antonio, Minneapolis, St. Louis, Milwaukee, Nashville, "
        "Memphis, New Orleans, Kansas City, Texas, Illinois, Minnesota, Wisconsin, Missouri"
    ),
    "America/New_York": (
        "Boston, Philadelphia, Washington DC, Miami, Atlanta, Pittsburgh, Cleveland, Charlotte, "
        "Orlando, Florida, Georgia, Massachusetts, Pennsylvania, Ohio, Virginia"
    ),
    "America/Toronto": "Montreal, Ottawa, Ontario, Quebec",
    "America/Vancouver": "Victoria, British Columbia",
    "America/Edmonton": "Calgary, Alberta",
    "Asia/Dubai": "Abu Dhabi",
    "Asia/Kolkata": "Mumbai, Delhi, Bangalore, Bengaluru, Chennai, Hyderabad, Pune, Calcutta",
    "Asia/Karachi": "Lahore, Islamabad",
    "Asia/Shanghai": "Beijing, Shenzhen, Guangzhou",
    "Asia/Tokyo": "Osaka, Kyoto",
    "Asia/Jerusalem": "Tel Aviv, Haifa",
    "Australia/Sydney": "Canberra, New South Wales",
    "Europe/Berlin": "Munich, Hamburg, Frankfurt, Cologne",
    "Europe/Istanbul": "Ankara, Izmir",
    "Europe/London": "Manchester, Edinburgh, Glasgow, Birmingham, Cardiff, Belfast, England",
    "Europe/Madrid": "Barcelona, Valencia",
    "Europe/Paris": "Lyon, Marseille",
    "Europe/Rome": "Milan, Naples",
    "Europe/Zurich": "Geneva, Basel, Bern",
    "America/Sao_Paulo": "Rio de Janeiro, Brasilia",
    "Pacific/Auckland": "Wellington, Christchurch",
    "UTC": "GMT, Greenwich, Universal, Zulu",
}


_NAMED_BY_RULE = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}


@dataclass(frozen=True)
class ZoneEntry:
    """One row of the list of zones."""

    zone: str
    city: str
    name: str
    country: str
    places: str

    def matches(self, text: str) -> bool:
        """Whether every word of a search begins a word of this row."""
        have = f"{self.city} {self.name} {self.country} {self.places}".casefold()
        starts = [*have.replace(",", " ").split(), self.zone.casefold()]
        return all(any(s.startswith(word) for s in starts) for word in text.casefold().split())


@lru_cache(maxsize=1)
def listed_zones() -> tuple[str, ...]:
    """Return the zones to choose from: one or more for each country, and UTC.

    Some browsers that guard privacy report UTC wherever they are.
    """
    return (*sorted(zone for _country, zone in _zone_table()), UTC)


def resolve_zone(name: str) -> str:
    """Return the listed zone of a name, also of an older one; "" if there is none.

    Browsers still report names such as Asia/Calcutta.
    """
    if name in _listed():
        return name
    return _older_names().get(name, "")


def zone_name(zone: str) -> str:
    """Return ``Pacific Time`` for America/Los_Angeles, ``Lagos Time`` for Africa/Lagos."""
    known = _names_by_zone().get(zone)
    if known:
        return str(known)
    if resolve_zone(zone) == UTC:
        return UTC
    return _("%(city)s Time") % {"city": zone_city(zone)}


def zone_city(zone: str) -> str:
    """Return ``New York`` for ``America/New_York``."""
    return zone.rpartition("/")[2].replace("_", " ")


def zone_entries(text: str = "", *, first_country: str = "") -> list[ZoneEntry]:
    """Return the rows of the list of zones that match a search, in order of their cities.

    Those of one country (a code such as US) come before the others.
    """
    codes = {zone: code for code, zone in _zone_table()}
    rows = (
        ZoneEntry(
            zone=zone,
            city=zone_city(zone),
            name=zone_name(zone),
            country=_country_names().get(codes.get(zone, ""), ""),
            places=_PLACES.get(zone, ""),
        )
        for zone in listed_zones()
    )
    return sorted(
        (row for row in rows if row.matches(text)),
        key=lambda row: (codes.get(row.zone) != first_country, row.city),
    )


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    return frozenset(listed_zones())


@lru_cache(maxsize=1)
def _names_by_zone() -> "dict[str, _StrOrPromise]":
    return {zone: name for name, zones in _NAMES.items() for zone in zones.split()}


@lru_cache(maxsize=1)
def _zone_table() -> tuple[tuple[str, str], ...]:
    """Return (country code, zone) of every place in the table of the time zone database."""
    return tuple((row[0], row[2]) for row in _rows("zone.tab"))


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows("iso3166.tab")}


@lru_cache(maxsize=1)
def _older_names() -> dict[str, str]:
    """Return the listed zone of each name that is only a link to one."""
    links = {row[2]: row[1] for row in _link_rows()}
    older: dict[str, str] = {}
    for name in links:
        target = name
        while target not in _listed() and target in links:
            target = links[target]
        if target in _listed():
            older[name] = target
        elif target in ("Etc/UTC", "Etc/GMT"):
            older[name] = UTC
    return {**older, **_NAMED_BY_RULE, "Etc/UTC": UTC, "Etc/GMT": UTC}


def _link_rows() -> Iterable[list[str]]:
    for line in _lines("tzdata.zi"):
        if line.startswith("L "):
            yield line.split()


def _rows(name: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in _lines(name) if line and not line.startswith("#"))


def _lines(name: str) -> list[str]:
    table = resources.files("tzdata.zoneinfo").joinpath(name)
    return table.read_text(encoding="utf-8").splitlines()
