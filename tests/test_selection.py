"""What is left out of a run is chosen by the seed alone, and comes up under another one."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests import selection


@dataclass(frozen=True)
class Item:
    nodeid: str
    markers: frozenset[str] = frozenset()
    fixturenames: tuple[str, ...] = field(default=())

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.markers else None


SCAN: list[Any] = [Item(f"a.py::scan[{number}]", frozenset({"sampled"})) for number in range(10)]
OTHERS: list[Any] = [Item(f"a.py::other[{number}]") for number in range(10)]


def test_a_sample_leaves_out_two_thirds_of_a_scan_and_of_nothing_else() -> None:
    left_out = selection.beside_the_sample(SCAN + OTHERS, seed=7)
    assert left_out < set(SCAN)
    assert len(left_out) == 6


def test_one_seed_takes_the_same_cases_and_others_take_the_rest() -> None:
    assert selection.beside_the_sample(SCAN, 7) == selection.beside_the_sample(SCAN[::-1], 7)
    never_taken = set.intersection(*(selection.beside_the_sample(SCAN, day) for day in range(20)))
    assert never_taken == set()


@pytest.mark.parametrize(
    ("item", "is_near_database", "is_pure"),
    [
        (Item("a.py::rule"), False, True),
        (Item("a.py::row", frozenset({"django_db"})), True, False),
        (Item("a.py::view", fixturenames=("client", "db")), True, False),
        (Item("a.py::drill", frozenset({"slow"}), ("django_db_setup",)), True, False),
        (Item("a.py::start", frozenset({"slow"})), False, False),
        (Item("a.py::page", frozenset({"browser", "django_db"})), False, False),
        (Item(f"{selection.PUBLIC_PAGES_TEST}::test", frozenset({"django_db"})), True, True),
    ],
)
def test_each_kind_of_test_has_its_parts(item: Any, is_near_database: bool, is_pure: bool) -> None:
    assert selection.is_near_database(item) is is_near_database
    assert selection.is_pure(item) is is_pure


def test_the_walk_is_there(pytestconfig: pytest.Config) -> None:
    assert (pytestconfig.rootpath / selection.PUBLIC_PAGES_TEST).is_file()


def test_long_ones_come_first_and_browsers_last() -> None:
    kinds = [frozenset({"browser"}), frozenset(), frozenset({"slow"}), frozenset({"django_db"})]
    items: list[Any] = [Item(str(number), kind) for number, kind in enumerate(kinds)]
    assert [item.nodeid for item in sorted(items, key=selection.turn)] == ["2", "1", "3", "0"]
