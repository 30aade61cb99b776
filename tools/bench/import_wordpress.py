"""Moving in from WordPress: 600 posts with 1,500 comments, once undisturbed and once killed.

The bars: 60 seconds and 300 MB; after a kill in the middle, complete and nothing double.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.factories.wordpress import large_export

POSTS, COMMENTS = 600, 1_500
MOST_SECONDS, MOST_MB = 60, 300
MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "SITE_MODE": "demo", "DATA_DIR": str(data)}


def start(data: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 (our own program, our own words)
        [*MANAGE, *arguments], env=environment(data), stdout=quiet, stderr=quiet
    )


def count(data: Path, table: str) -> int:
    with sqlite3.connect(f"file:{data}/db.sqlite3?mode=ro", uri=True) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def undisturbed(folder: Path, export: Path) -> bool:
    data = folder / "whole"
    start(data, "migrate", "-v0").wait()
    began = time.monotonic()
    code = start(data, "import_wordpress", str(export)).wait()
    seconds = time.monotonic() - began
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{POSTS} posts, {COMMENTS} comments: {seconds:.1f} s, {megabytes:.0f} MB, exit {code}")
    return code == 0 and seconds < MOST_SECONDS and megabytes < MOST_MB and is_complete(data)


def killed(folder: Path, export: Path) -> bool:
    data = folder / "killed"
    start(data, "migrate", "-v0").wait()
    for share in (4, 2):
        process = start(data, "import_wordpress", str(export))
        while process.poll() is None and count(data, "pages_article") < POSTS // share:
            time.sleep(0.02)
        process.kill()
        process.wait()
        print(f"killed at {count(data, 'pages_article')} articles")
    code = start(data, "import_wordpress", str(export)).wait()
    print(f"and run again: {count(data, 'pages_article')} articles, exit {code}")
    return code == 0 and is_complete(data)


def is_complete(data: Path) -> bool:
    found = count(data, "pages_article"), count(data, "consultations_comment")
    if found != (POSTS, COMMENTS):
        print(f"expected {POSTS} and {COMMENTS}, found {found}")
    return found == (POSTS, COMMENTS)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.xml"
        export.write_bytes(large_export(POSTS, COMMENTS))
        is_fine = undisturbed(folder, export) and killed(folder, export)
    print("fine" if is_fine else "a bar was missed")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
