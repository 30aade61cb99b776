"""The list of mutants speaks of the code as it is, and the docs of the list as it is."""

from pathlib import Path

import pytest

from tests.mutants import MUTANTS, PROJECT

DOCS = (PROJECT / "docs" / "test-suite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_the_line_to_break_is_there_once(mutant):
    source = (PROJECT / mutant.file).read_text(encoding="utf-8")
    assert source.count(mutant.line) == 1
    assert mutant.broken not in source or not mutant.broken


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_its_test_is_there_and_the_docs_name_both(mutant):
    file, _gap, name = mutant.test.partition("::")
    source = (PROJECT / file).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in source
    assert mutant.promise in DOCS
    assert Path(file).name in DOCS
