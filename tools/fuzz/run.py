"""What a stranger with tools would try, on a copy of the site and on the loopback address only.

    python -m tools.fuzz.run fuzz [--count N] [--seed N] [--sqlite | --postgresql]
    python -m tools.fuzz.run scan [--seconds N]

Prints what was found; ends with 1 when that is anything. Run by ``make fuzz`` and ``make scan``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(description="Try what a stranger would, on a copy.")
    kinds = parser.add_subparsers(dest="what", required=True)
    fuzz = kinds.add_parser("fuzz", help="odd requests to every form, header and address")
    fuzz.add_argument("--count", type=int, default=3000, help="as a stranger, and as the owner")
    fuzz.add_argument("--seed", type=int, default=1)
    only = fuzz.add_mutually_exclusive_group()
    for name in DATABASES:
        only.add_argument(f"--{name}", action="store_true")
    fuzz.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    scan = kinds.add_parser("scan", help="wapiti, sqlmap and the rules of Mozilla's Observatory")
    scan.add_argument("--seconds", type=int, default=60, help="for each attack and each target")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="practice-scan.") as scratch:
        if options.what == "scan":
            from tools.fuzz.scanners import scan as scan_copies

            return 1 if scan_copies(Path(scratch), seconds=options.seconds) else 0
        if options.here:
            return fuzz_here(Path(scratch), options)
        wanted = [name for name in DATABASES if getattr(options, name)] or list(DATABASES)
        return max(in_its_own_process(name) for name in wanted)


def in_its_own_process(name: str) -> int:
    print(f"{name}:", flush=True)
    command = [sys.executable, "-m", "tools.fuzz.run", *sys.argv[1:], "--here"]
    if name == "postgresql":
        command = [str(PROJECT / "bin" / "postgres-for-tests"), "run", *command]
    with tempfile.TemporaryDirectory(prefix="practice-scan.") as data:
        known = ("PATH", "HOME", "LANG", "PG_BIN")
        kept = {key: os.environ[key] for key in known if key in os.environ}
        return subprocess.run(command, cwd=PROJECT, env={**kept, "DATA_DIR": data}).returncode


def fuzz_here(scratch: Path, options: argparse.Namespace) -> int:
    from tools.fuzz.fuzzing import fuzz

    url = os.environ.get("DATABASE_URL", "")
    faults = fuzz(scratch, count=options.count, seed=options.seed, database_url=url)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
