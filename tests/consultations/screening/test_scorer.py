"""The shipped weights: small, readable, reproducible."""

import json
import re

import pytest

from consultations.screening import scorer
from tools.screening.train import OWN_EXAMPLES, load

MODEL_TEXT = scorer.MODEL_PATH.read_text(encoding="utf-8")


def test_model_file_is_small_and_states_its_sources() -> None:
    data = json.loads(MODEL_TEXT)
    assert len(MODEL_TEXT.encode("utf-8")) < 400_000
    assert set(data) == {"format", "about", "made_from", "bias", "weights"}
    assert set(data["made_from"]) == {"counselchat", "ours", "sms", "youtube"}


def test_model_file_contains_no_text() -> None:
    names = json.loads(MODEL_TEXT)["weights"]
    assert {name.split(":")[0] for name in names} <= set("wbhsauefx")
    assert not [name for name in names if len(name) > 50 or " " in name]
    # No phone or house number: digits are replaced by 0.
    words = [name[2:] for name in names if name[:2] in ("w:", "b:")]
    assert not [word for word in words if re.search(r"[1-9]", word)]


def test_model_round_trips() -> None:
    text = scorer.serialize_model({"": -1.0, "w:a": 0.5}, made_from={"ours": 2})
    read = scorer.parse_model(text)
    assert (read.bias, read.weights) == (-1.0, {"w:a": 0.5})


def test_unknown_model_format_is_rejected() -> None:
    with pytest.raises(ValueError, match="format 9"):
        scorer.parse_model(json.dumps({"format": 9, "bias": 0, "weights": {}}))


def test_no_genuine_example_is_classified_as_spam() -> None:
    from consultations.screening.classifier import classify

    lost = [
        example.submission.text
        for example in load([OWN_EXAMPLES])
        if not example.is_spam and classify(example.submission).verdict == "spam"
    ]
    assert lost == []
