"""Any HTML to the little markup our pages use: from the editor, an import or a paste.

Two passes. nh3 parses as browsers do and drops what is not on its list. `shaping` reads its
well-formed output and writes it anew in the few shapes that our pages know.
"""

import re
from html import escape

import nh3

from pages.text import normalize

# Raise this when the rules here or in `shaping` change: stored texts are then cleaned again.
CLEANER_VERSION = 3

ALLOWED_ATTRIBUTES = {
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
ALLOWED_SCHEMES = {"http", "https", "mailto", "tel"}
# Dropped with all they hold; of other unknown tags the words stay.
DROPPED_TAGS = {
    "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "style", "svg",
    "template", "title", "xml",
}  # fmt: skip
# Odd markup settles in one or two rounds; what still moves after these is kept as words only.
MAX_ROUNDS = 6
NON_TEXT_RE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
TAG_RE = re.compile(r"<[^>]*>")

_sanitizer = nh3.Cleaner(
    tags=set(normalize.ALLOWED_TAGS),
    clean_content_tags=DROPPED_TAGS,
    attributes=ALLOWED_ATTRIBUTES,
    url_schemes=ALLOWED_SCHEMES,
    link_rel=None,
    strip_comments=True,
)


def clean_html(html: str) -> str:
    """Safe markup; cleaning what is clean changes nothing."""
    for _round in range(MAX_ROUNDS):
        cleaned = normalize.normalize_markup(
            _sanitizer.clean(flatten_deep_markup(NON_TEXT_RE.sub("", html)))
        )
        if cleaned == html:
            return cleaned
        html = cleaned
    return escape(" ".join(TAG_RE.sub(" ", html).split()), quote=False)


# Markup nested without end, made shallow before a parser reads it. Pure.

MAX_DEPTH = 400
NAMED_TAG_RE = re.compile(r"<(/?)([a-zA-Z][^\s<>/]{0,200})[^<>]{0,4000}>")
OPTIONAL_END_TAGS = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot"}
VOID_TAGS = {"br", "hr", "img", "source", "embed", "input"}


def flatten_deep_markup(html: str) -> str:
    """Without tags that open far deeper than any page: the parser's time grows with depth squared.

    Elements that end without an end tag are not counted, or a long old page would count as deep.
    """
    depth = 0
    parts = []
    at = 0
    for found in NAMED_TAG_RE.finditer(html):
        name = found[2].lower()
        if name in VOID_TAGS or name in OPTIONAL_END_TAGS:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > MAX_DEPTH and not found[1]:
            parts.append(html[at : found.start()])
            at = found.end()
            depth = MAX_DEPTH
    return "".join([*parts, html[at:]])
