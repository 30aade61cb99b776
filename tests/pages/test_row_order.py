"""Lists that staff put in order: menus, services, fees, questions, people and crisis lines."""

import pytest
from django.contrib.admin.models import LogEntry

from pages.practice.models import CrisisLine, Fee, FrequentQuestion, Service
from pages.site_pages.menus import MenuEntry
from tests.factories.consultations import make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
MENUS = "/admin/pages/menuentry/"
QUESTIONS = "/admin/pages/frequentquestion/"


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


def make_questions(*words: str) -> list[FrequentQuestion]:
    return [
        FrequentQuestion.objects.create(question=word, slug=word.lower(), answer="<p>Yes.</p>")
        for word in words
    ]


def questions() -> list[str]:
    return [row.question for row in FrequentQuestion.objects.all()]


def test_arrow_buttons_move_a_row_one_step(staff) -> None:
    first, _second, third = make_questions("One", "Two", "Three")
    page = staff.get(QUESTIONS).content.decode()
    assert f'value="up:{third.pk}"' in page
    answer = staff.post(f"{QUESTIONS}move/", {"move": f"up:{third.pk}"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == QUESTIONS
    assert questions() == ["One", "Three", "Two"]
    staff.post(f"{QUESTIONS}move/", {"move": f"down:{first.pk}"})
    assert questions() == ["Three", "One", "Two"]
    staff.post(f"{QUESTIONS}move/", {"move": f"up:{third.pk}"})  # it is the first already
    assert questions() == ["Three", "One", "Two"]
    assert LogEntry.objects.filter(object_id=str(third.pk)).exists()


def test_first_and_last_row_have_one_arrow_each(staff) -> None:
    make_questions("One", "Two", "Three")
    assert staff.get(QUESTIONS).content.decode().count(" disabled") == 2


def test_row_is_dropped_before_another_or_at_the_end(staff) -> None:
    one, _two, three = make_questions("One", "Two", "Three")
    json = {"accept": "application/json"}
    data = {"move": f"before:{three.pk}", "before": str(one.pk)}
    assert staff.post(f"{QUESTIONS}move/", data, headers=json).json() == {"moved": True}
    assert questions() == ["Three", "One", "Two"]
    staff.post(f"{QUESTIONS}move/", {"move": f"before:{three.pk}", "before": ""}, headers=json)
    assert questions() == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"move": "up"},
        {"move": "up:x"},
        {"move": "sideways:{key}"},
        {"move": "up:999999999999999999999999"},
        {"move": "before:{key}", "before": "999"},
        {"move": "before:{key}", "before": "x"},
    ],
)
def test_invalid_move_changes_nothing(staff, data) -> None:
    _one, two = make_questions("One", "Two")
    fields = {name: value.format(key=two.pk) for name, value in data.items()}
    assert staff.post(f"{QUESTIONS}move/", fields).status_code == 303
    answer = staff.post(f"{QUESTIONS}move/", fields, headers={"accept": "application/json"})
    assert answer.status_code == 409
    assert questions() == ["One", "Two"]


def test_row_moves_within_its_group_only(staff) -> None:
    for place in ("header", "footer"):
        for page in ("about", "fees"):
            MenuEntry.objects.create(place=place, page=page)
    header = MenuEntry.objects.filter(place="header")
    footer = [row.pk for row in MenuEntry.objects.filter(place="footer")]
    staff.post(f"{MENUS}move/", {"move": f"up:{header[1].pk}"})
    assert [row.page for row in MenuEntry.objects.filter(place="header")] == ["fees", "about"]
    assert [row.pk for row in MenuEntry.objects.filter(place="footer")] == footer
    data = {"move": f"before:{footer[0]}", "before": str(header[0].pk)}
    staff.post(f"{MENUS}move/", data)
    assert [row.pk for row in MenuEntry.objects.filter(place="footer")] == footer


def test_moving_keeps_the_filter_and_hides_where_rows_are_left_out(staff) -> None:
    MenuEntry.objects.create(place="header", page="about")
    entry = MenuEntry.objects.create(place="header", page="fees")
    query = "?place__exact=header"
    assert f"move/{query}" in staff.get(MENUS + query).content.decode()
    answer = staff.post(f"{MENUS}move/{query}", {"move": f"up:{entry.pk}"})
    assert answer.headers["Location"] == MENUS + query
    make_questions("One", "Two")
    for query in ("?q=One", "?o=1", "?is_on_home__exact=0"):
        assert "row-order-up" not in staff.get(QUESTIONS + query).content.decode()


def test_new_row_comes_last(staff) -> None:
    make_questions("One", "Two")
    FrequentQuestion.objects.filter(question="Two").update(order=40)
    data = {"question": "Three", "slug": "three", "answer": "<p>Yes.</p>"}
    assert staff.post(f"{QUESTIONS}add/", data).status_code == 302
    assert questions() == ["One", "Two", "Three"]


def test_fee_added_on_the_page_of_a_service_comes_last(staff) -> None:
    service = Service.objects.create(title="Couples", slug="couples")
    Fee.objects.create(label="First", amount=100, order=30)
    data = {
        "title": "Couples", "slug": "couples", "minutes": 50,
        "fees-TOTAL_FORMS": 1, "fees-INITIAL_FORMS": 0,
        "fees-0-label": "Second", "fees-0-amount": 120, "fees-0-service": service.pk,
    }  # fmt: skip
    assert staff.post(f"/admin/pages/service/{service.pk}/change/", data).status_code == 302
    assert [row.label for row in Fee.objects.all()] == ["First", "Second"]


def test_crisis_lines_are_ordered_by_country(staff) -> None:
    lines = [CrisisLine.objects.create(country="US", name=name, phone="1") for name in "AB"]
    CrisisLine.objects.create(country="CA", name="C", phone="1")
    staff.post("/admin/pages/crisisline/move/", {"move": f"up:{lines[1].pk}"})
    assert [row.name for row in CrisisLine.objects.all()] == ["C", "B", "A"]


def test_reader_gets_no_arrows(client) -> None:
    make_questions("One", "Two")
    client.force_login(make_staff("view_frequentquestion"))
    page = client.get(QUESTIONS)
    assert page.status_code == 200
    assert "row-order-up" not in page.content.decode()
    assert client.post(f"{QUESTIONS}move/", {"move": "up:1"}).status_code == 403
