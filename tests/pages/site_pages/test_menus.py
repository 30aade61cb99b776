"""Menus of header and footer."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from pages.caching import RequestCacheMiddleware
from pages.publishing.models import Status
from pages.site_pages import menus
from pages.site_pages.menus import MenuEntry, MenuPlace
from tests.factories.pages import make_category, make_practice
from tests.pages.publishing.test_redirects import make_free_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice(shows_good_faith_estimate=True)


def make_entry(place: str, **facts) -> MenuEntry:
    entry = MenuEntry(place=place, order=MenuEntry.objects.count(), **facts)
    entry.full_clean()
    entry.save()
    return entry


def menu_links(client, label: str, path: str = "/fees/") -> list[tuple[str, str]]:
    page = client.get(path).content.decode()
    nav = re.search(rf'<nav[^>]*aria-label="{label}".*?</nav>', page, re.DOTALL)
    links = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', nav[0]) if nav else []
    # The call to action, which stands in the folded menu of a phone, is no entry.
    return [link for link in links if link[0] != "/consultation/"]


def test_default_menus(client) -> None:
    assert [words for _url, words in menu_links(client, "Main")] == [
        "About", "Services", "Fees", "Articles", "Contact",
    ]  # fmt: skip
    assert [words for _url, words in menu_links(client, "Policies")] == [
        "Get help now", "Privacy", "What we collect", "Good Faith Estimate", "Accessibility",
        "Terms", "Comment policy", "Search", "RSS feed",
    ]  # fmt: skip


def test_custom_header_menu(client) -> None:
    make_entry(MenuPlace.HEADER, page="fees", label="What it costs")
    make_entry(MenuPlace.HEADER, free_page=make_free_page())
    make_entry(MenuPlace.HEADER, category=make_category(name="Daily life", slug="daily"))
    make_entry(MenuPlace.HEADER, address="/articles/tag/sleep/", label="Sleep")
    assert menu_links(client, "Main") == [
        ("/fees/", "What it costs"),
        ("/parents/", "For parents"),
        ("/articles/category/daily/", "Daily life"),
        ("/articles/tag/sleep/", "Sleep"),
    ]
    page = client.get("/parents/").content.decode()
    assert '<a href="/parents/" aria-current="page">For parents</a>' in page
    assert "Free consultation" in page


def test_unpublished_pages_are_not_in_menu(client) -> None:
    make_entry(MenuPlace.HEADER, page="fees")
    make_entry(MenuPlace.HEADER, free_page=make_free_page(status=Status.DRAFT))
    assert menu_links(client, "Main") == [("/fees/", "Fees")]


def test_footer_has_headed_groups_and_required_links(client) -> None:
    make_entry(MenuPlace.FOOTER, page="fees", heading="Money")
    make_entry(MenuPlace.FOOTER, page="terms")
    make_entry(MenuPlace.FOOTER, page="articles", heading="Read")
    make_entry(
        MenuPlace.FOOTER, address="https://portal.example.com/", label="Portal", heading="Money"
    )
    assert menu_links(client, "Money") == [
        ("/fees/", "Fees"),
        ("https://portal.example.com/", "Portal"),
    ]
    assert menu_links(client, "Read") == [("/articles/", "Articles")]
    assert [words for _url, words in menu_links(client, "Policies")] == [
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
def test_menu_entry_needs_exactly_one_valid_target(facts) -> None:
    with pytest.raises(ValidationError):
        MenuEntry(place=MenuPlace.HEADER, **facts).full_clean()


def test_customizing_menu_copies_default_links(admin_client, client) -> None:
    page = admin_client.get("/admin/pages/menuentry/").content.decode()
    assert page.count("Make it my own") == 2
    before = menu_links(client, "Policies")
    for _twice in range(2):
        admin_client.post("/admin/pages/menuentry/own/", {"place": "footer"})
    assert menu_links(client, "Policies") == before
    assert MenuEntry.objects.count() == len(menus.DEFAULT_MENUS[MenuPlace.FOOTER])
    admin_client.get("/admin/pages/menuentry/own/?place=header")
    assert not MenuEntry.objects.filter(place="header").exists()


def test_both_menus_read_entries_and_practice_once(rf, django_assert_num_queries) -> None:
    make_free_page()
    for page in ("fees", "about", "faq"):
        make_entry(MenuPlace.HEADER, page=page)
        make_entry(MenuPlace.FOOTER, page=page, heading=page)
    make_entry(MenuPlace.HEADER, category=make_category())

    def view(request) -> HttpResponse:
        context = menus.menu_context(request)
        assert len(list(context["site_nav"])) == 4
        assert len(list(context["footer_groups"])) == 4
        return HttpResponse()

    with django_assert_num_queries(2):
        RequestCacheMiddleware(view)(rf.get("/fees/"))
