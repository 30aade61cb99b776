"""The weights we ship: small, readable, ours to make again."""

import json
import re

import pytest

from consultations.screening import scorer
from consultations.screening.reading import Reading, Submission
from tools.screening import train as training
from tools.screening.train_screen import OWN_EXAMPLES, load

FILE = scorer.PATH.read_text(encoding="utf-8")


def test_the_file_is_small_and_says_what_it_is_made_from() -> None:
    data = json.loads(FILE)
    assert len(FILE.encode("utf-8")) < 400_000
    assert set(data) == {"format", "about", "made_from", "bias", "weights"}
    assert set(data["made_from"]) == {"counselchat", "ours", "sms", "youtube"}


def test_it_holds_common_words_and_shapes_and_no_text() -> None:
    names = json.loads(FILE)["weights"]
    assert {name.split(":")[0] for name in names} <= set("wbhsauefx")
    assert not [name for name in names if len(name) > 50 or " " in name]
    # No number of a phone or a house: digits are folded to a nought.
    words = [name[2:] for name in names if name[:2] in ("w:", "b:")]
    assert not [word for word in words if re.search(r"[1-9]", word)]


def test_what_was_written_can_be_read() -> None:
    text = scorer.write({"": -1.0, "w:a": 0.5}, made_from={"ours": 2})
    read = scorer.read(text)
    assert (read.bias, read.weights) == (-1.0, {"w:a": 0.5})


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 9"):
        scorer.read(json.dumps({"format": 9, "bias": 0, "weights": {}}))


def test_training_gives_the_same_file_each_time_and_tells_its_examples_apart() -> None:
    examples = load([OWN_EXAMPLES])[:120]
    rows = [(training.facts_of(one), one.is_spam) for one in examples]
    weights = training.train(rows)
    assert weights == training.train(rows)
    made = scorer.Model(weights=weights, bias=weights[""])
    right = sum(
        (made.weigh(Reading(one.submission)).score > 0.5) == one.is_spam for one in examples
    )
    assert right >= 0.95 * len(examples)


def test_a_rare_word_gets_no_weight_of_its_own() -> None:
    rows = [((("w:nowhere", 1.0),), True)] * (training.LEAST_SEEN - 1) + [((), False)]
    assert "w:nowhere" not in training.train(rows)


def test_equal_texts_are_on_one_side_of_every_split() -> None:
    parts = {
        training.Example(Submission(text=text), spam, source).part
        for text, spam, source in [("Hi, you!", True, "a"), ("hi you", False, "b")]
    }
    assert len(parts) == 1


def test_our_own_examples_name_nobody_and_no_real_host() -> None:
    for one in load([OWN_EXAMPLES]):
        assert re.fullmatch(r"(?:[\w.]+@[\w.-]+\.example)?", one.submission.email)
        assert not one.submission.url or ".example" in one.submission.url


def test_of_our_own_genuine_examples_none_is_lost() -> None:
    from consultations.screening.judge import judge

    lost = [
        one.submission.text
        for one in load([OWN_EXAMPLES])
        if not one.is_spam and judge(one.submission).verdict == "spam"
    ]
    assert lost == []
