"""`make demo` on a machine whose Python is too old, or absent: a kind line instead of a stack."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def run_python_env(tmp_path, python):
    return subprocess.run(
        ["bin/python-env", "base"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(python), "VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_old_python_is_refused_with_instructions(tmp_path):
    old = tmp_path / "python3.10"
    old.write_text(
        "#!/bin/sh\n"
        '[ "$1" = --version ] && echo "Python 3.10.13" && exit 0\n'
        f'exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 13); $2"\n'
    )
    old.chmod(0o755)
    result = run_python_env(tmp_path, old)
    assert result.returncode == 1
    assert "Python 3.10.13; this site needs Python 3.11 or newer" in result.stderr
    assert "make demo PYTHON=" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_missing_python_is_reported(tmp_path):
    result = run_python_env(tmp_path, "python-that-is-not-here")
    assert result.returncode == 1
    assert "There is no python-that-is-not-here here" in result.stderr
