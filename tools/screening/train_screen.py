"""Learn the weights of the comment screen from labelled lines; the same input, the same file."""

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultations.screening import scorer
from tools.screening import train as training
from tools.screening.measure import BadExample, read_examples

OWN_EXAMPLES = Path(__file__).with_name("examples.jsonl")


class Command(BaseCommand):
    help = "Trains the comment screen on labelled JSON lines and writes its model file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="source, label, content a line")
        parser.add_argument("--out", type=Path, default=scorer.PATH, help="where the model goes")

    def handle(self, *args: Any, files: list[Path], out: Path, **options: Any) -> None:
        examples = load([*files, OWN_EXAMPLES])
        weights = training.train([(training.facts_of(one), one.is_spam) for one in examples])
        made_from = dict(sorted(Counter(one.source for one in examples).items()))
        out.write_text(scorer.write(weights, made_from=made_from), encoding="utf-8")
        self.stdout.write(f"{len(examples)} examples, {len(weights)} weights: {out}")


def load(files: list[Path]) -> list[training.Example]:
    found: list[training.Example] = []
    for path in files:
        try:
            with path.open(encoding="utf-8") as lines:
                found += read_examples(lines)
        except (OSError, UnicodeDecodeError, BadExample) as fault:
            raise CommandError(f"{path}: {fault}", returncode=2) from fault
    return found


if __name__ == "__main__":
    Command().run_from_argv(["tools", "train_screen", *sys.argv[1:]])
