"""Measure the structure of the product and compare it with the marks.

    .venv/bin/python -m tools.structure [--requests] [--check]

The product is every non-empty Python file of PACKAGES without migrations. Lines are all lines of a
file; a function has the lines from its ``def`` to its last statement, nested functions and methods
count as well. Percentiles are by nearest rank. Run by ``make structure``.

``--requests`` also sends the requests of ``tests/request_scenarios.py`` on a throwaway SQLite
database. Queries are all statements of the first request on a fresh database, those that open and
close transactions included. Files passed are the product files with at least one function, method,
lambda or comprehension that runs while Django's test client waits for the answer to the second
request: middleware, view and template tags count; import-time code and class bodies do not.
"""

import argparse
import ast
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from types import FrameType
from typing import Any

from tools.import_graph import all_violations, cycles, dotted, files, tree


@dataclass(frozen=True)
class Row:
    """One measured number, with its mark where there is one: the highest value that is fine."""

    name: str
    value: int
    mark: int | None = None
    note: str = ""

    @property
    def is_missed(self) -> bool:
        return self.mark is not None and self.value > self.mark

    def line(self) -> str:
        mark = "" if self.mark is None else f"<= {self.mark:,}"
        state = "" if self.mark is None else "missed" if self.is_missed else "met"
        return f"{self.name:<34} {self.value:>7,}  {mark:>9}  {state:<6}  {self.note}".rstrip()


# "About 300" product files: a few more are fine.
MAX_FILES, MAX_LINES, MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_ANY = 310, 40_500, 600, 70, 150
# (files passed, queries)
REQUEST_MARKS = {"booking POST": (30, 25), "comment POST": (25, 16), "article GET": (20, 8)}


def product() -> list[Path]:
    return [path for path in files() if path.read_text(encoding="utf-8").strip()]


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def percentile(values: list[int], percent: int) -> int:
    """Return the smallest value that ``percent`` of the values do not exceed."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def function_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the length and the name of every function in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.end_lineno - node.lineno + 1, f"{dotted(path)}.{node.name}"


def uses_of_any(path: Path) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree(path)))


def static_rows() -> Iterator[Row]:
    paths = product()
    lengths = {dotted(path): line_count(path) for path in paths}
    lines = list(lengths.values())
    functions = [function for path in paths for function in function_lines(path)]
    sizes = [size for size, _name in functions]
    longest_file = max(lengths, key=lambda name: lengths[name])
    longest_function, function_name = max(functions)
    found_cycles, found_violations = cycles(), all_violations()
    yield Row("product files", len(paths), MAX_FILES, "about 300")
    yield Row("lines", sum(lines), MAX_LINES)
    yield Row("lines of a file: median", percentile(lines, 50))
    yield Row("lines of a file: p90", percentile(lines, 90))
    yield Row("lines of a file: longest", max(lines), MAX_FILE_LINES, longest_file)
    yield Row("lines of a function: median", percentile(sizes, 50))
    yield Row("lines of a function: p95", percentile(sizes, 95))
    note = f"{function_name}; {sum(size > MAX_FUNCTION_LINES for size in sizes)} above the mark"
    yield Row("lines of a function: longest", longest_function, MAX_FUNCTION_LINES, note)
    yield Row("import cycles", len(found_cycles), 0, "; ".join(map(" - ".join, found_cycles)))
    yield Row("imports up", len(found_violations), 0, "; ".join(found_violations))
    yield Row("uses of Any", sum(map(uses_of_any, paths)), MAX_ANY)


def request_rows() -> Iterator[Row]:
    """Yield files passed and queries of each request; Django must not be set up before."""
    with tempfile.TemporaryDirectory(prefix="practice-structure.") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATA_DIR": folder}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.db import connection
        from django.test.utils import setup_test_environment

        from tests.request_scenarios import SCENARIOS, count_queries, scenario

        setup_test_environment()
        connection.creation.create_test_db(verbosity=0)
        for name in SCENARIOS:
            max_files, max_queries = REQUEST_MARKS[name]
            with scenario(name) as send:
                queries = count_queries(send)
                passed = files_passed(send)
            yield Row(f"{name}: files passed", len(passed), max_files)
            yield Row(f"{name}: queries", queries, max_queries)
        connection.close()


def files_passed(call: Callable[[], object]) -> set[Path]:
    """Return the product files with a function that runs during the call."""
    ran: set[str] = set()

    def profile(frame: FrameType, event: str, _arg: Any) -> None:
        # Functions have the flag, modules and class bodies have not.
        if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            ran.add(frame.f_code.co_filename)

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    return {path for path in product() if str(path) in ran}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the structure of the product.")
    parser.add_argument("--requests", action="store_true", help="also measure typical requests")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a mark is missed")
    options = parser.parse_args()
    rows = [*static_rows(), *(request_rows() if options.requests else ())]
    print(f"{'':<34} {'now':>7}  {'mark':>9}")
    for row in rows:
        print(row.line())
    missed = sum(row.is_missed for row in rows)
    print(f"{missed} of {sum(row.mark is not None for row in rows)} marks missed")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
