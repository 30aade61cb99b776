"""A contributor writes and asks for review; nothing they send publishes."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from consultations.accounts import roles
from pages.articles.models import Article
from pages.practice.models import Practitioner
from pages.publishing.models import Status
from pages.publishing.revisions import Revision
from tests.factories.pages import make_article, make_practice
from tests.pages.publishing.test_editing_admin import (
    button_labels,
    change_url,
    form_data,
    submit_action,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


def make_member(role: str) -> User:
    user: User = get_user_model().objects.create_user(role, is_staff=True)
    roles.set_roles(user, [role])
    return user


@pytest.fixture
def writer(client):
    client.force_login(make_member("contributor"))
    return client


def own_article(**facts) -> Article:
    article = make_article(**facts)
    writer = get_user_model().objects.get(username="contributor")
    Article.objects.filter(pk=article.pk).update(author=None, begun_by=writer)
    return article


def test_contributor_asks_and_an_editor_publishes(writer, client) -> None:
    article = own_article(status=Status.DRAFT, body="<p>One.</p>")
    page = writer.get(change_url(article))
    assert button_labels(page) == ["Save draft", "Save and preview", "Ask for review"]
    answer = submit_action(writer, article, "_ask_review", body="<p>Two.</p>")
    assert "Sent for review" in answer.content.decode()
    article.refresh_from_db()
    assert (article.body, article.status) == ("<p>Two.</p>", Status.DRAFT)
    assert article.review_requested_at == NOW
    client.force_login(make_member("editor"))
    assert "/admin/pages/article/?requested=yes" in client.get("/admin/").content.decode()
    waiting = client.get("/admin/pages/article/?requested=yes").context["cl"].result_list
    assert list(waiting) == [article]
    submit_action(client, article, "_publish")
    article.refresh_from_db()
    assert article.is_public()
    assert article.review_requested_at is None


@pytest.mark.parametrize(
    "button", ["_publish", "_unpublish", "_save", "_continue", "_draft_change"]
)
@pytest.mark.parametrize("shift", [None, -1, 1], ids=["draft", "live", "scheduled"])
def test_no_button_of_a_contributor_changes_what_readers_see(writer, button, shift) -> None:
    at = NOW + timedelta(days=shift or 0)
    status = Status.DRAFT if shift is None else Status.PUBLISHED
    article = own_article(status=status, body="<p>One.</p>", published_at=at)
    data = form_data(writer, change_url(article))
    sent = {**data, button: "x", "status": "published", "body": "<p>Two.</p>"}
    sent |= {"published_at_0": "2026-01-01", "published_at_1": "09:00"}
    assert writer.post(change_url(article), sent).status_code == 302
    article.refresh_from_db()
    assert (article.status, article.published_at) == (status, at)
    assert article.body == ("<p>Two.</p>" if shift is None else "<p>One.</p>")


def test_new_article_of_a_contributor_is_a_draft(writer) -> None:
    url = "/admin/pages/article/add/"
    data = {**form_data(writer, url), "title": "On rest", "slug": "on-rest"}
    sent = {**data, "status": "published", "_publish": "x"}
    assert writer.post(url, sent).status_code == 302
    assert Article.objects.get().status == Status.DRAFT


def test_other_ways_to_publish_are_refused(writer) -> None:
    article = own_article(body="<p>One.</p>")
    submit_action(writer, article, "_draft_change", body="<p>Two.</p>")
    versions = f"/admin/pages/article/{article.pk}/versions/"
    assert "Publish change" not in writer.get(versions).content.decode()
    assert writer.post(versions, {"act": "publish"}).status_code == 403
    first = Revision.objects.of(article).last()
    assert first is not None
    sent = {"act": "restore_now", "version": first.pk}
    assert writer.post(versions, sent).status_code == 403
    for action in ("publish", "withdraw"):
        sent = {"action": action, "_selected_action": article.pk}
        writer.post("/admin/pages/article/", sent)
    assert (
        writer.post(f"/admin/pages/article/{article.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    article.refresh_from_db()
    assert (article.body, article.is_public()) == ("<p>One.</p>", True)


def test_article_names_who_reviewed_it(client) -> None:
    person = Practitioner.objects.create(name="Theo Reed", slug="theo", is_published=True)
    article = make_article(slug="on-rest")
    Article.objects.filter(pk=article.pk).update(reviewed_by=person)
    page = client.get("/articles/on-rest/").content.decode()
    assert 'Reviewed by</span> <a href="/about/theo/">Theo Reed</a>' in page
    Practitioner.objects.update(is_published=False)
    assert "Reviewed by" not in client.get("/articles/on-rest/").content.decode()
