"""Training the comment screen is reproducible and ignores rare words and names."""

import re

import pytest

from consultations.screening.parsed_text import ParsedSubmission, Submission
from consultations.screening.scorer import Scorer
from tools.screening import measure
from tools.screening.train import (
    MIN_COUNT,
    OWN_EXAMPLES,
    Example,
    example_features,
    load,
    train,
)


def test_training_is_reproducible_and_separates_its_examples() -> None:
    examples = load([OWN_EXAMPLES])[:120]
    rows = [(example_features(example), example.is_spam) for example in examples]
    weights = train(rows)
    assert weights == train(rows)
    made = Scorer(weights=weights, bias=weights[""])
    right = sum(
        (made.collect_evidence(ParsedSubmission(example.submission)).score > 0.5) == example.is_spam
        for example in examples
    )
    assert right >= 0.95 * len(examples)


def test_rare_word_gets_no_weight() -> None:
    rows = [((("w:nowhere", 1.0),), True)] * (MIN_COUNT - 1) + [((), False)]
    assert "w:nowhere" not in train(rows)


def test_equal_texts_are_in_the_same_split() -> None:
    parts = {
        Example(Submission(text=text), is_spam, source).part
        for text, is_spam, source in [("Hi, you!", True, "a"), ("hi you", False, "b")]
    }
    assert len(parts) == 1


def test_own_examples_hold_no_real_address_or_host() -> None:
    for example in load([OWN_EXAMPLES]):
        assert re.fullmatch(r"(?:[\w.]+@[\w.-]+\.example)?", example.submission.email)
        assert not example.submission.url or ".example" in example.submission.url


def test_unusable_line_is_named(tmp_path, capsys) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('\n{"source": "x", "label": "maybe", "content": "a"}\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="2"):
        load([data])
    assert capsys.readouterr().err == f"{data}: line 2: KeyError\n"


def test_tally_counts_genuine_comments_in_spam() -> None:
    tally = measure.Tally()
    for is_spam, is_flagged in [(True, True), (True, False), (False, True), (False, False)]:
        tally.add(is_spam, is_flagged)
    assert (tally.precision, tally.recall, tally.f1) == (0.5, 0.5, 0.5)
    assert tally.false_spam_rate == 0.5
    assert measure.format_table({"ours": tally})[1].split() == [
        *("ours", "2", "2", "0.500", "0.500", "0.500", "1", "(50.00", "%)")
    ]
