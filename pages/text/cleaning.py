"""Any HTML to the little markup our pages use: from the editor, an import or a paste.

Two passes. nh3 parses as browsers do and drops what is not on its list. `shaping` reads its
well-formed output and writes it anew in the few shapes that our pages know.
"""

import re
from html import escape

import nh3

from pages.text import shaping
from pages.text.depth import flattened

# Raise this when the rules here or in `shaping` change: stored texts are then cleaned again.
CLEANER_VERSION = 3

ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "b": {"style"},
    "div": {"class"},
    "img": {"alt", "data-file"},
    "ol": {"start"},
    "p": {"style"},
    "span": {"style"},
    "strong": {"style"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# Dropped with all they hold; of other unknown tags the words stay.
DROPPED = {
    "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "style", "svg",
    "template", "title", "xml",
}  # fmt: skip
# Odd markup settles in one or two rounds; what still moves after these is kept as words only.
ROUNDS = 6
NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
TAG = re.compile(r"<[^>]*>")

_first_pass = nh3.Cleaner(
    tags=set(shaping.TAGS),
    clean_content_tags=DROPPED,
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    link_rel=None,
    strip_comments=True,
)


def clean_html(html: str) -> str:
    """Safe markup; cleaning what is clean changes nothing."""
    for _round in range(ROUNDS):
        cleaned = shaping.shape(_first_pass.clean(flattened(NOT_TEXT.sub("", html))))
        if cleaned == html:
            return cleaned
        html = cleaned
    return escape(" ".join(TAG.sub(" ", html).split()), quote=False)
