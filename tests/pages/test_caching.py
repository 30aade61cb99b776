"""`once_per_request` reads a row once per request, and never shows an outdated one."""

import threading
from datetime import time

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory

from pages.caching import RequestCacheMiddleware
from pages.practice.models import OpeningHours, PracticeProfile, Practitioner
from pages.practice.profile import get_practice_facts
from tests.factories.pages import make_opening_hours, make_practice, make_practitioner

pytestmark = pytest.mark.django_db


def names_during_request(*steps) -> list[str]:
    """Run `steps` in one request and return the practice's name before and after each."""
    names = []

    def view(_request) -> HttpResponse:
        names.append(PracticeProfile.load().name)
        for step in steps:
            step()
            names.append(PracticeProfile.load().name)
        return HttpResponse()

    RequestCacheMiddleware(view)(RequestFactory().get("/"))
    return names


def test_request_reads_practice_and_hours_once(django_assert_num_queries) -> None:
    make_opening_hours()
    make_practice(name="One")

    def read_hours() -> None:
        assert len(get_practice_facts().hours) == 1

    with django_assert_num_queries(1):
        assert names_during_request(read_hours, read_hours) == ["One"] * 3


def test_practice_without_hours_takes_one_query_too(django_assert_num_queries) -> None:
    make_practice(name="One")
    with django_assert_num_queries(1):
        names_during_request(lambda: get_practice_facts().opening_hours)
    assert get_practice_facts().hours == []


def test_missing_practice_is_looked_up_once(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert names_during_request(PracticeProfile.load) == ["Our practice"] * 2


def test_hours_are_in_order_of_the_week() -> None:
    make_practice()
    for weekday, opens, closes in ((4, 9, 12), (0, 13, 17), (0, 9, 12)):
        OpeningHours.objects.create(weekday=weekday, opens_at=time(opens), closes_at=time(closes))
    spans = [(row.weekday, row.opens_at.hour) for row in get_practice_facts().hours]
    assert spans == [(0, 9), (0, 13), (4, 9)]


def rename_by_save() -> None:
    practice = PracticeProfile.objects.get()
    practice.name = "Two"
    practice.save()


def rename_by_update() -> None:
    PracticeProfile.objects.update(name="Two")


def rename_by_bulk_update() -> None:
    PracticeProfile.objects.bulk_update([PracticeProfile(pk=1, name="Two")], ["name"])


@pytest.mark.parametrize("rename", [rename_by_save, rename_by_update, rename_by_bulk_update])
def test_request_sees_its_own_change(rename) -> None:
    make_practice(name="One")
    assert names_during_request(rename) == ["One", "Two"]


def test_request_sees_a_deletion() -> None:
    make_practice(name="One")
    assert names_during_request(PracticeProfile.objects.all().delete) == ["One", "Our practice"]


def test_request_sees_its_own_rollback() -> None:
    make_practice(name="One")
    seen = []

    def rename_and_roll_back() -> None:
        with transaction.atomic():
            rename_by_save()
            seen.append(PracticeProfile.load().name)
            transaction.set_rollback(True)

    assert names_during_request(rename_and_roll_back) == ["One", "One"]
    assert seen == ["Two"]


def test_change_of_a_practitioner_reaches_the_sender_name() -> None:
    make_practice(discreet_name="")
    make_practitioner(name="Robin Example", discreet_name="")
    people = Practitioner.objects.all()

    def rename() -> None:
        assert PracticeProfile.load().sender_name == "Robin"
        people.update(discreet_name="Kim")
        assert PracticeProfile.load().sender_name == "Kim"

    names_during_request(rename)


def test_next_request_reads_again() -> None:
    make_practice(name="One")
    assert names_during_request() == ["One"]
    rename_by_update()
    assert names_during_request() == ["Two"]


def test_nothing_is_cached_outside_a_request(django_assert_num_queries) -> None:
    make_practice(name="One")
    names_during_request()
    with django_assert_num_queries(2):
        PracticeProfile.load()
        PracticeProfile.load()


def test_failed_request_leaves_no_cache() -> None:
    make_practice(name="One")

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        names_during_request(fail)
    rename_by_update()
    assert PracticeProfile.load().name == "Two"


def test_another_thread_shares_no_cache() -> None:
    make_practice(name="One")
    facts = []

    def read_in_thread() -> None:
        facts.append(get_practice_facts())
        thread = threading.Thread(target=lambda: facts.append(get_practice_facts()))
        thread.start()
        thread.join()
        facts.append(get_practice_facts())

    names_during_request(read_in_thread)
    mine, other, mine_again = facts
    assert mine is mine_again
    assert other is not mine


def test_site_uses_the_request_cache(client, django_assert_max_num_queries) -> None:
    make_practice(name="One")
    with django_assert_max_num_queries(7) as captured:
        client.get("/contact/")
    reads = [query for query in captured if 'FROM "pages_practiceprofile"' in query["sql"]]
    assert len(reads) == 1
