"""Check that response times do not reveal which logins exist.

    .venv/bin/python -m tools.bench.login_timing [tries]

Makes 200 failed sign-ins each for a login that exists, one that does not, and one without a
password, in random order, with the real password hasher and the whole request: rate limits, login,
hashing, audit row, template. A Mann-Whitney test compares the times. As a control it has to find
the difference when the hashing is left out for the unknown name.
"""

import os
import random
import re
import sys
import tempfile
from collections import defaultdict
from math import erfc, sqrt
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

TRIES = 200
LIMIT = 0.01
KNOWN, UNKNOWN, NO_PASSWORD = "robin-hart", "robin-hall", "robin-hill"


def set_up_django(folder: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "practice_site.settings"}
    os.environ |= {"SITE_MODE": "development", "DATA_DIR": folder, "LOG_LEVEL": "CRITICAL"}
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command

    settings.DEBUG = False  # with it Django keeps every query in memory
    settings.RATE_LIMIT_SCALE = 1e6  # still counted, never reached
    call_command("migrate", verbosity=0)
    User.objects.create_superuser(KNOWN, "robin@example.org", "a long quiet river")
    User.objects.create_superuser(NO_PASSWORD, "hill@example.org", password=None)


def measure(names: tuple[str, ...], tries: int) -> tuple[dict[str, list[float]], set[bytes]]:
    """Return seconds by name, and the distinct pages without CSRF token and typed name."""
    from django.conf import settings
    from django.test import Client

    # Equal lengths, so that the pages can be compared byte by byte.
    order = [name for name in names for _ in range(tries)]
    random.shuffle(order)
    taken: dict[str, list[float]] = defaultdict(list)
    pages: set[bytes] = set()
    for name in order:
        client: Any = Client(HTTP_HOST="localhost")
        fields = {"login": name, "password": "not the password"}
        began = perf_counter()
        response = client.post(f"/{settings.ADMIN_PATH}login/", fields)
        taken[name].append(perf_counter() - began)
        page = re.sub(rb'(csrfmiddlewaretoken" value=")[^"]*', rb"\1", response.content)
        pages.add(page.replace(name.encode(), b""))
    return taken, pages


def p_value(first: list[float], second: list[float]) -> float:
    """Return p of a two-sided Mann-Whitney test; the normal approximation needs 20 values."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return erfc(abs(z) / sqrt(2))


def main() -> int:
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else TRIES
    with tempfile.TemporaryDirectory() as folder:
        set_up_django(folder)
        measure((KNOWN, UNKNOWN), 5)  # warm
        taken, pages = measure((KNOWN, UNKNOWN, NO_PASSWORD), tries)
        with patch("django.contrib.auth.models.User.set_password"):
            broken, _ = measure((KNOWN, UNKNOWN), max(tries // 5, 20))
    p_values = {name: p_value(taken[KNOWN], taken[name]) for name in (UNKNOWN, NO_PASSWORD)}
    control = p_value(broken[KNOWN], broken[UNKNOWN])
    for name, label in ((KNOWN, "exists"), (UNKNOWN, "unknown"), (NO_PASSWORD, "no password")):
        p = f"p = {p_values[name]:.3f}" if name in p_values else ""
        print(
            f"{label:<12} {len(taken[name])} tries, median {median(taken[name]) * 1e3:.2f} ms {p}"
        )
    print(f"the pages are {'the same' if len(pages) == 1 else 'DIFFERENT'}")
    print(f"control, hashing left out: p = {control:.2g}")
    is_good = len(pages) == 1 and min(p_values.values()) > LIMIT and control < LIMIT
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
