"""The scanners, fetched by name into a scratch directory; nothing of them stays."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OBSERVATORY = "@mdn/mdn-http-observatory"


@dataclass(frozen=True)
class Tools:
    """Where each lies; None where it could not be had, with what was missing."""

    wapiti: Path | None = None
    sqlmap: Path | None = None
    observatory: Path | None = None
    missing: tuple[str, ...] = ()


def fetch(folder: Path) -> Tools:
    """SCAN_TOOLS names a directory that keeps them for the next time."""
    folder = Path(os.environ.get("SCAN_TOOLS") or folder / "tools")
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "wapiti": python_tool(folder, "wapiti3", "wapiti"),
        "sqlmap": python_tool(folder, "sqlmap", "sqlmap"),
        "observatory": observatory(folder),
    }
    return Tools(**found, missing=tuple(name for name, path in found.items() if path is None))


def python_tool(folder: Path, package: str, program: str) -> Path | None:
    venv = folder / program
    path = venv / "bin" / program
    if not path.exists():
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
        if not (quietly(sys.executable, "-m", "venv", venv) and quietly(venv / "bin/python", *pip)):
            return None
    return path if path.exists() else None


def observatory(folder: Path) -> Path | None:
    package = folder / "observatory" / "node_modules" / OBSERVATORY
    if not package.exists():
        if not shutil.which("npm"):
            return None
        # Its install script would fetch the browsers' preload list, which no local copy is in.
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        if not quietly(*npm, "--prefix", str(folder / "observatory"), OBSERVATORY):
            return None
        for name in ("hsts-preload.json", "tld-list.json"):
            (package / "conf" / name).write_text("{}", encoding="ascii")
    return package


def quietly(*command: str | Path) -> bool:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        print(f"    {done.stderr.strip().splitlines()[-1:] or ['']}", file=sys.stderr)
    return done.returncode == 0
