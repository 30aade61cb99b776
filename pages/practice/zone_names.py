"""Name time zones the way people say them."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

# North American zones have names of their own; elsewhere the city is what people say.
SPOKEN_ZONES: dict[str, Promise] = {
    "America/New_York": _("Eastern Time (ET)"),
    "America/Detroit": _("Eastern Time (ET)"),
    "America/Toronto": _("Eastern Time (ET)"),
    "America/Indiana/Indianapolis": _("Eastern Time (ET)"),
    "America/Kentucky/Louisville": _("Eastern Time (ET)"),
    "America/Chicago": _("Central Time (CT)"),
    "America/Winnipeg": _("Central Time (CT)"),
    "America/Menominee": _("Central Time (CT)"),
    "America/Denver": _("Mountain Time (MT)"),
    "America/Boise": _("Mountain Time (MT)"),
    "America/Edmonton": _("Mountain Time (MT)"),
    "America/Phoenix": _("Arizona Time (MST)"),
    "America/Los_Angeles": _("Pacific Time (PT)"),
    "America/Vancouver": _("Pacific Time (PT)"),
    "America/Anchorage": _("Alaska Time (AKT)"),
    "Pacific/Honolulu": _("Hawaii Time (HST)"),
    "America/Halifax": _("Atlantic Time (AT)"),
    "America/Puerto_Rico": _("Atlantic Time (AT)"),
    "America/St_Johns": _("Newfoundland Time (NT)"),
    "UTC": _("Coordinated Universal Time (UTC)"),
}


def spoken_zone(name: str) -> str:
    """Return ``Pacific Time (PT)``, or ``Lisbon time`` for a zone without a name of its own."""
    if name in SPOKEN_ZONES:
        return str(SPOKEN_ZONES[name])
    city = name.rpartition("/")[2].replace("_", " ")
    return _g("%(city)s time") % {"city": city}
