"""Reasons to doubt a comment: codes that never quote the text."""

import pytest

from consultations.screening.classifier import (
    HOLD_REASONS,
    REASONS,
    SPAM_REASONS,
    find_rule_reasons,
    scorer_reasons,
)
from consultations.screening.parsed_text import ParsedSubmission, Submission
from consultations.screening.word_lists import WordLists

WORD_LISTS = WordLists(hold=("casino*", "bad credit"), spam=("buy pills",), brands=("acme shoes",))


def reasons_for(text="x", *, name="Sam", lists=WORD_LISTS, **history) -> list[str]:
    return find_rule_reasons(ParsedSubmission(Submission(text=text, name=name)), lists, **history)


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
def test_reasons_found_in_text(text, codes) -> None:
    assert reasons_for(text) == codes


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
def test_reasons_found_in_name(name, codes) -> None:
    assert reasons_for(name=name) == codes


def test_phrase_does_not_span_name_and_text() -> None:
    assert reasons_for("credit", name="Bad") == []


def test_repeats_and_network_count_give_reasons() -> None:
    assert reasons_for(repeats=1) == ["repeated"]
    assert reasons_for(from_network=3) == ["many_from_here"]
    assert reasons_for(from_network=2) == []


def test_script_rule_follows_site_language() -> None:
    greek = WordLists(scripts=frozenset({"greek"}))
    assert reasons_for("Καλημέρα σας", name="Άννα", lists=greek) == []
    assert reasons_for("Good morning to you", lists=greek) == ["other_script"]


def test_every_reason_has_text_without_placeholders() -> None:
    assert set(REASONS) >= SPAM_REASONS | HOLD_REASONS
    assert all("%" not in str(words) for words in REASONS.values())


def test_scorer_reasons_are_unique_and_known() -> None:
    codes = scorer_reasons(("h:pharma", "s:links_2", "w:anything", "h:money", "s:phone"))
    assert codes == ["sells", "contact"]
    assert set(codes) <= set(REASONS)
