"""Make unique ASCII slugs from the former site's slugs and titles. No I/O."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from django.utils.text import slugify

MAX_SLUG_CHARS = 120
# Transliterations. Letters of other scripts are dropped.
GREEK = "αa βb γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
CYRILLIC = (
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь "
    "эe юyu яya іi єye ґg"
)
OTHER_LETTERS = "ßss æae œoe øo łl đd ðd þth ıi"
TRANSLITERATIONS = {pair[0]: pair[1:] for pair in f"{GREEK} {CYRILLIC} {OTHER_LETTERS}".split()}


def make_slug(slug: str, *others: str) -> str:
    """Return a slug from the first text with enough usable letters or digits; "" if none has."""
    for text in (unquote(slug), *others):
        made = re.sub(r"-{2,}", "-", slugify(transliterate(text)))[:MAX_SLUG_CHARS].strip("-_")
        # A title in an unsupported script may leave only a number, which is no useful slug.
        meant = sum(char.isalnum() for char in text)
        if made and 2 * len(made) >= min(meant, MAX_SLUG_CHARS):
            return made
    return ""


def transliterate(text: str) -> str:
    """Transliterate to lowercase Latin letters where a transliteration is known."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.lower())
        if not unicodedata.combining(char)
    )
    return "".join(TRANSLITERATIONS.get(char, char) for char in bare)


def unique_slug(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return the wanted slug, or the first free one with a number appended."""
    number, slug = 1, wanted
    while is_taken(slug):
        number += 1
        end = f"-{number}"
        slug = wanted[: MAX_SLUG_CHARS - len(end)].rstrip("-") + end
    return slug
