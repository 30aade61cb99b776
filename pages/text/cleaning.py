"""Reduce any HTML (from the editor, an import or a paste) to the markup our pages use.

There are two passes. nh3 parses the HTML as browsers do and drops everything that is not on the
allow list. `pages.text.normalize` then rewrites its well-formed output into a small set of
standard structures.

Very deep markup is flattened before nh3 sees it, because the time to parse it grows with the
square of the depth.
"""

import re
from html import escape

import nh3

from pages.text import normalize

# Increase this when the rules here or in `normalize` change: stored text is then cleaned again.
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
# Dropped together with their content. Other unknown tags are dropped but their text is kept.
DROPPED_TAGS = {
    "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "style", "svg",
    "template", "title", "xml",
}  # fmt: skip
# Unusual markup is stable after one or two rounds. If it still changes after these, only its
# text is kept.
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
    """Return safe, normalized markup. Idempotent."""
    for _round in range(MAX_ROUNDS):
        cleaned = normalize.normalize_markup(
            _sanitizer.clean(flatten_deep_markup(NON_TEXT_RE.sub("", html)))
        )
        if cleaned == html:
            return cleaned
        html = cleaned
    return escape(" ".join(TAG_RE.sub(" ", html).split()), quote=False)


# Flattening of deep markup

MAX_DEPTH = 400
NAMED_TAG_RE = re.compile(r"<(/?)([a-zA-Z][^\s<>/]{0,200})[^<>]{0,4000}>")
OPTIONAL_END_TAGS = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot"}
VOID_TAGS = {"br", "hr", "img", "source", "embed", "input"}


def flatten_deep_markup(html: str) -> str:
    """Drop start tags nested deeper than `MAX_DEPTH`.

    Elements with an optional end tag are not counted: in a long page that omits the end tags they
    would look deeply nested.
    """
    depth = 0
    parts = []
    at = 0
    for tag in NAMED_TAG_RE.finditer(html):
        name = tag[2].lower()
        if name in VOID_TAGS or name in OPTIONAL_END_TAGS:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_DEPTH and not tag[1]:
            parts.append(html[at : tag.start()])
            at = tag.end()
            depth = MAX_DEPTH
    return "".join([*parts, html[at:]])
