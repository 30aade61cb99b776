"""Comment text as HTML: escaping, paragraphs, links."""

import re
from time import process_time

import pytest

from consultations.comments.rendering import comment_html
from tests.hostile_inputs import ACTIVE_MARKUP


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One line", '<p dir="auto">One line</p>'),
        ("One\ntwo", '<p dir="auto">One<br>two</p>'),
        ("One\n\ntwo", '<p dir="auto">One</p><p dir="auto">two</p>'),
        ("שלום", '<p dir="auto">שלום</p>'),
        ("https://a.example", '<p dir="auto">https://a.example</p>'),
        (
            "<script>alert(1)</script>",
            '<p dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</p>',
        ),
        ('"><img src=x onerror=y>', '<p dir="auto">&quot;&gt;&lt;img src=x onerror=y&gt;</p>'),
        ("", ""),
        ("\n\n \n\n", ""),
    ],
)
def test_text_renders_as_paragraphs_and_line_breaks(text, html) -> None:
    assert comment_html(text) == html


def link_html(address: str) -> str:
    return f'<a href="{address}" rel="nofollow ugc noopener">{address}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("https://a.example", link_html("https://a.example")),
        ("HTTP://A.example/x", link_html("HTTP://A.example/x")),
        ("see http://a.example/b?c=d&e=f#g.", f"see {link_html('http://a.example/b?c=d&amp;e=f#g')}."),
        ("(https://a.example/b)", f"({link_html('https://a.example/b')})"),
        ("https://a.example/b_(c)", link_html("https://a.example/b_(c)")),
        ("https://a.example/…", f"{link_html('https://a.example/')}…"),
        ("https://a.example:8443/", link_html("https://a.example:8443/")),
        ("בואו https://a.example עכשיו", f"בואו {link_html('https://a.example')} עכשיו"),
        ("https://a.example\nhttps://b.example",
         f"{link_html('https://a.example')}<br>{link_html('https://b.example')}"),
        ("https://a.example/'onmouseover=alert(1)",
         link_html("https://a.example/&#x27;onmouseover=alert(1)")),
    ],
)  # fmt: skip
def test_urls_become_links_when_enabled(text, html) -> None:
    drawn = comment_html(text, links=True).removeprefix('<p dir="auto">').removesuffix("</p>")
    assert drawn == html
    assert "<a" not in comment_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example",
        "//a.example",
        "www.a.example",
        "https://",
        "https://a",
        "https://user@a.example",
        "https://a.example@b.example/",
        "https://[::1]/",
        "https://[broken",
        "https://аррӏе.example",
        "https://a..example",
        "https://a.example'onmouseover=alert(1)",
        "https://a.example:port/",
        f"https://a.example/{'x' * 2000}",
        "mailto:a@b.example",
        "&#106;avascript:alert(1)",
    ],
)
def test_misleading_urls_stay_text(text) -> None:
    assert "<a" not in comment_html(text, links=True)
    assert comment_html(text, links=True) == comment_html(text)


@pytest.mark.parametrize("attack", ACTIVE_MARKUP)
def test_hostile_markup_is_escaped(attack) -> None:
    for text in (attack, f"https://a.example/{attack}", f"x\n\n{attack} https://a.example"):
        for links in (False, True):
            html = comment_html(text, links=links)
            tags = set(re.findall(r"<[^>]*>", html))
            allowed = {'<p dir="auto">', "</p>", "<br>", "</a>"}
            left = tags - allowed
            assert all(
                re.fullmatch(r'<a href="https?://[^"<>\s]*" rel="nofollow ugc noopener">', tag)
                for tag in left
            ), left


def test_rendering_time_is_linear() -> None:
    def seconds_for(text: str) -> float:
        begun = process_time()
        comment_html(text, links=True)
        return process_time() - begun

    pieces = ("https://a.example/(", "https://", "a.", "http://(((", "https://a.ex/.......", "-.")
    for piece in pieces:
        whole = (piece * 200_000)[:200_000]
        assert seconds_for(whole) < 2, piece


def test_emoji_render_unchanged() -> None:
    assert comment_html("👩" * 5000) == f'<p dir="auto">{"👩" * 5000}</p>'
