"""The list of mutants speaks of the code as it is, and the docs of the list as it is."""

from pathlib import Path

import pytest

from tests.mutants import MUTANTS, PROJECT

TEST_SUITE_DOC = (PROJECT / "docs" / "test-suite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_mutated_line_occurs_once(mutant):
    source = (PROJECT / mutant.file).read_text(encoding="utf-8")
    assert source.count(mutant.line) == 1
    assert mutant.broken not in source or not mutant.broken


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_mutant_test_exists_and_is_documented(mutant):
    file, _gap, name = mutant.test.partition("::")
    source = (PROJECT / file).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in source
    assert mutant.promise in TEST_SUITE_DOC
    assert Path(file).name in TEST_SUITE_DOC
