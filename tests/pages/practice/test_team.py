"""What visitors read about the people of the practice, and how they search the team."""

import json
import re

import pytest

from pages.practice.accepting import Accepting
from pages.practice.team import FACETS, person_rows, search_team
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
ABOUT = "/about/"


def make_team():
    return [
        make_practitioner(
            name="Ana Reyes", slug="ana", specialties="Grief\nAnxiety",
            languages="English\nSpanish", methods="EMDR",
            ages="Adults", insurance="Acme Health", accepting="closed",
        ),
        make_practitioner(
            name="Bo Lind", slug="bo", specialties="anxiety\nCouples", languages="English",
            ages="Adults", insurance="Self-pay",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["Ana Reyes", "Bo Lind"]),
        ({"specialty": "Grief"}, ["Ana Reyes"]),
        ({"specialty": "GRIEF"}, ["Ana Reyes"]),
        ({"insurance": "Self-pay"}, ["Bo Lind"]),
        ({"language": "Spanish", "specialty": "Couples"}, []),
        ({"open": "1"}, ["Bo Lind"]),
        ({"open": "yes"}, ["Ana Reyes", "Bo Lind"]),
        # Nobody has these, or everybody does: no choice.
        ({"specialty": "Astrology"}, ["Ana Reyes", "Bo Lind"]),
        ({"specialty": "x" * 5000}, ["Ana Reyes", "Bo Lind"]),
        ({"age": "Adults"}, ["Ana Reyes", "Bo Lind"]),
    ],
)
def test_team_is_filtered(params, found) -> None:
    team = search_team(make_team(), params, Accepting.ACCEPTING)
    assert [person.name for person in team.people] == found


def test_facets_on_which_all_agree_are_not_offered() -> None:
    people = make_team()
    team = search_team(people, {}, Accepting.ACCEPTING)
    offered = {facet.name: list(facet.values) for facet in team.facets}
    assert offered == {
        "specialty": ["Anxiety", "Couples", "Grief"],
        "approach": ["EMDR"],
        "language": ["English", "Spanish"],
        "insurance": ["Acme Health", "Self-pay"],
    }
    assert team.offers_open_only
    assert search_team(people[:1], {}, Accepting.ACCEPTING).facets == []
    assert search_team([], {}, Accepting.ACCEPTING).facets == []


def test_closed_practice_closes_everybody() -> None:
    ana, bo = make_team()
    assert bo.status(Accepting.ACCEPTING) == Accepting.ACCEPTING
    assert bo.status(Accepting.WAITLIST) == Accepting.WAITLIST
    assert {ana.status(Accepting.CLOSED), bo.status(Accepting.CLOSED)} == {Accepting.CLOSED}
    bo.accepting = Accepting.ACCEPTING
    assert bo.status(Accepting.WAITLIST) == Accepting.ACCEPTING


def test_rows_leave_out_what_is_empty() -> None:
    person = make_practitioner(specialties="Grief\n\n  Anxiety ")
    rows = [(str(label), value) for label, value in person_rows(person, Accepting.ACCEPTING)]
    assert rows[1:] == [("Helps with", "Grief, Anxiety")]
    assert len(FACETS) == 5


def test_page_of_the_team_filters_without_javascript(client) -> None:
    make_practice()
    make_team()
    page = client.get(ABOUT).content.decode()
    assert "<option>Grief</option>" in page
    assert "Ana Reyes" in page
    page = client.get(ABOUT, {"specialty": "Couples"}).content.decode()
    assert "<option selected>Couples</option>" in page
    assert "1 person matches." in page
    assert "Show everyone" in page
    assert "Ana Reyes" not in page
    page = client.get(ABOUT, {"language": "Spanish", "specialty": "Couples"}).content.decode()
    assert "0 people match." in page


def test_team_of_one_has_no_filter(client) -> None:
    make_practice()
    make_practitioner(specialties="Grief\nAnxiety", languages="English")
    assert "team-filter" not in client.get(ABOUT).content.decode()


def test_page_of_a_person_shows_facts_and_structured_data(client) -> None:
    make_practice()
    ana, _bo = make_team()
    page = client.get(ana.get_absolute_url()).content.decode()
    for words in ("Grief, Anxiety", "EMDR", "English, Spanish", "Acme Health", "Adults"):
        assert f"<dd>{words}</dd>" in page
    assert str(Accepting.CLOSED.label) in page
    data = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert data is not None
    graph = json.loads(data.group(1))["@graph"]
    person = next(entity for entity in graph if entity["@type"] == "Person")
    assert person["knowsAbout"] == ["Grief", "Anxiety", "EMDR"]
    assert person["knowsLanguage"] == ["English", "Spanish"]
