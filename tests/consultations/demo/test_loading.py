"""Loading and removing the demo practice leaves everything else unchanged."""

import json
import stat
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from consultations.accounts import roles
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments.models import Comment
from consultations.demo import loading
from consultations.demo.models import DemoRow
from consultations.outbox.models import OutgoingEmail
from pages.articles.models import Article, Category, Tag
from pages.media.models import Picture
from pages.practice.models import (
    Fee,
    FrequentQuestion,
    Holiday,
    Licence,
    OpeningHours,
    PracticeProfile,
    Practitioner,
    Service,
)
from tests.factories.consultations import make_comment, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
COUNTED_MODELS = [
    Article, Category, Tag, Comment, Consultation, ConsultationEvent, DemoRow, Fee,
    FrequentQuestion, Holiday, Licence, OpeningHours, OutgoingEmail, Picture, PracticeProfile,
    Practitioner, Service, User,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


def count_rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED_MODELS}


def test_demo_fills_every_model_and_removes_all_of_it(settings) -> None:
    made = loading.load_demo(timezone.now())
    full = count_rows()
    assert [name for name, count in full.items() if not count and name != "OutgoingEmail"] == []
    assert sum(made.values()) == full["DemoRow"]
    removed, kept = loading.remove_demo()
    assert (removed, kept) == (made, {})
    assert set(count_rows().values()) == {0}
    assert not (settings.DATA_DIR / "keys" / "demo_login.json").exists()


def test_second_load_changes_nothing(settings) -> None:
    loading.load_demo(timezone.now())
    before = count_rows()
    login = (settings.DATA_DIR / "keys" / "demo_login.json").read_text()
    assert loading.load_demo(timezone.now()) == {}
    assert count_rows() == before
    assert (settings.DATA_DIR / "keys" / "demo_login.json").read_text() == login


def test_loading_sends_no_email() -> None:
    loading.load_demo(timezone.now())
    assert not OutgoingEmail.objects.exists()


def test_login_file_is_private_and_works(settings, client) -> None:
    loading.load_demo(timezone.now())
    file = settings.DATA_DIR / "keys" / "demo_login.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    login = json.loads(file.read_text())
    assert client.login(**login)
    assert not User.objects.get(username="demo-owner").check_password("demo")


def test_each_role_has_a_demo_login(settings, client) -> None:
    loading.load_demo(timezone.now())
    login = json.loads((settings.DATA_DIR / "keys" / "demo_login.json").read_text())
    for key in roles.ROLES:
        assert client.login(username=f"demo-{key}", password=login["password"])
        user = User.objects.get(username=f"demo-{key}")
        assert [role.key for role in roles.get_roles(user)] == [key]
    assert User.objects.get(username="demo-practitioner").practitioner.consultations.exists()


def test_demo_is_refused_next_to_a_real_practice() -> None:
    make_practice()
    before = count_rows()
    with pytest.raises(CommandError, match="practice of its own"):
        call_command("load_demo", stdout=StringIO())
    assert count_rows() == before


def test_demo_people_use_reserved_email_domains() -> None:
    loading.load_demo(timezone.now())
    people: list[Comment | Consultation] = [*Comment.objects.all(), *Consultation.objects.all()]
    domains = {row.email.rpartition("@")[2] for row in people if row.email}
    assert domains
    assert all(
        domain.endswith((".example", "example.com", "example.org", "example.net"))
        for domain in domains
    )


def test_removal_keeps_real_data_and_its_dependencies() -> None:
    loading.load_demo(timezone.now())
    article = Article.objects.order_by("pk").first()
    assert article is not None
    comment = make_comment(article=article, name="Real reader", approved=True)
    person = Practitioner.objects.bookable().first()
    assert person is not None
    request = make_consultation(name="Real visitor", practitioner=person)
    staff = make_staff()
    _removed, kept = loading.remove_demo()
    assert kept == {
        "pages.Article": 1, "pages.Category": 1, "pages.Practitioner": 1,
    }  # fmt: skip
    assert list(Comment.objects.all()) == [comment]
    assert list(Consultation.objects.all()) == [request]
    assert list(Article.objects.all()) == [article]
    assert list(Practitioner.objects.all()) == [person]
    assert list(User.objects.all()) == [staff]
    assert OutgoingEmail.objects.exclude(about__in=[comment.pk, request.pk]).count() == 0
    assert OutgoingEmail.objects.count() == 3
    assert {note.model for note in DemoRow.objects.all()} == set(kept)
    comment.delete()
    request.delete()
    assert loading.remove_demo()[1] == {}
    assert not Article.objects.exists()


def test_removal_keeps_rows_created_by_staff() -> None:
    loading.load_demo(timezone.now())
    mine = [
        Category.objects.create(slug="mine", name="Mine"),
        Tag.objects.create(slug="mine", name="mine"),
        Service.objects.create(slug="mine", title="Mine"),
    ]
    loading.remove_demo()
    assert [type(row)._default_manager.get() for row in mine] == mine


def test_removal_keeps_an_edited_practice_profile() -> None:
    loading.load_demo(timezone.now())
    make_practice(name="A practice of my own")
    _removed, kept = loading.remove_demo()
    assert kept == {"pages.PracticeProfile": 1}
    assert PracticeProfile.load().name == "A practice of my own"


def test_commands_report_what_they_did() -> None:
    def run(name: str) -> str:
        out = StringIO()
        call_command(name, stdout=out)
        return out.getvalue()

    assert "consultations.Consultation: " in run("load_demo")
    assert "is here already" in run("load_demo")
    assert "removed consultations.Consultation: " in run("remove_demo")
    assert "no demonstration practice" in run("remove_demo")
