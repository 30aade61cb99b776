"""The time zones a visitor may choose."""

from functools import lru_cache
from zoneinfo import available_timezones


@lru_cache(maxsize=1)  # some 600 files are looked at
def offered_zones() -> tuple[str, ...]:
    """Zones a person would look for: places, not the 40-odd aliases without one."""
    odd = ("Etc/", "SystemV/", "posix/", "right/", "US/")
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(odd))
    )


def city_of(zone: str) -> str:
    """``New York``: how people name their time."""
    return zone.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Asked before ZoneInfo(name): that one opens a file of that name."""
    return name in _known()
