"""Measure the comment screen: precision, recall, F1 and genuine comments in spam, by source.

    .venv/bin/python -m tools.screening.measure labelled.jsonl ... [--shipped]

Only the verdict "spam" counts as spam; what is held waits for a person like everything else.
Run by ``make screen-measure``.
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import django

from consultations.screening.scorer import Scorer
from tools.screening.train import OWN_EXAMPLES, Example, example_features, load, train

FOLDS = 5


@dataclass
class Tally:
    """Counts for one row of the table."""

    true_spam: int = 0
    missed_spam: int = 0
    false_spam: int = 0  # genuine, but classified as spam
    true_ham: int = 0

    def add(self, is_spam: bool, is_flagged: bool) -> None:
        if is_spam:
            self.true_spam += is_flagged
            self.missed_spam += not is_flagged
        else:
            self.false_spam += is_flagged
            self.true_ham += not is_flagged

    @property
    def precision(self) -> float:
        return _share(self.true_spam, self.true_spam + self.false_spam)

    @property
    def recall(self) -> float:
        return _share(self.true_spam, self.true_spam + self.missed_spam)

    @property
    def f1(self) -> float:
        return _share(2 * self.true_spam, 2 * self.true_spam + self.false_spam + self.missed_spam)

    @property
    def false_spam_rate(self) -> float:
        return _share(self.false_spam, self.false_spam + self.true_ham)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


class Evaluation:
    """Examples with their features, extracted once, for several ways of splitting them."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.features = [example_features(example) for example in examples]
        self.parts = [example.part for example in examples]

    def train_on(self, numbers: Iterable[int]) -> Scorer:
        weights = train([(self.features[n], self.examples[n].is_spam) for n in numbers])
        return Scorer(weights=weights, bias=weights.pop(""))

    def evaluate(self, numbers: Iterable[int], scorer: Scorer | None) -> dict[str, Tally]:
        table: dict[str, Tally] = {}
        self._add_results(table, numbers, scorer)
        return table

    def _add_results(
        self, table: dict[str, Tally], numbers: Iterable[int], scorer: Scorer | None
    ) -> None:
        from consultations.screening.classifier import SPAM, classify

        for n in numbers:
            example = self.examples[n]
            is_flagged = classify(example.submission, scorer=scorer).verdict == SPAM
            for name in (example.source, "all"):
                table.setdefault(name, Tally()).add(example.is_spam, is_flagged)

    def _in_parts(self, *parts: int) -> list[int]:
        return [n for n, part in enumerate(self.parts) if part in parts]

    def evaluate_holdout(self) -> dict[str, Tally]:
        """Train on six tenths; test on two tenths that no choice was based on."""
        return self.evaluate(self._in_parts(8, 9), self.train_on(self._in_parts(0, 1, 2, 3, 4, 5)))

    def evaluate_validation(self) -> dict[str, Tally]:
        """Test the same weights on the two tenths that thresholds and vocabulary are based on."""
        return self.evaluate(self._in_parts(6, 7), self.train_on(self._in_parts(0, 1, 2, 3, 4, 5)))

    def cross_validated(self) -> dict[str, Tally]:
        """Test every example once, with weights trained without its fifth."""
        table: dict[str, Tally] = {}
        for fold in range(FOLDS):
            test = self._in_parts(2 * fold, 2 * fold + 1)
            self._add_results(
                table, test, self.train_on(sorted(set(range(len(self.parts))) - set(test)))
            )
        return table

    def across_sources(self) -> dict[str, Tally]:
        """Test each source with weights trained on the other sources only."""
        table: dict[str, Tally] = {}
        for source in sorted({example.source for example in self.examples}):
            test = [n for n, example in enumerate(self.examples) if example.source == source]
            rest = [n for n, example in enumerate(self.examples) if example.source != source]
            self._add_results(table, test, self.train_on(rest))
        return table

    def baseline(self) -> dict[str, Tally]:
        """Classify by a rule to beat: more than two links are spam."""
        table: dict[str, Tally] = {}
        for example in self.examples:
            is_flagged = example.submission.text.count("http") > 2
            for name in (example.source, "all"):
                table.setdefault(name, Tally()).add(example.is_spam, is_flagged)
        return table


def format_table(table: dict[str, Tally]) -> list[str]:
    lines = ["source          spam   ham  precision  recall     F1  genuine in spam"]
    for name in sorted(table, key=lambda name: (name == "all", name)):
        tally = table[name]
        lines.append(
            f"{name:<14} {tally.true_spam + tally.missed_spam:>5}"
            f" {tally.false_spam + tally.true_ham:>5}"
            f"  {tally.precision:>9.3f}  {tally.recall:>6.3f}  {tally.f1:>5.3f}"
            f"  {tally.false_spam:>4} ({100 * tally.false_spam_rate:.2f} %)"
        )
    return lines


def show(title: str, table: dict[str, Tally]) -> None:
    print("\n".join([title, *format_table(table), ""]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the comment screen on labelled lines.")
    parser.add_argument("files", nargs="+", type=Path, help="JSON lines: source, label, content")
    parser.add_argument(
        "--shipped", action="store_true", help="test the shipped weights, on lines new to them"
    )
    options = parser.parse_args()
    os.environ |= {"SITE_MODE": "development", "DJANGO_SETTINGS_MODULE": "practice_site.settings"}
    django.setup()
    if options.shipped:
        evaluation = Evaluation(load(options.files))
        everything = range(len(evaluation.examples))
        show("The shipped weights", evaluation.evaluate(everything, None))
        return
    evaluation = Evaluation(load([*options.files, OWN_EXAMPLES]))
    show("For comparison: more than two links are spam", evaluation.baseline())
    show("Validation, two tenths; trained on six", evaluation.evaluate_validation())
    show("Held back, two other tenths; the same weights", evaluation.evaluate_holdout())
    show("Cross-validation, each fifth by the other four", evaluation.cross_validated())
    show("Each source by weights from the others only", evaluation.across_sources())


if __name__ == "__main__":
    main()
