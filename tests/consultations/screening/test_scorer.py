"""The weights we ship: small, readable, ours to make again."""

import json
import re

import pytest

from consultations.screening import scorer
from tools.screening.train import OWN_EXAMPLES, load

FILE = scorer.MODEL_PATH.read_text(encoding="utf-8")


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
    text = scorer.serialize_model({"": -1.0, "w:a": 0.5}, made_from={"ours": 2})
    read = scorer.parse_model(text)
    assert (read.bias, read.weights) == (-1.0, {"w:a": 0.5})


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 9"):
        scorer.parse_model(json.dumps({"format": 9, "bias": 0, "weights": {}}))


def test_no_genuine_example_is_classified_as_spam() -> None:
    from consultations.screening.classifier import judge

    lost = [
        one.submission.text
        for one in load([OWN_EXAMPLES])
        if not one.is_spam and judge(one.submission).verdict == "spam"
    ]
    assert lost == []
