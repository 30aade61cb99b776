"""Checks that the list of mutants agrees with the code and with docs/test-suite.md."""

import ast
import inspect
from importlib import import_module
from operator import attrgetter

import pytest

from tests.mutants import MUTANTS, PROJECT

TEST_SUITE_DOC = (PROJECT / "docs" / "test-suite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_broken_version_replaces_an_existing_function(mutant):
    module = import_module(mutant.target.partition(":")[0])
    function = attrgetter(mutant.qualified_name)(module)
    original, *parameters = inspect.signature(mutant.broken).parameters.values()
    assert original.name == "original"
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    # The signature of the function itself, not of its decorators.
    expected = list(inspect.signature(inspect.unwrap(function)).parameters)
    assert expected[: len(positional)] == positional
    assert set(names) <= set(expected)
    is_open = any(p.kind is p.VAR_KEYWORD for p in parameters)
    assert is_open or names == expected


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_broken_version_can_be_installed(mutant):
    source = (PROJECT / mutant.file).read_text(encoding="utf-8")
    mutated = mutant.mutate(source)
    compile(mutated, mutant.file, "exec")
    assert f"\n{mutant.qualified_name} = _mutant\n" in mutated
    assert mutated.replace(mutant.replacement_source(), "") == source


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_broken_version_differs_from_the_function(mutant):
    """It must do more than pass its arguments on to the original."""
    function = ast.parse(inspect.getsource(mutant.broken)).body[0]
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    assert list(map(ast.unparse, function.body)) != [f"return original({', '.join(names[1:])})"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.promise)
def test_mutant_is_documented_with_its_test(mutant):
    file, _separator, name = mutant.test.partition("::")
    source = (PROJECT / file).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in source
    test = ", ".join(filter(None, (file.rpartition("/")[2], name)))
    where = mutant.target.replace(":", ".")
    assert f"| {mutant.promise} | `{where}` | `{test}` |" in TEST_SUITE_DOC
