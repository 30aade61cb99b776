"""How good the scorer is: precision, recall, F1 and genuine comments lost, by source. Pure.

Only the verdict "spam" counts as spam; what is held waits for a person like everything else.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from consultations.screening.judge import SPAM, judge
from consultations.screening.reading import Submission
from consultations.screening.scorer import Model
from tools.screening.train import Example, facts_of, train

FOLDS = 5


class BadExample(ValueError):
    """A line of labelled data that cannot be used."""


@dataclass
class Tally:
    """One row of the table."""

    caught: int = 0
    missed: int = 0
    lost: int = 0  # genuine, yet put into spam
    kept: int = 0

    def add(self, is_spam: bool, said_spam: bool) -> None:
        if is_spam:
            self.caught += said_spam
            self.missed += not said_spam
        else:
            self.lost += said_spam
            self.kept += not said_spam

    @property
    def precision(self) -> float:
        return _share(self.caught, self.caught + self.lost)

    @property
    def recall(self) -> float:
        return _share(self.caught, self.caught + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.caught, 2 * self.caught + self.lost + self.missed)

    @property
    def lost_share(self) -> float:
        return _share(self.lost, self.lost + self.kept)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def read_examples(lines: Iterable[str]) -> Iterator[Example]:
    """JSON lines with ``source``, ``label`` (spam, ham), ``content`` and maybe the other fields."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            is_spam = {"spam": True, "ham": False}[row["label"]]
            sent = Submission(
                text=row["content"],
                name=row.get("author") or "",
                email=row.get("email") or "",
                url=row.get("url") or "",
            )
            yield Example(sent, is_spam, str(row["source"]))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise BadExample(f"line {number}: {type(fault).__name__}") from None


class Bench:
    """Examples with their features, read once, for several ways of splitting them."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.facts = [facts_of(example) for example in examples]
        self.parts = [example.part for example in examples]

    def trained_on(self, numbers: Iterable[int]) -> Model:
        weights = train([(self.facts[n], self.examples[n].is_spam) for n in numbers])
        return Model(weights=weights, bias=weights.pop(""))

    def tally(self, numbers: Iterable[int], scorer: Model | None) -> dict[str, Tally]:
        table: dict[str, Tally] = {}
        self._count(table, numbers, scorer)
        return table

    def _count(self, table: dict[str, Tally], numbers: Iterable[int], scorer: Model | None) -> None:
        for n in numbers:
            example = self.examples[n]
            said_spam = judge(example.submission, scorer=scorer).verdict == SPAM
            for name in (example.source, "all"):
                table.setdefault(name, Tally()).add(example.is_spam, said_spam)

    def _where(self, *parts: int) -> list[int]:
        return [n for n, part in enumerate(self.parts) if part in parts]

    def held_back(self) -> dict[str, Tally]:
        """Trained on six tenths, judged on two tenths that nothing was chosen by."""
        return self.tally(self._where(8, 9), self.trained_on(self._where(0, 1, 2, 3, 4, 5)))

    def validated(self) -> dict[str, Tally]:
        """The same weights on the two tenths by which thresholds and vocabulary were chosen."""
        return self.tally(self._where(6, 7), self.trained_on(self._where(0, 1, 2, 3, 4, 5)))

    def in_turn(self) -> dict[str, Tally]:
        """Every example judged once, by weights that were trained without its fifth."""
        table: dict[str, Tally] = {}
        for fold in range(FOLDS):
            test = self._where(2 * fold, 2 * fold + 1)
            self._count(
                table, test, self.trained_on(sorted(set(range(len(self.parts))) - set(test)))
            )
        return table

    def by_strangers(self) -> dict[str, Tally]:
        """Each source judged by weights that never saw anything of it."""
        table: dict[str, Tally] = {}
        for source in sorted({example.source for example in self.examples}):
            test = [n for n, one in enumerate(self.examples) if one.source == source]
            rest = [n for n, one in enumerate(self.examples) if one.source != source]
            self._count(table, test, self.trained_on(rest))
        return table

    def by_counting_links(self) -> dict[str, Tally]:
        """What this is to beat: more than two links are spam."""
        table: dict[str, Tally] = {}
        for example in self.examples:
            said = example.submission.text.count("http") > 2
            for name in (example.source, "all"):
                table.setdefault(name, Tally()).add(example.is_spam, said)
        return table


def table_lines(table: dict[str, Tally]) -> list[str]:
    lines = ["source          spam   ham  precision  recall     F1  genuine in spam"]
    for name in sorted(table, key=lambda name: (name == "all", name)):
        one = table[name]
        lines.append(
            f"{name:<14} {one.caught + one.missed:>5} {one.lost + one.kept:>5}"
            f"  {one.precision:>9.3f}  {one.recall:>6.3f}  {one.f1:>5.3f}"
            f"  {one.lost:>4} ({100 * one.lost_share:.2f} %)"
        )
    return lines
