import re

import pytest
from django.core.exceptions import ValidationError

from pages.publishing.models import Status
from pages.site_pages import menus
from pages.site_pages.menus import MenuEntry, Place
from tests.factories.pages import make_category, make_practice
from tests.pages.publishing.test_redirects import make_free_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice(shows_good_faith_estimate=True)


def add(place: str, **facts) -> MenuEntry:
    entry = MenuEntry(place=place, order=MenuEntry.objects.count(), **facts)
    entry.full_clean()
    entry.save()
    return entry


def links(client, label: str, path: str = "/fees/") -> list[tuple[str, str]]:
    page = client.get(path).content.decode()
    nav = re.search(rf'<nav[^>]*aria-label="{label}".*?</nav>', page, re.DOTALL)
    return re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', nav[0]) if nav else []


def test_menus_as_shipped(client) -> None:
    assert [words for _url, words in links(client, "Main")] == [
        "About", "Services", "Fees", "Articles", "Contact",
    ]  # fmt: skip
    assert [words for _url, words in links(client, "Policies")] == [
        "Get help now", "Privacy", "What we collect", "Good Faith Estimate", "Accessibility",
        "Terms", "Comment policy", "Search", "RSS feed",
    ]  # fmt: skip


def test_a_header_of_one_s_own(client) -> None:
    add(Place.HEADER, page="fees", label="What it costs")
    add(Place.HEADER, free_page=make_free_page())
    add(Place.HEADER, category=make_category(name="Daily life", slug="daily"))
    add(Place.HEADER, address="/articles/tag/sleep/", label="Sleep")
    assert links(client, "Main") == [
        ("/fees/", "What it costs"),
        ("/parents/", "For parents"),
        ("/articles/category/daily/", "Daily life"),
        ("/articles/tag/sleep/", "Sleep"),
    ]
    page = client.get("/parents/").content.decode()
    assert '<a href="/parents/" aria-current="page">For parents</a>' in page
    assert "Free consultation" in page


def test_what_is_not_published_is_not_in_the_menu(client) -> None:
    add(Place.HEADER, page="fees")
    add(Place.HEADER, free_page=make_free_page(status=Status.DRAFT))
    assert links(client, "Main") == [("/fees/", "Fees")]


def test_footer_groups_have_headings_and_keep_what_has_to_stay(client) -> None:
    add(Place.FOOTER, page="fees", heading="Money")
    add(Place.FOOTER, page="terms")
    add(Place.FOOTER, page="articles", heading="Read")
    add(Place.FOOTER, address="https://portal.example.com/", label="Portal", heading="Money")
    assert links(client, "Money") == [
        ("/fees/", "Fees"),
        ("https://portal.example.com/", "Portal"),
    ]
    assert links(client, "Read") == [("/articles/", "Articles")]
    assert [words for _url, words in links(client, "Policies")] == [
        "Terms", "Get help now", "Privacy", "Good Faith Estimate",
    ]  # fmt: skip
    page = client.get("/fees/").content.decode()
    assert "<h2>Money</h2>" in page
    assert '<a href="https://portal.example.com/" rel="noopener">Portal</a>' in page


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"page": "fees", "address": "/x/"},
        {"address": "/x/"},
        {"address": "javascript:alert(1)", "label": "x"},
        {"address": "//elsewhere.example/", "label": "x"},
        {"address": "data:text/html,x", "label": "x"},
        {"page": "nowhere"},
    ],
)
def test_entries_lead_to_one_sound_place(facts) -> None:
    with pytest.raises(ValidationError):
        MenuEntry(place=Place.HEADER, **facts).full_clean()


def test_changing_begins_with_the_shipped_links(admin_client, client) -> None:
    page = admin_client.get("/admin/pages/menuentry/").content.decode()
    assert page.count("Make it my own") == 2
    before = links(client, "Policies")
    for _twice in range(2):
        admin_client.post("/admin/pages/menuentry/own/", {"place": "footer"})
    assert links(client, "Policies") == before
    assert MenuEntry.objects.count() == len(menus.SHIPPED[Place.FOOTER])
    admin_client.get("/admin/pages/menuentry/own/?place=header")
    assert not MenuEntry.objects.filter(place="header").exists()


def test_menus_cost_one_question(client, django_assert_num_queries) -> None:
    make_free_page()
    for page in ("fees", "about", "faq"):
        add(Place.HEADER, page=page)
        add(Place.FOOTER, page=page, heading=page)
    add(Place.HEADER, category=make_category())
    request = client.get("/fees/").wsgi_request
    with django_assert_num_queries(1):
        context = menus.context(request)
        assert len(list(context["site_nav"])) == 4
        assert len(list(context["footer_groups"])) == 4
