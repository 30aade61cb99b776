"""Train the weights of the comment screen from labelled lines; the same input gives the same file.

    .venv/bin/python -m tools.screening.train [labelled.jsonl ...] [--out FILE]

Logistic regression in plain Python. Weights of features that are rare in the data stay near a
value set by hand (``BY_HAND``): the labelled texts carry no names, addresses or websites, real
comments do. Run by ``make screen-train``.
"""

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from consultations.screening import scorer
from consultations.screening.parsed_text import ParsedSubmission, Submission
from consultations.screening.scorer import extract_features

OWN_EXAMPLES = Path(__file__).with_name("examples.jsonl")
SEED = 20_260_101
EPOCHS = 30
LEARNING_RATE = 0.35
DECAY = 0.002  # pull of every weight towards its initial value
MIN_COUNT = 3  # texts; a rarer word is no evidence, and might be a name
MIN_WEIGHT = 0.04  # smaller ones are not stored

BY_HAND = {
    "a:address": 2.0, "a:selling": 2.2, "a:phrase": 0.3, "a:long": 0.6, "a:digits": 0.3,
    "a:gibberish": 0.8, "u:given": 0.2, "u:selling": 1.8, "u:odd_ending": 0.8, "u:referral": 2.0,
    "u:shortener": 1.0, "u:deep": 0.6, "u:hyphens": 0.6, "u:digits": 0.4, "e:digits": 0.4,
    "e:selling": 0.8, "e:odd_ending": 0.4, "x:praise1_url": 0.8, "x:praise2_url": 1.8,
    "x:praise3_url": 2.6, "x:praise_link": 1.0, "x:topic_leads": 1.4, "x:topics": 0.8,
    "x:topic_offer": 1.0, "x:offer_leads": 0.8, "x:hire_contact": 2.6, "x:sells_in_fields": 0.8,
    "x:selling_name_url": 1.0, "x:short_url": 0.3, "x:other_script_leads": 0.8, "h:pharma": 1.0,
    "h:gambling": 1.0, "h:search_ranking": 1.0, "h:goods": 0.6, "h:money": 0.6, "h:crypto": 0.8,
    "h:adult": 0.7, "h:hire": 0.9, "h:praise": 0.1, "h:offer": 0.5, "h:channel": 2.6,
    "h:probe": 2.0, "s:bbcode": 1.4, "s:markup_link": 0.6, "s:spinning": 2.0, "s:shortener": 0.8,
    "s:referral": 1.0, "s:odd_link": 0.5, "s:selling_link": 1.2, "s:mixed_word": 1.0,
    "s:hidden": 0.4, "s:only_link": 0.8, "s:dense_links": 0.8, "s:links_2": 0.3, "s:links_3": 0.7,
    "s:links_4": 1.2, "s:excerpt": -0.5, "s:personal": -1.5, "s:own_3": -0.3,
    "h:mobile": 1.6, "s:short_code": 1.5, "s:rate": 2.0, "s:phone": 0.8, "s:two_numbers": 0.8,
    "s:money": 0.6, "h:help": -0.8, "x:help": -1.5, "x:prose_leads": -0.8, "f:form": -0.3,
    "a:trades_1": 0.7, "a:trades_2": 1.6, "a:in_path": 1.8, "a:lower_url": 0.8, "u:trades_1": 0.6,
    "u:trades_2": 1.0, "x:trades": 0.8, "x:praise_trades": 0.8,
    "f:channel": -0.8, "f:links_1": -1.2, "f:links_2": -1.0, "f:links_3": -0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    submission: Submission
    is_spam: bool
    source: str

    @property
    def part(self) -> int:
        """Return 0 to 9 by a hash of the words, so that equal texts are in the same split."""
        words = "".join(ParsedSubmission(self.submission).words)[:400]
        return int(sha256(words.encode("utf-8", "replace")).hexdigest()[:8], 16) % 10


class BadExample(ValueError):
    """A line of labelled data that cannot be used."""


def load(files: Iterable[Path]) -> list[Example]:
    """Read labelled files; exit with status 2 at the first line that cannot be used."""
    examples: list[Example] = []
    for path in files:
        try:
            with path.open(encoding="utf-8") as lines:
                examples += read_examples(lines)
        except (OSError, UnicodeDecodeError, BadExample) as error:
            print(f"{path}: {error}", file=sys.stderr)
            sys.exit(2)
    return examples


def read_examples(lines: Iterable[str]) -> Iterator[Example]:
    """Parse JSON lines with ``source``, ``label`` (spam, ham), ``content`` and optional fields."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            submission = Submission(
                text=row["content"],
                name=row.get("author") or "",
                email=row.get("email") or "",
                url=row.get("url") or "",
            )
            is_spam = {"spam": True, "ham": False}[row["label"]]
            yield Example(submission, is_spam, str(row["source"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadExample(f"line {number}: {type(error).__name__}") from None


Features = tuple[tuple[str, float], ...]


def example_features(example: Example) -> Features:
    return tuple(extract_features(ParsedSubmission(example.submission)).items())


def train(rows: Sequence[tuple[Features, bool]]) -> dict[str, float]:
    """Return the weights by feature name; "" is the bias."""
    counts = Counter(name for row, _spam in rows for name, _value in row)
    kept = {name for name, count in counts.items() if count >= MIN_COUNT}
    weights = {"": -1.5, **dict.fromkeys(kept, 0.0), **BY_HAND}
    initial = dict(weights)
    squares = dict.fromkeys(weights, 1.0)
    samples = [
        (tuple((name, value) for name, value in row if name in weights), spam) for row, spam in rows
    ]
    order = list(range(len(samples)))
    rng = random.Random(SEED)  # noqa: S311 - the same order in every run
    for _epoch in range(EPOCHS):
        rng.shuffle(order)
        for number in order:
            row, spam = samples[number]
            total = weights[""] + sum(weights[name] * value for name, value in row)
            error = _sigmoid(total) - spam
            for name, value in (("", 1.0), *row):
                gradient = error * value + DECAY * (weights[name] - initial[name])
                squares[name] += gradient * gradient
                weights[name] -= LEARNING_RATE * gradient / math.sqrt(squares[name])
    return {
        name: round(weight, 2)
        for name, weight in sorted(weights.items())
        if abs(weight) >= MIN_WEIGHT or name == ""
    }


def _sigmoid(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the comment screen; write its model file.")
    parser.add_argument("files", nargs="*", type=Path, help="JSON lines: source, label, content")
    parser.add_argument(
        "--out", type=Path, default=scorer.MODEL_PATH, help="where to write the model"
    )
    options = parser.parse_args()
    examples = load([*options.files, OWN_EXAMPLES])
    weights = train([(example_features(example), example.is_spam) for example in examples])
    made_from = dict(sorted(Counter(example.source for example in examples).items()))
    options.out.write_text(scorer.serialize_model(weights, made_from=made_from), encoding="utf-8")
    print(f"{len(examples)} examples, {len(weights)} weights: {options.out}")


if __name__ == "__main__":
    main()
