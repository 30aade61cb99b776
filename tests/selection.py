"""Select which collected tests run, and in which order (a pytest plugin).

``--sample=SEED``   Run a third of the cases of each test marked ``sampled``, and a fifth of the
                    examples of each slot scan. The seed, a number, determines which ones.
``--part=database`` Run the tests that use the database, to check another database system.
``--part=pure``     Run the tests that use no database, browser or subprocess, and one walk through
                    the site, to check another Python version.
"""

import hashlib
import os
from collections import defaultdict

import pytest

SHARE = 3
SLOTS_EXAMPLES = "60"
PARTS = ("database", "pure")
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})
PUBLIC_PAGES_TEST = "tests/pages/test_public_pages.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("selection")
    group.addoption("--sample", type=int, metavar="SEED", help="a seeded part of the large scans")
    group.addoption("--part", choices=PARTS, help="only this part of the tests")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    seed = config.option.sample
    if seed is not None:
        # Must be set before the module that reads the variable is imported and before Hypothesis
        # reads its own option.
        os.environ.setdefault("SLOTS_EXAMPLES", SLOTS_EXAMPLES)
        if config.option.hypothesis_seed is None:
            config.option.hypothesis_seed = str(seed)


def pytest_report_header(config: pytest.Config) -> list[str]:
    lines = []
    if config.option.sample is not None:
        lines.append(
            f"sample: SEED={config.option.sample} takes one case in {SHARE} of the tests marked "
            f"'sampled' and {os.environ['SLOTS_EXAMPLES']} examples of each scan of slots; "
            "make test-all takes all"
        )
    if config.option.part is not None:
        lines.append(f"part: {config.option.part} (see {os.path.basename(__file__)})")
    return lines


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out: set[pytest.Item] = set()
    if config.option.sample is not None:
        left_out |= beside_the_sample(items, config.option.sample)
    if config.option.part is not None:
        is_in_part = {"database": is_near_database, "pure": is_pure}[config.option.part]
        left_out |= {item for item in items if not is_in_part(item)}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = sorted((item for item in items if item not in left_out), key=turn)


def beside_the_sample(items: list[pytest.Item], seed: int) -> set[pytest.Item]:
    """Return the cases of sampled tests that are not in the sample for this seed."""
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled") is not None:
            cases[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for of_one_test in cases.values():
        of_one_test.sort(key=lambda item: hashlib.sha256(f"{seed} {item.nodeid}".encode()).digest())
        left_out |= set(of_one_test[-(-len(of_one_test) // SHARE) :])
    return left_out


def is_near_database(item: pytest.Item) -> bool:
    """Return whether a test uses the database without a browser."""
    fixtures = getattr(item, "fixturenames", ())
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(fixtures)
    ) and not has(item, "browser")


def is_pure(item: pytest.Item) -> bool:
    """Return whether a test belongs to ``--part=pure``."""
    if item.nodeid.startswith(PUBLIC_PAGES_TEST):
        return True
    return not (is_near_database(item) or has(item, "browser") or has(item, "slow"))


def turn(item: pytest.Item) -> int:
    """Return a sort key: slow tests first, then the others, then browser tests.

    Starting with the slow tests keeps all worker processes busy until the end. The order within a
    group is unchanged, because tests that empty the tables must run after tests that need data from
    migrations. Browser tests run consecutively, so that they share one browser.
    """
    if has(item, "slow"):
        return 0
    return 2 if has(item, "browser") else 1


def has(item: pytest.Item, marker: str) -> bool:
    return item.get_closest_marker(marker) is not None
