"""The word lists in the admin: editing, following updates, resetting."""

import pytest

from consultations.audit.models import AuditEntry
from consultations.screening import word_lists
from consultations.screening.models import LearnedWord, ScreeningSettings
from tests.factories.consultations import make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADD_URL = "/admin/consultations/screeningsettings/add/"
CHANGE_URL = "/admin/consultations/screeningsettings/1/change/"


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    return client


def form_data(**changed) -> dict[str, str]:
    shipped = {name: "\r\n".join(words) for name, words in word_lists.DEFAULT_WORD_LISTS.items()}
    return {"distress_is_on": "on", "learns": "on", **shipped, **changed}


def post_settings(staff, **changed):
    page = CHANGE_URL if ScreeningSettings.objects.exists() else ADD_URL
    return staff.post(page, form_data(**changed))


def test_defaults_are_the_shipped_lists() -> None:
    chosen = ScreeningSettings.load()
    assert chosen.to_word_lists(frozenset({"latin"})) == word_lists.WordLists()
    assert not ScreeningSettings.objects.exists()


def test_page_shows_current_lists(staff) -> None:
    page = staff.get("/admin/consultations/screeningsettings/", follow=True)
    assert page.redirect_chain[-1][0] == ADD_URL
    html = page.content.decode()
    assert "<h1>Comment screening</h1>" in html
    assert "_addanother" not in html
    assert "kill myself\n" in html
    assert "payday loan*\n" in html
    assert html.count("Go back to the list the site came with") >= 4


def test_unchanged_lists_follow_updates(staff, monkeypatch) -> None:
    assert post_settings(staff).status_code == 302
    chosen = ScreeningSettings.objects.get()
    assert (chosen.changed_lists, chosen.hold_words) == ([], [])
    monkeypatch.setitem(word_lists.DEFAULT_WORD_LISTS, "hold_words", ("newer",))
    assert chosen.words("hold_words") == ("newer",)


def test_custom_list_is_used_and_can_be_reset(staff) -> None:
    post_settings(staff, hold_words="  blue   widgets \r\n\r\nred\r\nred\r\n???")
    chosen = ScreeningSettings.load()
    assert chosen.words("hold_words") == ("blue widgets", "red")
    assert chosen.changed_lists == ["hold_words"]
    assert chosen.words("spam_words") == word_lists.DEFAULT_SPAM_WORDS
    post_settings(staff, hold_words="blue widgets\r\nred", reset_hold_words="on")
    chosen = ScreeningSettings.load()
    assert (chosen.words("hold_words"), chosen.changed_lists) == (word_lists.DEFAULT_HOLD_WORDS, [])


def test_emptied_list_stays_empty(staff) -> None:
    post_settings(staff, distress_words="")
    assert ScreeningSettings.load().words("distress_words") == ()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("x" * 81, "is longer than 80 characters"),
        ("\n".join(f"word{n}" for n in range(501)), "Keep it to 500 lines"),
    ],
)
def test_oversized_list_is_reported_and_keeps_input(staff, words, fault) -> None:
    response = post_settings(staff, spam_words=words)
    html = response.content.decode()
    assert response.status_code == 200
    assert fault in html
    assert words.splitlines()[-1] in html
    assert not ScreeningSettings.objects.exists()


@pytest.mark.parametrize("words", ["\x00nul", "\u202eover", "💥", "<script>x</script>", "a\tb"])
def test_unusual_words_cause_no_error(staff, words) -> None:
    assert post_settings(staff, hold_words=words).status_code == 302
    page = staff.get(CHANGE_URL)
    assert page.status_code == 200
    assert b"<script>x" not in page.content


def test_disabling_learning_deletes_learned_words(staff) -> None:
    LearnedWord.objects.create(word_fingerprint="a" * 64, spam_people=5, genuine_people=0)
    post_settings(staff, learns="")
    assert not ScreeningSettings.load().learns
    assert not LearnedWord.objects.exists()


def test_change_is_audited_without_the_words(staff) -> None:
    post_settings(staff, hold_words="featherword")
    entry = AuditEntry.objects.latest("number")
    assert entry.action == "changed"
    assert "hold_words" in entry.fields
    assert "featherword" not in str(vars(entry))


def test_settings_are_single_and_cannot_be_deleted(staff) -> None:
    post_settings(staff)
    assert staff.get(ADD_URL).status_code == 403
    assert staff.get(CHANGE_URL.replace("change", "delete")).status_code == 403


def test_page_requires_permission(client) -> None:
    make_practice()
    client.force_login(make_staff("view_article"))
    assert client.get(ADD_URL).status_code == 403
