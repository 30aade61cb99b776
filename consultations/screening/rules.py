"""What a comment's text gives reason to doubt. Pure: words in, reasons out.

Reasons are codes; ``REASONS`` has their words. They never quote the text.
"""

import re

from django.utils.translation import gettext_lazy as _

REASONS = {
    "honeypot": _("Filled a field that people do not see"),
    "too_fast": _("Sent within three seconds"),
    "no_time": _("Sent without opening the page"),
    "links": _("Two links or more"),
    "name_address": _("The name looks like a web address"),
}
# These alone put a comment into the spam folder; the others only mark it.
SPAM = frozenset({"honeypot", "too_fast", "links", "name_address"})

# Bounded and without nested repetition: time stays linear in the text.
_LINK = re.compile(r"(?:https?://|www\.)\S|\[url|<a\s", re.IGNORECASE)
_ADDRESS = re.compile(
    r"https?:|www\.|\b[a-z0-9-]{2,60}\.(?:com|net|org|info|ru|biz|shop|xyz)\b", re.I
)


def reasons(*, name: str, text: str) -> list[str]:
    found = []
    if len(_LINK.findall(text)) >= 2:
        found.append("links")
    if _ADDRESS.search(name):
        found.append("name_address")
    return found


def is_spam(found: list[str]) -> bool:
    return bool(SPAM.intersection(found))
