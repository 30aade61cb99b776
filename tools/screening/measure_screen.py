"""How well the comment screen tells spam from genuine comments, on labelled lines."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tools.screening.measure import Bench, Tally, table_lines
from tools.screening.train_screen import OWN_EXAMPLES, load


class Command(BaseCommand):
    help = "Prints precision, recall, F1 and genuine comments lost, by source."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="source, label, content a line")
        parser.add_argument(
            "--shipped",
            action="store_true",
            help="only judge these lines with the shipped weights: for data they never saw",
        )

    def handle(self, *args: Any, files: list[Path], shipped: bool, **options: Any) -> None:
        if shipped:
            bench = Bench(load(files))
            self._show("The shipped weights", bench.tally(range(len(bench.examples)), None))
            return
        bench = Bench(load([*files, OWN_EXAMPLES]))
        self._show("For comparison: more than two links are spam", bench.by_counting_links())
        self._show("Validation, two tenths; trained on six", bench.validated())
        self._show("Held back, two other tenths; the same weights", bench.held_back())
        self._show("In turn, each fifth by the other four", bench.in_turn())
        self._show("Each source by weights from the others only", bench.by_strangers())

    def _show(self, title: str, table: dict[str, Tally]) -> None:
        self.stdout.write("\n".join([title, *table_lines(table), "", ""]))


if __name__ == "__main__":
    Command().run_from_argv(["tools", "measure_screen", *sys.argv[1:]])
