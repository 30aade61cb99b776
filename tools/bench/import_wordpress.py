"""Measure the WordPress import with 600 posts and 1,500 comments, then kill it and resume.

It has to take less than 60 seconds and 300 MB, and to be complete without duplicates after kills.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.factories.wordpress import make_large_export

POSTS, COMMENTS = 600, 1_500
MAX_SECONDS, MAX_MB = 60, 300
MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "SITE_MODE": "demo", "DATA_DIR": str(data)}


def manage(data: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 (our own program and arguments)
        [*MANAGE, *arguments], env=environment(data), stdout=quiet, stderr=quiet
    )


def count(data: Path, table: str) -> int:
    with sqlite3.connect(f"file:{data}/db.sqlite3?mode=ro", uri=True) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def import_once(folder: Path, export: Path) -> bool:
    data = folder / "whole"
    manage(data, "migrate", "-v0").wait()
    began = time.monotonic()
    code = manage(data, "import_wordpress", str(export)).wait()
    seconds = time.monotonic() - began
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{POSTS} posts, {COMMENTS} comments: {seconds:.1f} s, {megabytes:.0f} MB, exit {code}")
    return code == 0 and seconds < MAX_SECONDS and megabytes < MAX_MB and is_complete(data)


def import_with_kills(folder: Path, export: Path) -> bool:
    data = folder / "killed"
    manage(data, "migrate", "-v0").wait()
    for share in (4, 2):
        process = manage(data, "import_wordpress", str(export))
        while process.poll() is None and count(data, "pages_article") < POSTS // share:
            time.sleep(0.02)
        process.kill()
        process.wait()
        print(f"killed at {count(data, 'pages_article')} articles")
    code = manage(data, "import_wordpress", str(export)).wait()
    print(f"and run again: {count(data, 'pages_article')} articles, exit {code}")
    return code == 0 and is_complete(data)


def is_complete(data: Path) -> bool:
    imported = count(data, "pages_article"), count(data, "consultations_comment")
    if imported != (POSTS, COMMENTS):
        print(f"expected {POSTS} and {COMMENTS}, found {imported}")
    return imported == (POSTS, COMMENTS)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.xml"
        export.write_bytes(make_large_export(POSTS, COMMENTS))
        passed = import_once(folder, export) and import_with_kills(folder, export)
    print("passed" if passed else "FAILED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
