"""Reasons to doubt a comment: codes that never quote it."""

import pytest

from consultations.screening.classifier import (
    HOLD_REASONS,
    REASONS,
    SPAM_REASONS,
    find_rule_reasons,
    scorer_reasons,
)
from consultations.screening.parsed_text import Reading, Submission
from consultations.screening.word_lists import Lists

LISTS = Lists(hold=("casino*", "bad credit"), spam=("buy pills",), brands=("acme shoes",))


def found(text="x", *, name="Sam", lists=LISTS, **history) -> list[str]:
    return find_rule_reasons(Reading(Submission(text=text, name=name)), lists, **history)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A kind thought", []),
        ("One link: https://a.example", []),
        ("https://a.example and http://b.example", ["links"]),
        ("www.a.example www.b.example", ["links"]),
        ("[url=x]a[/url] <a href=x>b</a>", ["links"]),
        ("HTTPS://A.EXAMPLE, Www.b.example", ["links"]),
        ("The casinos of the coast", ["listed_hold"]),
        ("c.a.s.i.n.o", ["listed_hold"]),
        ("c4sin0", ["listed_hold"]),
        ("Bad\u200b CREDÍT", ["listed_hold"]),
        ("c\u0430sino", ["listed_hold", "mixed_letters"]),
        ("Buy pills", ["listed_spam"]),
        ("buy no pills", []),
        ("Спасибо за статью", ["other_script"]),
        ("Спасибо, thank you for this article", []),
        ("שלום", ["other_script"]),
        ("👍👍👍", []),
    ],
)
def test_what_is_noticed_in_the_text(text, codes) -> None:
    assert found(text) == codes


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Sam", []),
        ("M. Com", []),
        ("best-pills.com", ["name_address"]),
        ("see www.x", ["name_address"]),
        ("Dr. Rubiz", []),
        ("שרה", []),
        ("ACME Shoes", ["name_brand"]),
        ("Casino Bob", ["listed_hold"]),
    ],
)
def test_what_is_noticed_in_the_name(name, codes) -> None:
    assert found(name=name) == codes


def test_a_phrase_does_not_reach_from_the_name_into_the_text() -> None:
    assert found("credit", name="Bad") == []


def test_what_came_before_is_noticed() -> None:
    assert found(repeats=1) == ["repeated"]
    assert found(from_here=3) == ["many_from_here"]
    assert found(from_here=2) == []


def test_a_site_in_another_alphabet_is_at_home_in_it() -> None:
    greek = Lists(scripts=frozenset({"greek"}))
    assert found("Καλημέρα σας", name="Άννα", lists=greek) == []
    assert found("Good morning to you", lists=greek) == ["other_script"]


def test_every_code_has_words_that_quote_nothing() -> None:
    assert set(REASONS) >= SPAM_REASONS | HOLD_REASONS
    assert all("%" not in str(words) for words in REASONS.values())


def test_what_the_scorer_saw_is_told_once_and_in_words() -> None:
    codes = scorer_reasons(("h:pharma", "s:links_2", "w:anything", "h:money", "s:phone"))
    assert codes == ["sells", "contact"]
    assert set(codes) <= set(REASONS)
