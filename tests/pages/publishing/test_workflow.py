"""Draft changes, publishing and restoring."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from pages.articles.models import Article
from pages.publishing import revisions, snapshots, workflow
from pages.publishing.models import Status
from pages.publishing.redirects import Redirect
from pages.publishing.revisions import Revision
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_site_page,
    make_tag,
)
from tests.pages.publishing.test_redirects import make_free_page

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
Kind = Revision.Kind


@pytest.fixture
def jo():
    make_practice()
    return get_user_model().objects.create_user("jo", is_staff=True)


def save_change(subject, by, **facts) -> Revision:
    """Save a draft change as the form does: from an instance in memory."""
    copy = type(subject).objects.get(pk=subject.pk)
    related = {name: facts.pop(name) for name in list(facts) if name == "tags"}
    for name, value in facts.items():
        setattr(copy, name, value)
    return workflow.save_draft_change(copy, related=related, by=by, now=NOW)


def revision_kinds(subject) -> list[str]:
    return [row.kind for row in Revision.objects.of(subject)]


@pytest.mark.parametrize("make", [make_article, make_free_page, make_site_page])
def test_draft_change_does_not_affect_public_page(jo, make) -> None:
    subject = make(title="First")
    save_change(subject, jo, title="Second", body="<p>b<script>x</script></p>")
    subject.refresh_from_db()
    assert subject.title == "First"
    pending = revisions.pending_revision(subject)
    assert pending is not None
    assert snapshots.read_snapshot(pending.snapshot)["body"] == "<p>b</p>"
    assert revision_kinds(subject) == [Kind.CHANGE, Kind.BASELINE]
    assert workflow.publish_draft_change(subject, by=jo, now=NOW)
    subject.refresh_from_db()
    assert (subject.title, subject.body) == ("Second", "<p>b</p>")
    assert revisions.pending_revision(subject) is None
    assert not workflow.publish_draft_change(subject, by=jo, now=NOW)


def test_draft_change_includes_related_rows(jo) -> None:
    old, new = make_tag(), make_tag()
    article = make_article(tags=[old])
    save_change(article, jo, tags=[new], category=make_category(name="Other"))
    assert list(article.tags.all()) == [old]
    workflow.publish_draft_change(article, by=jo, now=NOW)
    article = Article.objects.get(pk=article.pk)
    assert list(article.tags.all()) == [new]
    assert article.category.name == "Other"


def test_discarded_change_can_be_restored(jo) -> None:
    article = make_article(title="First")
    kept = save_change(article, jo, title="Second")
    assert workflow.discard_draft_change(article, by=jo, now=NOW)
    assert revisions.pending_revision(article) is None
    assert revision_kinds(article) == [Kind.DROPPED, Kind.CHANGE, Kind.BASELINE]
    workflow.restore_revision(article, kept, by=jo, now=NOW, as_change=False)
    article.refresh_from_db()
    assert article.title == "Second"


def test_restore_adds_new_version(jo) -> None:
    article = make_article(title="First", slug="first")
    first = workflow.record_revision(article, by=jo, now=NOW)
    article.title, article.slug = "Second", "second"
    article.save()
    workflow.record_revision(article, by=jo, now=NOW)
    workflow.restore_revision(article, first, by=jo, now=NOW, as_change=False)
    article.refresh_from_db()
    assert (article.title, article.slug) == ("First", "first")
    assert revision_kinds(article) == [Kind.RESTORED, Kind.SAVED, Kind.SAVED]
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {
        "/articles/second": "/articles/first/"
    }


def test_restore_can_create_draft_change(jo) -> None:
    article = make_article(title="First")
    first = workflow.record_revision(article, by=jo, now=NOW)
    Article.objects.filter(pk=article.pk).update(title="Second")
    workflow.restore_revision(article, first, by=jo, now=NOW, as_change=True)
    article.refresh_from_db()
    assert article.title == "Second"
    pending = revisions.pending_revision(article)
    assert pending is not None
    assert pending.kind == Kind.RESTORED


def test_restore_keeps_publication_state(jo) -> None:
    article = make_article(status=Status.DRAFT, published_at=None)
    first = workflow.record_revision(article, by=jo, now=NOW)
    workflow.publish(article, by=jo, now=NOW)
    workflow.restore_revision(article, first, by=jo, now=NOW, as_change=False)
    article.refresh_from_db()
    assert article.is_public(NOW)


def test_restore_skips_deleted_related_rows(jo) -> None:
    category, tag = make_category(), make_tag()
    article = make_article(category=category, tags=[tag], title="First")
    first = workflow.record_revision(article, by=jo, now=NOW)
    other = make_category()
    article.category, article.title = other, "Second"
    article.save()
    category.delete()
    tag.delete()
    workflow.restore_revision(article, first, by=jo, now=NOW, as_change=False)
    article.refresh_from_db()
    assert (article.title, article.category) == ("First", other)
    assert list(article.tags.all()) == []


def test_restored_snapshot_is_cleaned_again(jo) -> None:
    article = make_article()
    row = workflow.record_revision(article, by=jo, now=NOW)
    row.snapshot = row.snapshot.replace("A few words.", "a<script>x()</script>")
    row.save()
    workflow.restore_revision(article, row, by=jo, now=NOW, as_change=False)
    article.refresh_from_db()
    assert article.body == "<p>a</p>"


def test_publish_includes_draft_change(jo) -> None:
    article = make_article(title="First")
    save_change(article, jo, title="Second")
    workflow.unpublish(article, by=jo, now=NOW)
    article.refresh_from_db()
    assert (article.title, article.status) == ("Second", Status.DRAFT)
    workflow.publish(article, by=jo, now=NOW, at=NOW + timedelta(days=1))
    article.refresh_from_db()
    assert not article.is_public(NOW)
    assert article.is_public(NOW + timedelta(days=1))
    assert revision_kinds(article)[:2] == [Kind.PUBLISHED, Kind.WITHDRAWN]


def test_mark_editing_returns_other_editors(jo) -> None:
    sam = get_user_model().objects.create_user("sam")
    article = make_article()
    assert workflow.mark_editing(article, by=jo, now=NOW) == []
    assert [row.by for row in workflow.mark_editing(article, by=sam, now=NOW)] == [jo]
    assert workflow.mark_editing(make_article(), by=sam, now=NOW) == []
    assert workflow.mark_editing(article, by=sam, now=NOW + timedelta(minutes=31)) == []
    workflow.mark_editing(article, by=jo, now=NOW)
    workflow.clear_editing(article, by=jo)
    assert workflow.mark_editing(article, by=sam, now=NOW) == []
