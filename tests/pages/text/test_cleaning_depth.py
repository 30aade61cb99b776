from html.parser import HTMLParser

import pytest

from pages.text.cleaning import MAX_DEPTH, flatten_deep_markup


class Deepest(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def handle_endtag(self, tag: str) -> None:
        self.now -= 1


def depth_of(html: str) -> int:
    reader = Deepest()
    reader.feed(html)
    return reader.most


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "x-y", "x" * 100])
def test_no_more_than_so_deep(tag: str) -> None:
    """A parser's time grows with the square of the depth: 30,000 boxes took nine seconds."""
    html = f"<{tag} class=a>" * 30_000 + "words" + f"</{tag}>" * 30_000
    assert depth_of(html) == 30_000
    assert depth_of(flatten_deep_markup(html)) == MAX_DEPTH
    assert "words" in flatten_deep_markup(html)


def test_what_is_no_deeper_than_a_page_stays_as_it_is() -> None:
    html = "<p>a<br>b" * 1000 + "<div>" * 100 + "c" + "</div>" * 100 + "<ul><li>d<li>e</ul>" * 1000
    assert flatten_deep_markup(html) == html
