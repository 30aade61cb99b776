"""Clean what visitors type, so that it can be stored without losing a word. Pure."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Bidirectional overrides can make a text read as something else; the isolates stay.
_BIDI_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e"))
# Letters and symbols by category, but invisible.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cn", "Mn", "Zl", "Zp", "Zs")
_LINE_BREAKS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_EXCESS_BREAKS = re.compile(r"\n{3,}")


def clean_multiline(value: str) -> str:
    """Clean several lines: line breaks become \\n, control characters go, ends are trimmed."""
    value = _LINE_BREAKS.sub("\n", value).translate(_BIDI_OVERRIDES)
    kept = (c for c in value if c in "\n\t" or not _is_control_character(c))
    text = _EXCESS_BREAKS.sub("\n\n", unicodedata.normalize("NFC", "".join(kept))).strip()
    return "" if is_blank(text) else text


def is_blank(value: str) -> bool:
    """Whether a text has no visible character."""
    return all(
        c in _BLANK_LETTERS or unicodedata.category(c) in _INVISIBLE_CATEGORIES for c in value
    )


def clean_single_line(value: str) -> str:
    """Clean one line, such as a name. Raises ValidationError at line breaks and control characters.

    No browser sends them from such a field; in an email header they would begin another one.
    """
    value = unicodedata.normalize("NFC", value.translate(_BIDI_OVERRIDES)).strip()
    if any(_is_control_character(c) or c in "\u2028\u2029" for c in value):
        raise ValidationError(
            _("Write this on one line, without special control characters."), code="control"
        )
    if is_blank(value):
        return ""
    return " ".join(value.split())


def _is_control_character(character: str) -> bool:
    # Cs: half of a surrogate pair, which no database stores.
    return unicodedata.category(character) in ("Cc", "Cs")
