"""Race real servers: many visitors book one time at once, on SQLite and on PostgreSQL.

    python -m tools.races.run [--short] [--sqlite | --postgresql]

Starts gunicorn as in production, on the loopback address and a throwaway database, without rate
limits. Prints the figures and exits with 1 on any double booking or error. Run by ``make races``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# (how many at once, rounds, pairs)
FULL = (200, 20, 50)
SHORT = (30, 2, 5)


def main() -> int:
    parser = argparse.ArgumentParser(description="Race real servers for one time slot.")
    parser.add_argument("--short", action="store_true", help="a few rounds, for every change")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--sqlite", action="store_true")
    only.add_argument("--postgresql", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return race(options.short)
    with tempfile.TemporaryDirectory(prefix="practice-races.") as scratch:
        wanted = [
            name
            for name in ("sqlite", "postgresql")
            if getattr(options, name) or not (options.sqlite or options.postgresql)
        ]
        return max(run_on(name, Path(scratch) / name, options.short) for name in wanted)


def run_on(name: str, data: Path, short: bool) -> int:
    """Start this module again with the environment of one database; return its exit code."""
    print(f"{name}:", flush=True)
    data.mkdir()
    command = [sys.executable, "-m", "tools.races.run", "--here"]
    command += ["--short"] if short else []
    if name == "postgresql":
        command = [str(PROJECT / "bin" / "postgres-for-tests"), "run", *command]
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "PG_BIN") if key in os.environ}
    return subprocess.run(command, cwd=PROJECT, env={**kept, "DATA_DIR": str(data)}).returncode  # noqa: S603


def race(short: bool) -> int:
    from tests.served_site import running_site

    data = Path(os.environ["DATA_DIR"])
    with running_site(data, DATABASE_URL=os.environ.get("DATABASE_URL", "")) as site:
        os.environ.update(site.env)
        import django

        django.setup()
        from tools.races.scenarios import Races

        size, rounds, pairs = SHORT if short else FULL
        faults = 0
        for result in Races(site.port, size=size, rounds=rounds, pairs=pairs).all():
            print(result.summary(), flush=True)
            faults += len(result.faults)
            for fault in result.faults[:10]:
                print(f"    {fault}")
        errors = [line for line in site.log.read_text().splitlines() if '"ERROR"' in line]
        for line in errors[:10]:
            print(f"    log: {line[:400]}")
    return 1 if errors or faults else 0


if __name__ == "__main__":
    sys.exit(main())
