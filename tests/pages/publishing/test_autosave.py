"""Autosave of the writing page: one draft revision, and never a publication."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from consultations.audit.models import AuditEntry
from pages.articles.models import Article, Category
from pages.publishing.models import Status
from pages.publishing.revisions import Revision
from tests.factories.pages import make_article, make_category, make_practice
from tests.pages.publishing.test_editing_admin import change_url, form_data, submit_action

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)
NEW_URL = "/admin/pages/article/add/autosave/"


@pytest.fixture(autouse=True)
def clock():
    make_practice()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser("jo", "jo@example.com", first_name="Jo")
    client.force_login(user)
    return client


def autosave(client, article: Article, data: dict[str, Any], **changes):
    url = f"/admin/pages/article/{article.pk}/autosave/"
    return client.post(url, {**data, **changes}, headers={"accept": "application/json"})


def test_autosave_of_a_draft_rewrites_one_version_without_a_log_entry(staff, clock) -> None:
    article = make_article(status=Status.DRAFT, body="<p>One.</p>")
    data = form_data(staff, change_url(article))
    logged = AuditEntry.objects.count()
    for number, text in enumerate(["<p>Two.</p>", "<p>Three.</p>"]):
        clock.move_to(NOW.replace(second=number + 1))
        saved = autosave(staff, article, data, body=text).json()
        data["version"] = saved["version"]
    article.refresh_from_db()
    assert (article.body, article.status) == ("<p>Three.</p>", Status.DRAFT)
    assert [row.kind for row in Revision.objects.of(article)] == ["autosaved", "baseline"]
    assert saved["not_saved"] == []
    assert not LogEntry.objects.exists()
    assert AuditEntry.objects.count() == logged
    data["body"] = "<p>Four.</p>"
    staff.post(change_url(article), {**data, "_continue": "x"})
    assert [row.kind for row in Revision.objects.of(article)] == ["saved", "baseline"]


@pytest.mark.parametrize("published_at", [NOW, NOW.replace(day=20)], ids=["live", "scheduled"])
def test_autosave_of_a_public_article_is_a_draft_change(staff, published_at) -> None:
    article = make_article(body="<p>One.</p>", slug="on-rest", published_at=published_at)
    data = form_data(staff, change_url(article))
    answer = autosave(staff, article, data, body="<p>Two.</p>", _publish="x", slug="other")
    assert answer.status_code == 200
    article.refresh_from_db()
    assert (article.body, article.slug) == ("<p>One.</p>", "on-rest")
    latest = Revision.objects.of(article).first()
    assert latest is not None
    assert (latest.kind, latest.is_pending) == ("autosaved", True)
    assert form_data(staff, change_url(article))["body"] == "<p>Two.</p>"
    submit_action(staff, article, "_publish")
    article.refresh_from_db()
    assert article.body == "<p>Two.</p>"


def test_new_article_is_stored_as_a_draft_with_defaults(staff) -> None:
    data = {"title": "", "body": "<p>Rest is work.</p>", "_publish": "x", "status": "published"}
    saved = staff.post(NEW_URL, data).json()
    article = Article.objects.get(pk=saved["pk"])
    assert (article.title, article.slug, article.status) == ("Untitled", "untitled", Status.DRAFT)
    assert article.category == Category.objects.get()
    assert article.body == "<p>Rest is work.</p>"
    assert saved["page"] == change_url(article)
    assert "Title" in saved["not_saved"]
    data |= {"version": saved["version"], "title": "On rest", "slug": "on-rest"}
    assert autosave(staff, article, data).json()["not_saved"] == []
    article.refresh_from_db()
    assert (article.title, article.slug, article.status) == ("On rest", "on-rest", Status.DRAFT)


def test_invalid_field_keeps_its_stored_value(staff) -> None:
    make_article(slug="taken")
    article = make_article(status=Status.DRAFT, slug="mine")
    data = form_data(staff, change_url(article))
    saved = autosave(staff, article, data, slug="taken", body="<p>New.</p>").json()
    assert saved["not_saved"] == ["Address"]
    article.refresh_from_db()
    assert (article.slug, article.body) == ("mine", "<p>New.</p>")


def test_second_tab_is_told_and_overwrites_nothing(staff, clock) -> None:
    article = make_article(status=Status.DRAFT, body="<p>One.</p>")
    data = form_data(staff, change_url(article))
    assert autosave(staff, article, data, body="<p>First tab.</p>").status_code == 200
    clock.move_to(NOW.replace(second=5))
    answer = autosave(staff, article, data, body="<p>Second tab.</p>")
    assert answer.status_code == 409
    assert "another tab" in answer.json()["error"]
    assert autosave(staff, article, {**data, "version": ""}).status_code == 409
    article.refresh_from_db()
    assert article.body == "<p>First tab.</p>"
    # The second tab saves and sees both; what the first one wrote stays a version of its own.
    page = staff.post(change_url(article), {**data, "body": "<p>Second tab.</p>", "_continue": "x"})
    assert "Two versions: theirs and yours" in page.content.decode()
    assert "Please correct" not in page.content.decode()
    newest = page.context["adminform"].form["version"].value()
    staff.post(change_url(article), {**data, "version": newest, "body": "<p>x</p>", "_save": "x"})
    assert [row.kind for row in Revision.objects.of(article)] == ["saved", "saved", "baseline"]


def test_autosave_asks_for_permission(client) -> None:
    article = make_article(status=Status.DRAFT)
    client.force_login(get_user_model().objects.create_user("sam", is_staff=True))
    assert client.post(NEW_URL, {}).status_code == 403
    assert autosave(client, article, {}).status_code in {403, 404}


def test_publishing_needs_no_category_choice(staff) -> None:
    make_category(name="Daily life")
    new = form_data(staff, "/admin/pages/article/add/")
    data = {**new, "title": "On\nrest", "slug": "on-rest", "body": "<p>x</p>", "_publish": "x"}
    assert staff.post("/admin/pages/article/add/", data).status_code == 302
    article = Article.objects.get()
    assert (article.title, article.category.name) == ("On rest", "Daily life")
    assert article.is_public()
