"""Free pages: their paths, nesting and publication."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages.publishing.models import Status
from pages.site_pages.models import FreePage
from tests.factories.pages import make_practice
from tests.pages.publishing.test_redirects import make_free_page, redirect_target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice()


def test_free_page_is_served_at_its_path(client) -> None:
    make_free_page(lead="From {practice_name}", body="<h2>How</h2><script>x</script>")
    page = client.get("/parents/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "<h1>For parents</h1>" in html
    assert "From Quiet Room Counselling" in html
    assert '<h2 id="h-how">How</h2>' in html
    assert "must-revalidate" in page["Cache-Control"]
    assert "http://testserver/parents/" in client.get("/sitemap.xml").content.decode()
    assert "For parents" in client.get("/search/?q=parents").content.decode()


@pytest.mark.parametrize("facts", [{"status": Status.DRAFT}, {"published_at": "2999-01-01T00:00Z"}])
def test_unpublished_free_page_appears_nowhere(client, facts) -> None:
    make_free_page(**facts)
    assert client.get("/parents/").status_code == 404
    assert client.get("/Parents").status_code == 404
    assert "parents" not in client.get("/sitemap.xml").content.decode()
    assert "For parents" not in client.get("/search/?q=parents").content.decode()


def test_free_pages_can_be_nested(client) -> None:
    parents = make_free_page()
    first = make_free_page(title="First call", slug="First-Call", parent=parents)
    assert first.get_absolute_url() == "/parents/first-call/"
    html = client.get("/parents/first-call/").content.decode()
    assert '<a href="/parents/">For parents</a>' in html
    assert client.get("/first-call/").status_code == 404


def test_missing_slash_and_capitals_redirect(client) -> None:
    make_free_page()
    assert redirect_target(client, "/parents") == "/parents/"
    assert redirect_target(client, "/Parents/") == "/parents/"
    assert client.get("/fees").status_code == 301


def test_moving_page_moves_children_and_redirects(client) -> None:
    parents = make_free_page()
    child = make_free_page(title="First call", slug="first-call", parent=parents)
    make_free_page(title="Draft", slug="draft", parent=parents, status=Status.DRAFT)
    parents.slug = "families"
    parents.save()
    child.refresh_from_db()
    assert child.path == "families/first-call"
    assert redirect_target(client, "/parents/") == "/families/"
    assert redirect_target(client, "/parents/first-call/") == "/families/first-call/"
    assert client.get("/families/first-call/").status_code == 200
    assert client.get("/parents/draft/").status_code == 404


@pytest.mark.parametrize(
    "slug", ["fees", "admin", "articles", "patterns", "media", "static", "c", "search", "Crisis"]
)
def test_reserved_paths_are_rejected(slug) -> None:
    with pytest.raises(ValidationError, match="already has this address"):
        FreePage(title="x", slug=slug).full_clean()


def test_path_is_unique_and_page_cannot_be_own_parent() -> None:
    parents = make_free_page()
    child = make_free_page(title="First call", slug="first-call", parent=parents)
    with pytest.raises(ValidationError, match="already has this address"):
        FreePage(title="x", slug="parents").full_clean()
    FreePage(title="x", slug="first-call").full_clean()
    parents.parent = child
    with pytest.raises(ValidationError, match="below itself"):
        parents.full_clean()
    parents.parent = parents
    with pytest.raises(ValidationError, match="below itself"):
        parents.full_clean()


def test_nesting_is_limited_to_five_levels() -> None:
    page = None
    for level in range(5):
        page = make_free_page(title=f"Level {level}", slug=f"level-{level}", parent=page)
    with pytest.raises(ValidationError, match="five levels"):
        FreePage(title="x", slug="deeper", parent=page).full_clean()


def test_publishing_without_time_defaults_to_now() -> None:
    page = make_free_page()
    assert page.published_at is not None
    assert page.published_at <= timezone.now()


def test_total_path_length_is_limited() -> None:
    page = None
    for letter in "abc":
        page = make_free_page(title=letter, slug=letter * 120, parent=page)
    with pytest.raises(ValidationError, match="too long"):
        FreePage(title="x", slug="d" * 120, parent=page).full_clean()
