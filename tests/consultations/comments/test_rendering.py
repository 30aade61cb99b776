import pytest

from consultations.comments.rendering import comment_html


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
def test_paragraphs_line_breaks_and_nothing_else(text, html) -> None:
    assert comment_html(text) == html
