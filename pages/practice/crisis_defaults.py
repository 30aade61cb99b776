"""Emergency and crisis lines by country, as their operators publish them."""

from django.utils.translation import gettext as _

# Where 112 reaches the emergency services.
EUROPE_112 = {
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR", "UA",
}  # fmt: skip


def shipped_facts(country: str) -> list[dict[str, str]]:
    always = _("day and night, free")
    found = {
        "US": [
            emergency("911"),
            line("988 Suicide & Crisis Lifeline", "988", always, "https://988lifeline.org/", "988"),
            line("Crisis Text Line", "", always, "https://www.crisistextline.org/", "741741")
            | {"sms_text": "HOME"},
        ],
        "CA": [
            emergency("911"),
            line("9-8-8 Suicide Crisis Helpline", "988", always, "https://988.ca/", "988"),
        ],
        "GB": [
            emergency("999"),
            line("Samaritans", "116 123", always, "https://www.samaritans.org/"),
            line("Shout", "", always, "https://giveusashout.org/", "85258") | {"sms_text": "SHOUT"},
        ],
        "IE": [
            emergency("112"),
            line("Samaritans", "116 123", always, "https://www.samaritans.org/ireland/"),
            line("Text About It", "", always, "https://www.textaboutit.ie/", "50808")
            | {"sms_text": "HELLO"},
        ],
        "AU": [
            emergency("000"),
            line("Lifeline", "13 11 14", _("day and night"), "https://www.lifeline.org.au/"),
        ],
        "NZ": [
            emergency("111"),
            line("1737", "1737", always, "https://1737.org.nz/", "1737"),
        ],
        "DE": [
            emergency("112"),
            line("TelefonSeelsorge", "0800 111 0 111", always, "https://www.telefonseelsorge.de/"),
        ],
        "AT": [
            emergency("112"),
            line("TelefonSeelsorge", "142", always, "https://www.telefonseelsorge.at/"),
        ],
        "CH": [
            emergency("112"),
            line("Die Dargebotene Hand", "143", _("day and night"), "https://www.143.ch/"),
        ],
        "FR": [emergency("112"), line("3114", "3114", always, "https://3114.fr/")],
        "NL": [
            emergency("112"),
            line("113 Zelfmoordpreventie", "0800-0113", always, "https://www.113.nl/"),
        ],
    }
    return found.get(country) or _elsewhere(country)


def emergency(phone: str) -> dict[str, str]:
    return {"kind": "emergency", "name": _("Emergency services"), "phone": phone}


def line(name: str, phone: str, hours: str, url: str, sms: str = "") -> dict[str, str]:
    return {
        "kind": "line",
        "name": name,
        "phone": phone,
        "hours": hours,
        "url": url,
        "sms_number": sms,
    }


def _elsewhere(country: str) -> list[dict[str, str]]:
    """A directory where we know no line; a wrong emergency number would be worse than none."""
    known = [emergency("112")] if country in EUROPE_112 else []
    return [*known, line(_("Find a Helpline"), "", "", "https://findahelpline.com/")]
