"""References as lines for editing and as a list for readers."""

import pytest

from pages.text.references import number_references, reference_lines, references_html


def test_lines_become_a_numbered_list() -> None:
    lines = "Walker, M. *Why We Sleep*. 2017.\n\nRest: https://example.org/a?b=1&c=2. <b>"
    assert references_html(lines) == (
        "<ol><li>Walker, M. <em>Why We Sleep</em>. 2017.</li><li>Rest: "
        '<a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>. '
        "&lt;b&gt;</li></ol>"
    )


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("", ""),
        ("<p>One <em>two</em></p><p>three</p>", "One *two*\nthree"),
        ("<ol><li><p>a</p></li><li>b &amp; c</li></ol>", "a\nb & c"),
        ('<p><a href="https://example.org/">a</a></p>', "a (https://example.org/)"),
        ('<p><a href="https://e.org/">https://e.org/</a></p>', "https://e.org/"),
        ('<p><a href="/fees/">Fees</a></p>', "Fees"),
    ],
)
def test_stored_references_are_shown_as_lines(html: str, lines: str) -> None:
    assert reference_lines(html) == lines


def test_what_was_typed_comes_back() -> None:
    lines = "A *b* c\nhttps://example.org/x"
    assert reference_lines(references_html(lines)) == lines


def test_each_reference_has_an_anchor() -> None:
    assert number_references("<ol><li>a</li><li>b</li></ol>") == (
        '<ol><li id="reference-1">a</li><li id="reference-2">b</li></ol>'
    )
