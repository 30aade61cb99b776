"""Tables of running text, ready to stack on a small screen. Pure."""

import re
from html import escape, unescape

TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<(th|td)[^>]*>(.*?)</\1>", re.DOTALL)
CAPTION = re.compile(r"\s*<caption>.*?</caption>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def stacking_tables(html: str) -> str:
    """Clean markup in; tables with a heading row come out with a label on each cell.

    The editor writes the heading row as the first row of the body. Tables with joined cells or
    tables inside tables stay as they are.
    """
    return TABLE.sub(lambda match: _labelled(match[1]) or match[0], html)


def _labelled(inner: str) -> str:
    if "<table" in inner or "span=" in inner:
        return ""
    rows = [CELL.findall(row) for row in ROW.findall(inner)]
    if len(rows) < 2 or not rows[0] or any(tag == "td" for tag, _text in rows[0]):
        return ""
    labels = [_words(text) for _tag, text in rows[0]]
    if any(len(row) != len(labels) for row in rows):
        return ""
    head = "".join(f'<th scope="col">{text}</th>' for _tag, text in rows[0])
    body = "".join(f"<tr>{_cells(row, labels)}</tr>" for row in rows[1:])
    caption = CAPTION.match(inner)
    return (
        f'<table class="stacking-table">{caption[0].strip() if caption else ""}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cells(row: list[tuple[str, str]], labels: list[str]) -> str:
    return "".join(
        f'<th scope="row">{text}</th>'
        if tag == "th"
        else f'<td data-label="{escape(label)}">{text}</td>'
        for (tag, text), label in zip(row, labels, strict=True)
    )


def _words(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", html)).split())
