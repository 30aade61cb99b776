"""Tests for flattening deeply nested markup before it is parsed."""

from html.parser import HTMLParser

import pytest

from pages.text.cleaning import MAX_DEPTH, flatten_deep_markup


class DepthParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def handle_endtag(self, tag: str) -> None:
        self.now -= 1


def max_depth(html: str) -> int:
    reader = DepthParser()
    reader.feed(html)
    return reader.most


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "x-y", "x" * 100])
def test_nesting_is_limited(tag: str) -> None:
    """Parsing time grows with the square of the depth: 30,000 nested boxes took nine seconds."""
    html = f"<{tag} class=a>" * 30_000 + "words" + f"</{tag}>" * 30_000
    assert max_depth(html) == 30_000
    assert max_depth(flatten_deep_markup(html)) == MAX_DEPTH
    assert "words" in flatten_deep_markup(html)


def test_normal_nesting_is_unchanged() -> None:
    html = "<p>a<br>b" * 1000 + "<div>" * 100 + "c" + "</div>" * 100 + "<ul><li>d<li>e</ul>" * 1000
    assert flatten_deep_markup(html) == html
