"""Reasons to doubt a comment: codes that never quote it."""

import pytest

from consultations.screening.rules import REASONS, SPAM, is_spam, reasons


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A kind thought", []),
        ("One link: https://a.example", []),
        ("https://a.example and http://b.example", ["links"]),
        ("www.a.example www.b.example", ["links"]),
        ("[url=x]a[/url] <a href=x>b</a>", ["links"]),
        ("HTTPS://A.EXAMPLE, Www.b.example", ["links"]),
    ],
)
def test_two_links_or_more_are_noticed(text, found) -> None:
    assert reasons(name="Sam", text=text) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Sam", []),
        ("M. Com", []),
        ("best-pills.com", ["name_address"]),
        ("see www.x", ["name_address"]),
        ("Dr. Rubiz", []),
        ("שרה", []),
    ],
)
def test_a_name_that_is_an_address_is_noticed(name, found) -> None:
    assert reasons(name=name, text="x") == found


def test_which_marks_send_a_comment_to_spam() -> None:
    assert is_spam(["honeypot"])
    assert is_spam(["no_time", "links"])
    assert not is_spam(["no_time"])
    assert not is_spam([])


def test_every_code_has_words() -> None:
    assert set(REASONS) >= SPAM
