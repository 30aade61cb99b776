"""Redirects: which addresses match, and which changes add one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from pages.articles.models import Article
from pages.publishing import redirects
from pages.publishing.models import Status
from pages.publishing.redirects import Redirect, add_redirect
from pages.site_pages.models import FreePage
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_practitioner,
    make_service,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice()


def make_free_page(**facts) -> FreePage:
    defaults = {"title": "For parents", "slug": "parents", "status": Status.PUBLISHED}
    return FreePage.objects.create(**{**defaults, **facts})


def redirect_target(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 301, response.status_code
    return response["Location"]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/2021/05/On-Rest/", "/2021/05/on-rest"),
        ("/2021//05/on-rest", "/2021/05/on-rest"),
        ("/?p=12", "/?p=12"),
        ("/index.php?page_id=7&x=1", "/?page_id=7"),
        ("/on-rest/?utm=1", "/on-rest"),
        ("/", ""),
        ("on-rest", ""),
        ("https://elsewhere.example/x", ""),
        ("//elsewhere.example/x", ""),
        ("/?x=1", ""),
        ("/2021/%E7%9D%A1/", "/2021/睡"),
        ("/a\0b/", ""),
    ],
)
def test_old_paths_are_normalized(address, key) -> None:
    assert redirects.normalize_old_path(address) == key


def test_redirect_applies_only_after_404(client) -> None:
    add_redirect("/2021/05/on-rest/", "/articles/on-rest/")
    for path in ("/2021/05/on-rest/", "/2021/05/on-rest", "/2021/05/On-Rest/?utm=1"):
        assert redirect_target(client, path) == "/articles/on-rest/"
    assert client.head("/2021/05/on-rest/").status_code == 301
    assert client.post("/2021/05/on-rest/").status_code in (404, 405)
    Redirect.objects.create(old_path="/fees", new_path="/about/")
    assert client.get("/fees/").status_code == 200


def test_non_latin_paths_are_redirected(client) -> None:
    add_redirect("/2021/%e7%9d%a1%e7%9c%a0/", "/articles/sleep/")
    assert redirect_target(client, "/2021/睡眠/") == "/articles/sleep/"
    assert client.get("/%00/").status_code == 404
    assert client.get("/?p=%00").status_code == 200


def test_numbered_page_query_redirects_before_home_page(client) -> None:
    add_redirect("/?p=12", "/articles/on-rest/")
    assert redirect_target(client, "/?p=12") == "/articles/on-rest/"
    assert redirect_target(client, "/?utm_source=x&p=12") == "/articles/on-rest/"
    assert redirect_target(client, "/index.php?p=12") == "/articles/on-rest/"
    for path in ("/?p=13", "/?q=12", "/", "/?p=" + "9" * 5000, "/?" + "p=1&" * 500):
        assert client.get(path).status_code == 200


def test_redirect_chains_are_flattened_without_loops(client) -> None:
    add_redirect("/a/", "/b/")
    add_redirect("/b/", "/c/")
    add_redirect("/c/", "/d/")
    rows = dict(Redirect.objects.values_list("old_path", "new_path"))
    assert rows == {"/a": "/d/", "/b": "/d/", "/c": "/d/"}
    add_redirect("/d/", "/a/")
    rows = dict(Redirect.objects.values_list("old_path", "new_path"))
    assert rows == {"/b": "/a/", "/c": "/a/", "/d": "/a/"}
    assert add_redirect("/x/", "/x") is None
    assert Redirect.objects.count() == 3


def test_stored_redirect_loop_is_not_followed(client) -> None:
    Redirect.objects.bulk_create([Redirect(old_path="/a", new_path="/A/")])
    assert client.get("/a/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "x", "/a b",
     "/a\r\nSet-Cookie:x=1"],
)  # fmt: skip
def test_external_redirect_targets_are_rejected(client, address) -> None:
    with pytest.raises(ValueError, match="paths"):
        add_redirect("/a/", address)
    with pytest.raises(ValidationError):
        Redirect(old_path="/a/", new_path=address).full_clean()
    Redirect.objects.bulk_create([Redirect(old_path="/a", new_path=address)])
    assert client.get("/a/").status_code == 404


def test_staff_redirects_are_flattened_and_cannot_loop() -> None:
    add_redirect("/b/", "/c/")
    mine = Redirect(old_path="/A/", new_path="/b/")
    mine.full_clean()
    assert (mine.old_path, mine.new_path) == ("/a", "/c/")
    with pytest.raises(ValidationError):
        Redirect(old_path="/c/", new_path="/b/").full_clean()


def test_unknown_path_returns_404_immediately(client) -> None:
    for path in ("/nowhere", "/nowhere/", "/no/where/at/all/", "/wp-login.php", "/x.css"):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store, private"


def test_database_error_during_lookup_returns_404(client, monkeypatch) -> None:
    def fail(*_args):
        raise DatabaseError

    monkeypatch.setattr(redirects, "find_redirect", fail)
    assert client.get("/wp-login.php").status_code == 404


def test_slug_change_adds_redirect_and_reverting_removes_it(client) -> None:
    article = make_article(slug="on-rest")
    article.slug = "rest"
    article.save()
    assert redirect_target(client, "/articles/on-rest/") == "/articles/rest/"
    article.slug = "on-rest"
    article.save()
    assert client.get("/articles/on-rest/").status_code == 200
    assert redirect_target(client, "/articles/rest/") == "/articles/on-rest/"
    assert Redirect.objects.count() == 1


def test_two_articles_can_swap_slugs(client) -> None:
    first, second = make_article(slug="first"), make_article(slug="second")
    for article, slug in ((first, "third"), (second, "first"), (first, "second")):
        article.slug = slug
        article.save()
    assert client.get("/articles/first/").status_code == 200
    assert client.get("/articles/second/").status_code == 200
    assert redirect_target(client, "/articles/third/") == "/articles/second/"
    assert Article.objects.count() == 2


@pytest.mark.parametrize("facts", [{"status": Status.DRAFT}, {"published_at": "2999-01-01T00:00Z"}])
def test_unpublished_slug_change_adds_no_redirect(facts) -> None:
    article = make_article(slug="on-rest", **facts)
    article.refresh_from_db()
    article.slug = "rest"
    article.save()
    assert not Redirect.objects.exists()


def test_categories_people_and_services_add_redirects(client) -> None:
    category = make_category(slug="daily")
    for row in (category, make_practitioner(slug="robin"), make_service(slug="couples")):
        row.slug = f"new-{row.slug}"
        row.save()
    for path, new in (
        ("/articles/category/daily/", "/articles/category/new-daily/"),
        ("/articles/category/daily/feed/rss/", "/articles/category/new-daily/feed/rss/"),
        ("/about/robin/", "/about/new-robin/"),
        ("/services/couples/", "/services/new-couples/"),
    ):
        assert redirect_target(client, path) == new
    hidden = make_practitioner(slug="hidden", is_published=False)
    hidden.slug = "seen"
    hidden.save()
    assert client.get("/about/hidden/").status_code == 404
