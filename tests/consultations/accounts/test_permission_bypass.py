"""Attempts to reach what a role may not see, by lookups, filters, ids and other URLs."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from consultations.booking.calendars.models import BusySource
from consultations.booking.models import Consultation
from consultations.data_rights.models import DataLink
from pages.articles.models import Article
from pages.practice.models import Practitioner
from pages.publishing.models import Status
from tests.consultations.accounts.practice import make_member_for_letter, make_practice_for_letter
from tests.factories.consultations import NOW, make_staff

pytestmark = pytest.mark.django_db
LIST_URL = "/admin/consultations/consultation/"
SEVERAL_REQUESTS_TEXT = "several requests of this person"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


def sign_in_as(client, letter: str):
    practice = make_practice_for_letter(letter)
    client.force_login(practice.user)
    return practice


def view_on_site_url(row) -> str:
    kind = ContentType.objects.get_for_model(row)
    return reverse("admin:view_on_site", args=[kind.pk, row.pk])


def test_view_on_site_reveals_no_secret_link(client) -> None:
    practice = sign_in_as(client, "a")
    link = DataLink.objects.create(
        email="a@b.example",
        created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    mine, draft = practice.rows["pages_article"]
    secret = [
        *practice.rows["consultations_consultation"],
        practice.rows["consultations_comment"][0],
        link,
    ]
    for user in (practice.user, make_staff()):
        client.force_login(user)
        for row in secret:
            assert client.get(view_on_site_url(row)).status_code == 404, row
    client.force_login(practice.user)
    assert client.get(view_on_site_url(mine)).url == mine.get_absolute_url()
    assert client.get(view_on_site_url(draft)).status_code == 404
    assert client.get("/admin/r/1/x/").status_code == 404
    assert client.get("/admin/r/x/1/").status_code == 404


@pytest.mark.parametrize(
    ("letter", "asked"),
    [
        ("a", "/admin/pages/article/?author__user__password__startswith=a"),
        ("e", "/admin/pages/practitioner/?user__password__startswith=a"),
        ("p", f"{LIST_URL}?practitioner__user__password__startswith=a"),
        ("p", f"{LIST_URL}?events__by__password__startswith=a"),
        ("i", f"{LIST_URL}?rebooked_from__reference__startswith=a"),
        ("o", "/admin/auth/user/?password__startswith=a"),
        ("n", "/admin/consultations/auditentry/?_to_field=mac"),
        ("p", f"{LIST_URL}?_to_field=email_fingerprint"),
    ],
)
def test_lookups_on_hidden_fields_are_refused(client, letter, asked) -> None:
    sign_in_as(client, letter)
    assert client.get(asked).status_code == 400


def test_autocomplete_returns_own_rows_only(client) -> None:
    query = {"app_label": "consultations", "model_name": "consultationevent"}
    asked = {**query, "field_name": "consultation", "term": ""}
    practice = sign_in_as(client, "p")
    own, other = practice.rows["consultations_consultation"]
    response = client.get("/admin/autocomplete/", asked)
    assert str(other.pk) not in response.content.decode()
    assert [row["id"] for row in response.json()["results"]] == [str(own.pk)]
    for letter in "aemn":
        user = make_member_for_letter(letter)
        client.force_login(user)
        assert client.get("/admin/autocomplete/", asked).status_code == 403
        users = {**query, "field_name": "by", "term": ""}
        assert client.get("/admin/autocomplete/", users).status_code == 403


def test_bulk_actions_ignore_articles_of_others(client) -> None:
    """Return the posted fields of a list action, with ids that the list did not show."""
    practice = sign_in_as(client, "a")
    mine, draft = practice.rows["pages_article"]
    for action in ("publish", "delete_selected"):
        chosen = {"action": action, "_selected_action": [draft.pk], "post": "yes"}
        client.post("/admin/pages/article/", chosen)
    assert Article.objects.get(pk=draft.pk).status == Status.DRAFT
    chosen = {"action": "withdraw", "_selected_action": [mine.pk]}
    client.post("/admin/pages/article/", chosen)
    assert Article.objects.get(pk=mine.pk).status == Status.DRAFT
    assert client.get("/admin/pages/article/", {"q": "Hush"}).context["cl"].result_count == 0


def test_calendars_of_others_cannot_be_changed(client) -> None:
    practice = sign_in_as(client, "p")
    _own, other = practice.rows["consultations_busysource"]
    chosen = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    client.post("/admin/consultations/busysource/", chosen)
    assert BusySource.objects.filter(pk=other.pk).exists()
    form = {
        "practitioner": other.practitioner_id,
        "label": "x",
        "new_address": "https://b.example/",
    }
    response = client.post("/admin/consultations/busysource/add/", {**form, "is_on": "on"})
    assert response.status_code == 200
    assert not BusySource.objects.filter(label="x").exists()


def test_author_cannot_change_the_article_author(client) -> None:
    practice = sign_in_as(client, "a")
    mine, draft = practice.rows["pages_article"]
    url = reverse("admin:pages_article_change", args=[mine.pk])
    page = client.get(url)
    assert "Their Person" not in page.content.decode()
    form = page.context["adminform"].form
    typed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    typed = {name: value for name, value in typed.items() if value not in (None, False)}
    response = client.post(url, {**typed, "author": draft.author_id, "_continue": "1"})
    assert response.status_code == 200
    assert "author" in response.context["adminform"].form.errors
    assert Article.objects.get(pk=mine.pk).author_id == mine.author_id


def test_unsigned_article_belongs_to_its_creator(client) -> None:
    practice = sign_in_as(client, "a")
    mine, draft = practice.rows["pages_article"]
    Article.objects.filter(pk__in=[mine.pk, draft.pk]).update(author=None)
    articles = client.get("/admin/pages/article/").context["cl"].result_list
    assert list(articles) == [mine]


def test_editor_cannot_link_a_practitioner_to_a_login(client) -> None:
    """A user linked to a practitioner sees that practitioner's consultations."""
    practice = sign_in_as(client, "e")
    person = practice.rows["pages_practitioner"][0]
    before = person.user_id
    url = reverse("admin:pages_practitioner_change", args=[person.pk])
    assert 'name="user"' not in client.get(url).content.decode()
    formset = {f"licences-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    posted = {"name": "Renamed", "slug": person.slug, "order": "0", "user": practice.user.pk}
    response = client.post(url, {**posted, **formset, "organizer_email": "e@x.example"})
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.name, person.user_id, person.organizer_email) == ("Renamed", before, "")


def test_practitioner_sees_only_own_consultations_in_every_list(client) -> None:
    practice = sign_in_as(client, "p")
    own, other = practice.rows["consultations_consultation"]
    response = client.get(LIST_URL, {"group": "all"})
    assert [row.pk for row in response.context["cl"].result_list] == [own.pk]
    page = response.content.decode()
    assert SEVERAL_REQUESTS_TEXT not in page  # the other one is with a colleague
    assert "All" in page
    assert "(2)" not in page
    assert client.get(LIST_URL, {"q": other.reference}).context["cl"].result_count == 0
    counts = {item.url: item.count for item in client.get("/admin/").context["today"]}
    assert counts[LIST_URL] == 1
    assert f"{LIST_URL}?group=waiting" not in counts
    week = client.get(f"{LIST_URL}week/", {"practitioner": "all"}).content.decode()
    assert "Their Person" not in week
    assert "Yolanda" not in client.get(f"{LIST_URL}waiting/").content.decode()
    client.force_login(make_member_for_letter("i"))
    response = client.get(LIST_URL, {"group": "all"})
    assert response.context["cl"].result_count == 3
    assert SEVERAL_REQUESTS_TEXT in response.content.decode()


def test_practitioner_books_and_reschedules_only_for_themselves(client) -> None:
    practice = sign_in_as(client, "p")
    own, other = practice.rows["consultations_consultation"]
    times = {"start_at_0": "2026-05-06", "start_at_1": "10:00"}
    confirm = reverse("admin:consultations_consultation_action", args=[own.pk, "confirm"])
    response = client.post(confirm, {**times, "practitioner": other.practitioner_id})
    assert response.status_code == 422
    assert client.post(confirm, {**times, "practitioner": own.practitioner_id}).status_code == 302
    kind = practice.rows["consultations_consultationtype"][0]
    facts = {"name": "Vera", "channel": "call", "phone": "5035550142", "voicemail": "no"}
    more = {"meeting": "phone", "zone": "America/Los_Angeles", "type": kind.pk}
    later = {"start_at_0": "2026-05-07", "start_at_1": "10:00"}
    add = {**facts, **more, **later, "practitioner": other.practitioner_id}
    assert client.post(f"{LIST_URL}add/", add).status_code == 422
    assert not Consultation.objects.filter(start_at__date="2026-05-07").exists()


def test_practitioner_without_a_profile_sees_nothing(client) -> None:
    practice = sign_in_as(client, "p")
    Practitioner.objects.filter(user=practice.user).update(user=None)
    assert client.get(LIST_URL, {"group": "all"}).context["cl"].result_count == 0
    assert client.get(f"{LIST_URL}add/").status_code == 403
    assert client.get("/admin/").status_code == 200


def test_deletion_page_hides_comments_and_deletion_is_blocked(client) -> None:
    practice = sign_in_as(client, "a")
    mine, _draft = practice.rows["pages_article"]
    comment = practice.rows["consultations_comment"][0]
    chosen = {"action": "delete_selected", "_selected_action": [mine.pk]}
    pages = [
        client.get(reverse("admin:pages_article_delete", args=[mine.pk])),
        client.post("/admin/pages/article/", chosen),
    ]
    for page in pages:
        assert page.status_code == 200
        assert str(comment.pk)[:8] not in page.content.decode()
    chosen["post"] = "yes"
    client.post("/admin/pages/article/", chosen)
    assert Article.objects.filter(
        pk=mine.pk
    ).exists()  # deleting the user does not delete what they wrote


def test_recent_actions_link_only_to_visible_rows(client) -> None:
    practice = sign_in_as(client, "p")
    own, other = practice.rows["consultations_consultation"]
    page = reverse("admin:consultations_consultation_change", args=[own.pk])
    client.post(page, {"staff_notes": "Rang twice."})
    assert page in client.get("/admin/").content.decode()
    Consultation.objects.filter(pk=own.pk).update(practitioner=other.practitioner)
    index = client.get("/admin/").content.decode()
    assert page not in index
    assert f"Consultation #{str(own.pk)[:8]}" in index
