"""Admin pages of the website: they open, keep the CSP, and clean what is saved."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from pages.articles.models import Article
from pages.practice.models import PracticeProfile
from pages.publishing.models import Status
from pages.site_pages.models import SitePage
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_practitioner,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
MODELS = [
    "article", "category", "crisisline", "fee", "frequentquestion", "practitioner", "service",
    "sitepage", "tag",
]  # fmt: skip
WITH_EDITOR = ["article", "frequentquestion", "practitioner", "service", "sitepage"]


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser("jo", "jo@example.com", "a-long-password")
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_changelists_and_forms_open(staff, model) -> None:
    make_whole_site()
    assert staff.get(reverse(f"admin:pages_{model}_changelist"), {"q": "a"}).status_code == 200
    assert staff.get(reverse(f"admin:pages_{model}_add")).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_only_editor_pages_have_csp_nonce(staff, model) -> None:
    response = staff.get(reverse(f"admin:pages_{model}_add"))
    policy = response["Content-Security-Policy"]
    assert ("'nonce-" in policy) is (model in WITH_EDITOR)
    assert "unsafe" not in policy
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", response.content.decode())
    runnable = [attributes for attributes in inline if "json" not in attributes]
    assert all("nonce=" in attributes for attributes in runnable)
    assert bool(runnable) is (model in WITH_EDITOR)


def test_practice_changelist_redirects_to_form(staff) -> None:
    first = staff.get(reverse("admin:pages_practiceprofile_changelist"))
    assert first.url == reverse("admin:pages_practiceprofile_add")
    make_practice()
    again = staff.get(reverse("admin:pages_practiceprofile_changelist"))
    assert again.url == reverse("admin:pages_practiceprofile_change", args=[1])
    assert staff.get(again.url).status_code == 200
    assert staff.get(first.url).status_code == 403
    assert PracticeProfile.objects.count() == 1


def test_time_zone_field_is_a_select(staff) -> None:
    make_practice()
    page = staff.get(reverse("admin:pages_practiceprofile_change", args=[1])).content.decode()
    assert '<option value="America/Los_Angeles" selected>' in page
    assert "Etc/GMT" not in page


def test_new_site_page_is_prefilled_with_default_text(staff) -> None:
    page = staff.get(reverse("admin:pages_sitepage_changelist")).content.decode()
    assert reverse("admin:pages_sitepage_add") + "?key=terms" in page
    form = staff.get(reverse("admin:pages_sitepage_add"), {"key": "terms"})
    initial = form.context["adminform"].form.initial
    assert initial["title"] == SitePage.default_for("terms").title
    assert initial["body"] == SitePage.default_for("terms").body
    assert staff.get(reverse("admin:pages_sitepage_add"), {"key": "../x"}).status_code == 200


def test_admin_save_cleans_html(staff) -> None:
    category = make_category()
    response = staff.post(
        reverse("admin:pages_article_add"),
        {
            "title": "On rest",
            "slug": "on-rest",
            "body": "<p>a</p><script>alert(1)</script>",
            "references": "",
            "category": category.pk,
            "status": "published",
            "comments_are_open": "on",
        },
    )
    assert response.status_code == 302
    article = Article.objects.get(slug="on-rest")
    assert article.body == "<p>a</p>"
    assert article.is_public()


def test_list_actions_publish_and_withdraw(staff) -> None:
    draft = make_article(status=Status.DRAFT, published_at=None)
    url = reverse("admin:pages_article_changelist")
    staff.post(url, {"action": "publish", "_selected_action": [draft.pk]})
    draft.refresh_from_db()
    assert draft.is_public()
    staff.post(url, {"action": "withdraw", "_selected_action": [draft.pk]})
    draft.refresh_from_db()
    assert not draft.is_public()


def test_practitioner_slug_cannot_equal_login(staff) -> None:
    user = get_user_model().objects.get(username="jo")
    person = make_practitioner()
    response = staff.post(
        reverse("admin:pages_practitioner_change", args=[person.pk]),
        {
            "name": "Jo Example",
            "slug": "jo",
            "user": user.pk,
            "order": "0",
            "licences-TOTAL_FORMS": "0",
            "licences-INITIAL_FORMS": "0",
        },
    )
    assert response.status_code == 200
    assert "Choose another word than the login." in response.content.decode()
