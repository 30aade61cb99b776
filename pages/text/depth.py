"""Markup nested without end, made shallow before a parser reads it. Pure."""

import re

FAR_TOO_DEEP = 400
TAG = re.compile(r"<(/?)([a-zA-Z][^\s<>/]{0,200})[^<>]{0,4000}>")
UNCLOSED = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot"}
VOID = {"br", "hr", "img", "source", "embed", "input"}


def flattened(html: str) -> str:
    """Without tags that open far deeper than any page: the parser's time grows with depth squared.

    Elements that end without an end tag are not counted, or a long old page would count as deep.
    """
    depth = 0
    parts = []
    at = 0
    for found in TAG.finditer(html):
        name = found[2].lower()
        if name in VOID or name in UNCLOSED:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > FAR_TOO_DEEP and not found[1]:
            parts.append(html[at : found.start()])
            at = found.end()
            depth = FAR_TOO_DEEP
    return "".join([*parts, html[at:]])
