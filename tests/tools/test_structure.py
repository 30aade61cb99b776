"""tools/structure.py measures what its docstring says."""

import pytest

from consultations.screening import scorer
from tools import structure


def test_percentile_is_by_nearest_rank():
    assert structure.percentile([3, 1, 2, 4], 50) == 2
    assert structure.percentile(list(range(1, 101)), 95) == 95
    assert structure.percentile([7], 90) == 7


def test_files_passed_are_those_with_a_function_that_runs():
    assert structure.files_passed(lambda: None) == set()
    passed = structure.files_passed(lambda: scorer.probability(0))
    assert [path.name for path in passed] == ["scorer.py"]


def test_nested_functions_and_methods_count(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.import_graph.PROJECT", tmp_path)
    path = tmp_path / "some.py"
    path.write_text("class A:\n    def b(self):\n        def c():\n            pass\n", "utf-8")
    assert list(structure.function_lines(path)) == [(3, "some.b"), (2, "some.c")]


@pytest.mark.parametrize(
    ("value", "mark", "is_missed"), [(5, 5, False), (6, 5, True), (6, None, False)]
)
def test_mark_is_the_highest_value_that_is_fine(value, mark, is_missed):
    assert structure.Row("x", value, mark).is_missed == is_missed


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--check"], 1)])
def test_missed_mark_fails_only_a_check(arguments, code, monkeypatch, capsys):
    monkeypatch.setattr(structure, "static_rows", lambda: [structure.Row("files", 2, 1)])
    monkeypatch.setattr("sys.argv", ["structure", *arguments])
    assert structure.main() == code
    assert "1 of 1 marks missed" in capsys.readouterr().out
