"""The words that staff keep: edited one a line, followed until changed, one box to go back."""

import pytest

from consultations.audit.models import AuditEntry
from consultations.screening import word_lists
from consultations.screening.models import LearnedWord, ScreeningSettings
from tests.factories.consultations import make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADD = "/admin/consultations/screeningsettings/add/"
CHANGE = "/admin/consultations/screeningsettings/1/change/"


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    return client


def answers(**changed) -> dict[str, str]:
    shipped = {name: "\r\n".join(words) for name, words in word_lists.SHIPPED.items()}
    return {"distress_is_on": "on", "learns": "on", **shipped, **changed}


def save(staff, **changed):
    page = CHANGE if ScreeningSettings.objects.exists() else ADD
    return staff.post(page, answers(**changed))


def test_a_new_practice_uses_the_shipped_words() -> None:
    chosen = ScreeningSettings.load()
    assert chosen.to_word_lists(frozenset({"latin"})) == word_lists.Lists()
    assert not ScreeningSettings.objects.exists()


def test_the_page_shows_the_words_in_use(staff) -> None:
    page = staff.get("/admin/consultations/screeningsettings/", follow=True)
    assert page.redirect_chain[-1][0] == ADD
    html = page.content.decode()
    assert "<h1>Comment screening</h1>" in html
    assert "_addanother" not in html
    assert "kill myself\n" in html
    assert "payday loan*\n" in html
    assert html.count("Go back to the list the site came with") >= 4


def test_what_is_not_changed_keeps_following_the_site(staff, monkeypatch) -> None:
    assert save(staff).status_code == 302
    chosen = ScreeningSettings.objects.get()
    assert (chosen.changed_lists, chosen.hold_words) == ([], [])
    monkeypatch.setitem(word_lists.SHIPPED, "hold_words", ("newer",))
    assert chosen.words("hold_words") == ("newer",)


def test_an_own_list_is_used_and_gone_back_from(staff) -> None:
    save(staff, hold_words="  blue   widgets \r\n\r\nred\r\nred\r\n???")
    chosen = ScreeningSettings.load()
    assert chosen.words("hold_words") == ("blue widgets", "red")
    assert chosen.changed_lists == ["hold_words"]
    assert chosen.words("spam_words") == word_lists.SPAM
    save(staff, hold_words="blue widgets\r\nred", reset_hold_words="on")
    chosen = ScreeningSettings.load()
    assert (chosen.words("hold_words"), chosen.changed_lists) == (word_lists.HOLD, [])


def test_an_emptied_list_stays_empty(staff) -> None:
    save(staff, distress_words="")
    assert ScreeningSettings.load().words("distress_words") == ()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("x" * 81, "is longer than 80 characters"),
        ("\n".join(f"word{n}" for n in range(501)), "Keep it to 500 lines"),
    ],
)
def test_too_much_comes_back_with_every_word_kept(staff, words, fault) -> None:
    response = save(staff, spam_words=words)
    html = response.content.decode()
    assert response.status_code == 200
    assert fault in html
    assert words.splitlines()[-1] in html
    assert not ScreeningSettings.objects.exists()


@pytest.mark.parametrize("words", ["\x00nul", "\u202eover", "💥", "<script>x</script>", "a\tb"])
def test_odd_words_are_stored_or_dropped_and_never_an_error(staff, words) -> None:
    assert save(staff, hold_words=words).status_code == 302
    page = staff.get(CHANGE)
    assert page.status_code == 200
    assert b"<script>x" not in page.content


def test_switching_learning_off_forgets(staff) -> None:
    LearnedWord.objects.create(word_fingerprint="a" * 64, spam_people=5, genuine_people=0)
    save(staff, learns="")
    assert not ScreeningSettings.load().learns
    assert not LearnedWord.objects.exists()


def test_a_change_is_in_the_audit_log_without_the_words(staff) -> None:
    save(staff, hold_words="featherword")
    entry = AuditEntry.objects.latest("number")
    assert entry.action == "changed"
    assert "hold_words" in entry.fields
    assert "featherword" not in str(vars(entry))


def test_there_is_one_record_and_nobody_deletes_it(staff) -> None:
    save(staff)
    assert staff.get(ADD).status_code == 403
    assert staff.get(CHANGE.replace("change", "delete")).status_code == 403


def test_who_may_look(client) -> None:
    make_practice()
    client.force_login(make_staff("view_article"))
    assert client.get(ADD).status_code == 403
