"""The editing page: what each button does, and that nobody loses what they typed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import signing
from django.utils import timezone

from pages.articles.models import Article
from pages.publishing import previews, workflow
from pages.publishing.models import Status
from pages.publishing.revisions import OpenPage, PreviewKey, Revision
from pages.site_pages.models import PageKey, SitePage
from pages.text.cleaning import clean_html
from tests.factories.pages import (
    make_article,
    make_category,
    make_licence,
    make_practice,
    make_site_page,
)
from tests.pages.publishing.test_redirects import make_free_page

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser("jo", "jo@example.com", first_name="Jo")
    client.force_login(user)
    return client


def change_url(subject) -> str:
    return f"/admin/pages/{subject._meta.model_name}/{subject.pk}/change/"


def form_data(client, url: str) -> dict[str, Any]:
    """Return the form as a browser would submit it, with times in the practice's time zone."""
    form = client.get(url).context["adminform"].form
    with timezone.override(ZoneInfo("America/Los_Angeles")):
        return dict(_form_values(form))


def _form_values(form) -> Iterator[tuple[str, Any]]:
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "widgets"):
            for number, part in enumerate(widget.decompress(value)):
                yield f"{bound.name}_{number}", "" if part is None else str(part)
        elif isinstance(value, list):
            yield bound.name, [str(getattr(row, "pk", row)) for row in value]
        elif value is not None and value is not False:
            yield bound.name, "on" if value is True else str(value)


def submit_action(client, subject, button: str, **changes):
    url = change_url(subject)
    return client.post(url, {**form_data(client, url), button: "x", **changes}, follow=True)


def button_labels(response) -> list[str]:
    row = re.search(r'<div class="submit-row".*?</div>', response.content.decode(), re.DOTALL)
    assert row is not None
    return re.findall(r'value="([^"]*)"', row[0])


def get_status_anonymously(client, path: str) -> int:
    return client.get(path).status_code


def test_edit_buttons_match_publication_state(staff) -> None:
    new = staff.get("/admin/pages/article/add/")
    assert button_labels(new) == ["Save draft", "Publish now", "Save and preview"]
    soon = make_article(status=Status.DRAFT, published_at=datetime(2026, 12, 8, 17, tzinfo=UTC))
    assert "Publish on Tuesday 8 December at 09:00" in button_labels(staff.get(change_url(soon)))
    live = make_article()
    assert button_labels(staff.get(change_url(live))) == [
        "Save as draft change", "Publish change", "Save and preview", "Unpublish",
    ]  # fmt: skip
    page = make_site_page()
    assert "Unpublish" not in button_labels(staff.get(change_url(page)))


def test_scheduled_article_goes_public_at_its_time(staff) -> None:
    make_category(name="Daily life")
    category = make_category().pk
    posted = staff.post(
        "/admin/pages/article/add/",
        {
            "title": "On rest", "slug": "on-rest", "body": "<p>a</p>", "category": category,
            "published_at_0": "2026-12-08", "published_at_1": "09:00:00", "_publish": "x",
        },
        follow=True,
    )  # fmt: skip
    assert "Readers see it on Tuesday 8 December at 09:00." in posted.content.decode()
    article = Article.objects.get(slug="on-rest")
    assert article.published_at == datetime(2026, 12, 8, 17, tzinfo=UTC)
    assert "Save, and keep the time" in button_labels(posted)
    with time_machine.travel(datetime(2026, 12, 8, 16, 59, 59, tzinfo=UTC), tick=False):
        assert get_status_anonymously(staff, "/articles/on-rest/") == 404
    with time_machine.travel(datetime(2026, 12, 8, 17, 0, tzinfo=UTC), tick=False):
        assert get_status_anonymously(staff, "/articles/on-rest/") == 200


def test_draft_can_be_saved_published_and_unpublished(staff) -> None:
    article = make_article(status=Status.DRAFT, published_at=None)
    submit_action(staff, article, "_continue", title="Other")
    article.refresh_from_db()
    assert (article.title, article.status, article.published_at) == ("Other", Status.DRAFT, None)
    submit_action(staff, article, "_publish")
    article.refresh_from_db()
    assert article.is_public()
    submit_action(staff, article, "_unpublish")
    article.refresh_from_db()
    assert article.status == Status.DRAFT
    assert get_status_anonymously(staff, article.get_absolute_url()) == 404


@pytest.mark.parametrize("make", [make_article, make_free_page, make_site_page])
def test_draft_change_stays_private_until_published(staff, make) -> None:
    subject = make(title="First", body="<p>First words.</p>")
    shown = submit_action(
        staff, subject, "_draft_change", title="Second", body="<p>Second words.</p>"
    )
    assert "There are changes that readers do not see yet." in shown.content.decode()
    assert shown.context["adminform"].form.initial["title"] == "Second"
    url = subject.get_absolute_url()
    assert "First words." in staff.get(url).content.decode()
    submit_action(staff, subject, "_publish")
    assert "Second words." in staff.get(url).content.decode()
    page = staff.get(change_url(subject)).content.decode()
    assert "changes that readers do not see" not in page


def test_draft_change_includes_tags(staff) -> None:
    article = make_article()
    other = make_category(name="Other")
    submit_action(staff, article, "_draft_change", category=other.pk, more_categories=[])
    article.refresh_from_db()
    assert article.category != other
    assert form_data(staff, change_url(article))["category"] == str(other.pk)


def test_each_save_creates_one_version_with_note(staff) -> None:
    article = make_article()
    submit_action(staff, article, "_draft_change", title="Two", revision_note="Softer")
    submit_action(staff, article, "_publish", revision_note="")
    rows = list(Revision.objects.of(article).values_list("kind", "note", "by__username"))
    assert rows == [("published", "", "jo"), ("change", "Softer", "jo"), ("baseline", "", None)]


def test_stale_edit_reports_conflict_and_keeps_input(staff, client) -> None:
    article = make_article(title="First", body="<p>One two three.</p>", summary="")
    url = change_url(article)
    mine = {**form_data(staff, url), "_publish": "x", "body": "<p>One two four.</p>"}
    sam = get_user_model().objects.create_superuser("sam", first_name="Sam")
    article.body = "<p>One nine three.</p>"
    article.save()
    workflow.record_revision(article, by=sam, now=timezone.now())
    answer = staff.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Sam saved this page while you were writing." in page
    assert answer.context["adminform"].form["body"].value() == "<p>One two four.</p>"
    assert re.search(r"<del><span[^>]*>taken out: </span>nine three\.</del>", page)
    assert re.search(r"<ins><span[^>]*>put in: </span>two four\.</ins>", page)
    article.refresh_from_db()
    assert article.body == "<p>One nine three.</p>"
    again = {**mine, "version": answer.context["adminform"].form["version"].value()}
    staff.post(url, again)
    article.refresh_from_db()
    assert article.body == "<p>One two four.</p>"


def test_other_open_editors_are_shown(staff, client) -> None:
    article = make_article()
    sam = get_user_model().objects.create_superuser("sam", first_name="Sam", last_name="Reed")
    workflow.mark_editing(article, by=sam, now=NOW - timedelta(minutes=4))
    page = staff.get(change_url(article)).content.decode()
    assert "Sam Reed opened this page 4\xa0minutes ago" in page
    submit_action(staff, article, "_draft_change")
    assert "Jo" not in staff.get(change_url(article)).context["others"]


def test_invalid_form_keeps_input_and_shows_errors(staff) -> None:
    article = make_article()
    answer = submit_action(staff, article, "_publish", title="", body="<p>typed</p>")
    assert "typed" in answer.content.decode()
    assert not Revision.objects.of(article).exists()


def test_versions_can_be_compared_and_restored(staff) -> None:
    article = make_article(title="First", body="<p>It was calm.</p>", status=Status.DRAFT)
    submit_action(staff, article, "_continue", title="Second", body="<p>It was quiet.</p>")
    url = f"/admin/pages/article/{article.pk}/versions/"
    page = staff.get(url).content.decode()
    assert "Before the first change" in page
    assert re.search(r"<del>.*calm\.</del> <ins>.*quiet\.</ins>", page)
    first = Revision.objects.of(article).get(kind="baseline")
    staff.post(url, {"act": "restore", "version": first.pk})
    article.refresh_from_db()
    assert (article.title, article.status) == ("First", Status.DRAFT)
    assert Revision.objects.of(article).count() == 3
    assert staff.post(url, {"act": "restore", "version": "999999"}).status_code == 404
    assert staff.get(url, {"new": "x", "old": first.pk}).status_code == 200


def test_other_pages_version_cannot_be_restored(staff) -> None:
    article, other = make_article(), make_article()
    foreign = workflow.record_revision(other, by=None, now=NOW)
    url = f"/admin/pages/article/{article.pk}/versions/"
    assert staff.post(url, {"act": "restore", "version": foreign.pk}).status_code == 404


def test_versions_require_change_permission(client) -> None:
    article = make_article()
    user = get_user_model().objects.create_user("guest", is_staff=True)
    client.force_login(user)
    for name in ("versions", "preview"):
        assert client.get(f"/admin/pages/article/{article.pk}/{name}/").status_code == 403
        assert client.post(f"/admin/pages/article/{article.pk}/{name}/").status_code == 403


@pytest.mark.parametrize("make", [make_article, make_free_page])
def test_preview_link_needs_no_login_and_can_be_revoked(staff, make) -> None:
    subject = make(title="Draft", body="<p>Not yet.</p>", status=Status.DRAFT, published_at=None)
    link = previews.preview_url(subject)
    staff.logout()
    page = staff.get(link)
    html = page.content.decode()
    assert "Not yet." in html
    assert "Preview: readers don’t see this version yet." in html
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store, private", "noindex")
    assert '<meta name="robots" content="noindex">' in html
    assert not page.cookies
    assert get_status_anonymously(staff, subject.get_absolute_url()) == 404
    previews.revoke_preview_links(subject)
    assert get_status_anonymously(staff, link) == 404
    fresh = previews.preview_url(subject)
    assert get_status_anonymously(staff, fresh) == 200
    with time_machine.travel(NOW + previews.PREVIEW_LIFETIME + timedelta(seconds=1), tick=False):
        assert get_status_anonymously(staff, fresh) == 404


def test_preview_shows_draft_change(staff) -> None:
    article = make_article(title="First", body="<p>First words.</p>")
    answer = submit_action(staff, article, "_preview", body="<p>Second words.</p>")
    html = answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith("/preview/")
    assert "Second words." in html
    assert "First words." not in html
    assert "First words." in staff.get(article.get_absolute_url()).content.decode()


def test_site_page_preview_uses_its_own_view(staff) -> None:
    page = make_site_page(key="fees", title="Fees", body="<p>Old.</p>")
    submit_action(staff, page, "_draft_change", body="<p>From next year.</p>")
    staff.logout()
    answer = staff.get(previews.preview_url(page), headers={"if-none-match": "*"})
    assert answer.status_code == 200
    assert "From next year." in answer.content.decode()
    assert "ETag" not in answer
    assert answer["Cache-Control"] == "no-store, private"
    assert "From next year." not in staff.get("/fees/").content.decode()
    assert SitePage.load("fees").body == "<p>Old.</p>"


@pytest.mark.parametrize("token", ["x", "x:y:z", "a" * 3000])
def test_invalid_preview_link_returns_404(staff, token) -> None:
    assert get_status_anonymously(staff, f"/preview/{token}/") == 404


def test_preview_token_with_other_content_returns_404(staff) -> None:
    make_article()
    for content in (["nonsense", 1], "x", {"a": 1}, [1], None):
        token = signing.dumps(content, salt=previews.PREVIEW_SALT)
        assert get_status_anonymously(staff, f"/preview/{token}/") == 404


def test_preview_page_shows_and_revokes_links(staff) -> None:
    article = make_article(status=Status.DRAFT)
    url = f"/admin/pages/article/{article.pk}/preview/"
    link = staff.get(url).context["link"]
    assert link.startswith("http://testserver/preview/")
    assert get_status_anonymously(staff, link) == 200
    staff.post(url)
    assert get_status_anonymously(staff, link) == 404


def test_due_reviews_appear_on_dashboard(staff) -> None:
    make_article(review_on="2026-12-01")
    make_site_page(review_on="2026-11-01")
    make_free_page(review_on="2026-12-02")
    make_licence(expires_on="2027-01-15")
    make_licence(expires_on="2028-01-15")
    page = staff.get("/admin/").content.decode()
    assert "<strong>1</strong> article to look at again" in page
    assert "<strong>1</strong> page to look at again" in page
    assert "free page to look at again" not in page
    assert "<strong>1</strong> license that ends soon" in page
    answer = staff.get("/admin/pages/article/?review=due")
    assert answer.context["cl"].result_count == 1


def test_custom_text_for_default_page_can_be_draft_change(staff) -> None:
    url = "/admin/pages/sitepage/add/?key=terms"
    data = {**form_data(staff, url), "body": "<p>Ours.</p>", "_draft_change": "x"}
    shown = staff.post(url, data, follow=True)
    assert "There are changes that readers do not see yet." in shown.content.decode()
    assert "Ours." not in staff.get("/terms/").content.decode()
    page = SitePage.objects.get(key="terms")
    assert page.body == clean_html(SitePage.default_for("terms").body)
    submit_action(staff, page, "_publish")
    assert "Ours." in staff.get("/terms/").content.decode()


@pytest.mark.parametrize("key", PageKey.values)
def test_every_site_page_can_be_previewed(client, key) -> None:
    page = make_site_page(key=key, title="Looks so", body="<p>And reads so.</p>")
    answer = client.get(previews.preview_url(page))
    assert answer.status_code == 200
    assert "Looks so" in answer.content.decode()
    assert "Preview: readers don’t see" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store, private"
    assert not answer.cookies


def test_deleting_page_deletes_versions_and_previews(staff) -> None:
    article = make_article()
    submit_action(staff, article, "_draft_change", title="Second")
    staff.get(change_url(article))
    previews.preview_url(article)
    article.delete()
    for model in (Revision, OpenPage, PreviewKey):
        assert not model.objects.exists()


def test_restore_reports_taken_address_and_keeps_page(staff) -> None:
    article = make_article(slug="rest")
    first = workflow.record_revision(article, by=None, now=NOW)
    article.slug = "sleep"
    article.save()
    make_article(slug="rest")
    url = f"/admin/pages/article/{article.pk}/versions/"
    answer = staff.post(url, {"act": "restore_now", "version": first.pk}, follow=True)
    assert "Article with this Address already exists." in answer.content.decode()
    article.refresh_from_db()
    assert article.slug == "sleep"


def test_list_actions_publish_and_withdraw_in_local_time(staff) -> None:
    draft = make_article(status=Status.DRAFT, published_at=None)
    url = "/admin/pages/article/"
    for act, public in (("publish", True), ("withdraw", False)):
        staff.post(url, {"action": act, "_selected_action": [draft.pk]})
        draft.refresh_from_db()
        assert draft.is_public() is public
    make_article(published_at=NOW)
    assert "Tue, Dec 1, 2026, 12:00 PM" in staff.get(url).content.decode()
