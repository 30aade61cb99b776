"""bin/python-env with a Python that is missing or too old: a helpful line, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def run_python_env(tmp_path, python, wanted="base"):
    return subprocess.run(
        ["bin/python-env", wanted],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(python), "VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("minor", "wanted", "output"),
    [
        (10, "base", "this site needs Python 3.11 or newer"),
        (11, "newest", "the newest Django needs Python 3.12 or newer"),
    ],
)
def test_old_python_is_refused_with_instructions(tmp_path, minor, wanted, output):
    old = tmp_path / f"python3.{minor}"
    old.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = --version ] && echo "Python 3.{minor}.9" && exit 0\n'
        f'exec {sys.executable} -c "import sys; sys.version_info = (3, {minor}, 9); $2"\n'
    )
    old.chmod(0o755)
    result = run_python_env(tmp_path, old, wanted)
    assert result.returncode == 1
    assert f"Python 3.{minor}.9; {output}" in result.stderr
    assert "make demo PYTHON=" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_missing_python_is_reported(tmp_path):
    result = run_python_env(tmp_path, "python-that-is-not-here")
    assert result.returncode == 1
    assert "There is no python-that-is-not-here here" in result.stderr
