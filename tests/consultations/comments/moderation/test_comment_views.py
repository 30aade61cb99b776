"""The pages of one comment: reply with its guard, redaction, history, address, erasure, search."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from consultations.audit.models import AuditEntry
from consultations.comments import workflow
from consultations.comments.models import Comment, CommentEvent
from consultations.comments.moderation import comment_views
from consultations.comments.reply_guard import guard
from consultations.data_rights.models import Tombstone
from tests.consultations.comments.moderation.helpers import address, press, status_of, words_of
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
CAREFUL = "Thank you for reading so closely."
RISKY = "I am glad that our session helped."


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def user():
    return make_staff(first_name="Robin", last_name="Desk")


@pytest.fixture
def staff(client, user):
    client.force_login(user)
    return client


def send(client, comment: Comment, text: str, how: str = "publish", **data):
    revision = Comment.objects.get(pk=comment.pk).revision
    fields = {"text": text, "press": how, "revision": revision, **data}
    return client.post(address("reply", comment), fields)


def replies() -> list[Comment]:
    return list(Comment.objects.filter(by_practice=True))


# --- replying ---
@pytest.mark.parametrize("is_published", [True, False])
def test_a_careful_reply_goes_out_at_once_under_the_public_name(staff, user, is_published) -> None:
    make_practitioner(name="Jo Example", user=user)
    comment = make_comment(approved=is_published)
    page = words_of(staff.get(address("reply", comment)))
    assert "Published at once as “Jo Example”" in page
    assert user.username not in page.split("Reply to a comment")[-1]
    assert send(staff, comment, CAREFUL).status_code == 303
    comment.refresh_from_db()
    (reply,) = replies()
    assert (comment.status, reply.status, reply.parent) == ("approved", "approved", comment)
    assert (reply.published_name, reply.text, reply.by_practice) == ("Jo Example", CAREFUL, True)
    assert reply.events.get().overridden == []


def test_without_a_public_name_the_practice_answers(staff, user) -> None:
    comment = make_comment(approved=True)
    send(staff, comment, CAREFUL)
    assert replies()[0].published_name == "Quiet Room Counselling"


def test_a_risky_reply_waits_for_a_decision(staff) -> None:
    comment = make_comment()
    answer = send(staff, comment, f"{RISKY} <b>& more")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<mark>glad that our session</mark>" in html
    assert "&lt;b&gt;&amp; more" in html
    assert str(guard.REASONS[guard.CONFIRMS_CLIENT]) in words_of(answer)
    assert answer.context["neutral"] in words_of(answer)
    assert (replies(), status_of(comment)) == ([], "waiting")
    # The same words again are warned of again: it takes the other button.
    assert send(staff, comment, RISKY, warned=guard.text_digest(RISKY)).status_code == 422
    assert replies() == []


def test_publish_anyway_holds_for_the_words_that_were_warned_of(staff) -> None:
    comment = make_comment()
    warned = send(staff, comment, RISKY).context["warned"]
    other = "It was lovely meeting you."
    assert send(staff, comment, other, "anyway", warned=warned).status_code == 422
    assert send(staff, comment, RISKY, "anyway").status_code == 422
    assert replies() == []
    assert (
        send(staff, comment, RISKY.replace("\n", "\r\n"), "anyway", warned=warned).status_code
        == 303
    )
    event = replies()[0].events.get()
    assert event.overridden == ["confirms_client"]
    page = words_of(staff.get(address("change", replies()[0])))
    assert "Published despite a warning: may confirm a client" in page


def test_an_edit_that_helps_needs_no_second_button(staff) -> None:
    comment = make_comment()
    warned = send(staff, comment, RISKY).context["warned"]
    for how in ("publish", "anyway"):
        Comment.objects.filter(by_practice=True).delete()
        assert send(staff, comment, CAREFUL, how, warned=warned).status_code == 303
        assert replies()[0].events.get().overridden == []


def test_the_neutral_wording_is_taken_by_one_press_and_ones_own_brought_back(staff) -> None:
    comment = make_comment()
    answer = send(staff, comment, f"Thank you for this thought. {RISKY}", "neutral")
    taken = answer.context["form"]["text"].value()
    assert taken.startswith("Thank you for this thought.")
    assert "session" not in taken
    assert answer.context["typed"] == f"Thank you for this thought. {RISKY}"
    back = send(staff, comment, taken, "mine", typed=answer.context["typed"])
    assert back.context["form"]["text"].value() == f"Thank you for this thought. {RISKY}"
    assert replies() == []
    assert send(staff, comment, taken).status_code == 303


@pytest.mark.parametrize("key", [key for key, _words in guard.REPLY_TEMPLATES])
def test_a_template_is_put_below_what_is_typed(staff, key) -> None:
    comment = make_comment()
    words = str(dict(guard.REPLY_TEMPLATES)[key])
    typed = send(staff, comment, "My words.", f"template:{key}").context["form"]["text"].value()
    assert typed == f"My words.\n\n{words}"
    assert send(staff, comment, "", f"template:{key}").context["form"]["text"].value() == words
    assert send(staff, comment, "", "template:none").context["form"]["text"].value() == ""


def test_names_that_readers_see_are_known_to_the_guard(staff) -> None:
    make_practitioner(name="Ottoline Example")
    article = make_article(title="What Zbigniew taught", body="<p>With Éloïse in mind.</p>")
    first = make_comment(article=article, approved=True, name="Wilhelmina", text="I and Rupert")
    comment = make_comment(article=article, parent=first, name="Cassius")
    for name in ("Ottoline", "Zbigniew", "Éloïse", "Wilhelmina", "Rupert", "Cassius"):
        assert send(staff, comment, f"Thank you, {name}.", "check").status_code == 200
        assert send(staff, comment, f"Thank you, {name}.", "check").context["is_fine"], name
    assert send(staff, comment, "Thank you, Anneliese.", "check").context["reasons"]
    # What was redacted away is a name that readers do not see.
    workflow.redact_comment(first, text="I and my friend", by=None, now=NOW)
    assert send(staff, comment, "Greet Rupert for me, please.", "check").context["reasons"]
    assert replies() == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_a_reply_of_no_use_is_kept_and_explained(staff, text) -> None:
    comment = make_comment()
    answer = send(staff, comment, text)
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == text
    assert answer.context["form"].errors
    assert replies() == []


def test_a_reply_is_kept_when_somebody_else_was_quicker(staff) -> None:
    comment = make_comment()
    revision = comment.revision
    colleague = make_staff(first_name="Kim", last_name="Other")
    workflow.mark_as_spam(Comment.objects.get(), by=colleague, now=timezone.now())
    answer = send(staff, comment, CAREFUL, revision=revision)
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == CAREFUL
    page = words_of(answer)
    assert "Meanwhile: marked as spam by Kim Other" in page
    assert "Your words are kept below." in page
    assert 'value="publish"' not in answer.content.decode()
    assert (replies(), status_of(comment)) == ([], "spam")


def test_a_reply_that_was_beaten_to_the_approval_can_still_go_out(staff) -> None:
    comment = make_comment()
    revision = comment.revision
    workflow.approve_comment(Comment.objects.get(), by=make_staff(), now=timezone.now())
    answer = send(staff, comment, CAREFUL, revision=revision)
    assert answer.status_code == 409
    assert replies() == []
    assert send(staff, comment, CAREFUL, revision=answer.context["row"].comment.revision)
    assert len(replies()) == 1


def test_a_double_press_publishes_one_reply(staff) -> None:
    comment = make_comment(approved=True)
    assert [send(staff, comment, CAREFUL).status_code for _press in "ab"] == [303, 303]
    (reply,) = replies()
    # Its press of undo still takes that one back; the same words may then be said again.
    done = staff.get(address("changelist")).context["done"]
    staff.post(address("undo"), {"event": done["events"], "back": "approved"})
    assert status_of(reply) == "trash"
    send(staff, comment, CAREFUL)
    send(staff, comment, "Other words altogether.")
    assert [one.status for one in replies()].count("approved") == 2


def test_approval_and_reply_are_undone_together(staff) -> None:
    comment = make_comment()
    send(staff, comment, CAREFUL)
    done = staff.get(address("changelist")).context["done"]
    assert done["words"] == "The comment and your reply are published."
    staff.post(address("undo"), {"event": done["events"], "back": "waiting"})
    assert status_of(comment) == "waiting"
    assert replies()[0].status == "trash"
    assert replies()[0].published_html == ""


def test_of_a_comment_that_cannot_be_published_nothing_is_answered(staff) -> None:
    comment = make_comment(suspicions=["honeypot"])
    assert send(staff, comment, CAREFUL).status_code == 409
    workflow.withdraw_comment(Comment.objects.get(), now=NOW)
    assert send(staff, comment, CAREFUL).status_code == 409
    assert replies() == []


# --- redacting ---
def redact(client, comment: Comment, text: str, **data):
    revision = Comment.objects.get(pk=comment.pk).revision
    fields = {"text": text, "revision": revision, "publish": "1", **data}
    return client.post(address("redact", comment), fields)


def test_words_taken_out_stay_for_staff_and_reach_no_reader(staff) -> None:
    comment = make_comment(text="My sister Ottoline\n\nin Larkspur <b>")
    assert redact(staff, comment, "My sister\n\nin [a town]").status_code == 303
    row = Comment.objects.get()
    assert row.status == "approved"
    assert "[a town]" in row.published_html
    assert "Ottoline" not in row.published_html
    assert row.text == "My sister Ottoline\n\nin Larkspur <b>"
    page = words_of(staff.get(address("change", comment)))
    assert "The original, for staff alone My sister Ottoline" in page
    assert "in Larkspur <b>" in page
    # Once more, starting from what readers see; then taken back to the original.
    assert (
        staff.get(address("redact", comment)).context["form"]["text"].value() == row.redacted_text
    )
    redact(staff, comment, "My sister")
    assert Comment.objects.get().redacted_text == "My sister"
    redact(staff, comment, row.text)
    assert Comment.objects.get().redacted_text == ""


def test_what_readers_will_see_is_shown_before(staff) -> None:
    comment = make_comment(text="My sister Ottoline")
    answer = redact(staff, comment, "My <i>sister</i>\r\n\r\nand I", preview="1")
    assert answer.context["preview"] == ["My <i>sister</i>", "and I"]
    assert "&lt;i&gt;sister" in answer.content.decode()
    assert "[edited for privacy by the practice]" in words_of(answer)
    assert status_of(comment) == "waiting"
    unchanged = redact(staff, comment, "My sister Ottoline", preview="1")
    assert "[edited for privacy by the practice]" not in words_of(unchanged)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 6000])
def test_a_redaction_that_leaves_nothing_is_refused_kindly(staff, text) -> None:
    comment = make_comment()
    answer = redact(staff, comment, text)
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == text
    assert status_of(comment) == "waiting"


def test_a_redaction_is_kept_when_the_writer_was_quicker(staff) -> None:
    comment = make_comment(text="Harmless")
    revision = comment.revision
    workflow.edit_comment(
        Comment.objects.get(), name="Ash", text="New words", suspicions=[], now=timezone.now()
    )
    answer = redact(staff, comment, "Harm", revision=revision)
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == "Harm"
    assert "New words" in words_of(answer)
    assert status_of(comment) == "waiting"


def test_replies_of_the_practice_and_spam_are_not_redacted(staff) -> None:
    comment = make_comment()
    send(staff, comment, CAREFUL)
    assert redact(staff, replies()[0], "Other").status_code == 409
    press(staff, "spam", comment, "approved")
    assert redact(staff, comment, "Other").status_code == 409
    assert replies()[0].text == CAREFUL


# --- the page of one ---
@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_the_page_of_one_decides_too(staff, verb) -> None:
    comment = make_comment(email="quill@mail.example")
    page = staff.get(address("change", comment))
    assert f'value="{verb}"' in page.content.decode()
    assert "quill@" not in page.content.decode()
    assert comment.token not in page.content.decode()
    fields = {"_verb": verb, "revision": comment.revision}
    assert staff.post(address("change", comment), fields).status_code == 303
    assert status_of(comment) == {"approve": "approved"}.get(verb, verb)
    # The same press from a page that was open before does nothing more.
    answer = staff.post(address("change", comment), {**fields, "_verb": "trash"}, follow=True)
    assert "Meanwhile:" in words_of(answer)
    assert status_of(comment) == {"approve": "approved"}.get(verb, verb)


def test_history_tells_who_did_what_and_undoes_the_last(staff) -> None:
    comment = make_comment()
    press(staff, "spam", comment)
    page = staff.get(address("change", comment))
    assert "Robin Desk : marked as spam (Waiting → Spam)" in words_of(page)
    assert "Visitor : sent" in words_of(page)
    assert page.content.decode().count("Undo this") == 1
    event = CommentEvent.objects.get(act="spam")
    staff.post(address("undo"), {"event": event.pk, "back": "spam"})
    assert status_of(comment) == "waiting"


def test_nothing_of_the_writer_can_be_edited(staff) -> None:
    comment = make_comment(text="As it was")
    staff.post(address("change", comment), {"_verb": "", "text": "Changed", "name": "Changed"})
    staff.post(address("change", comment), {"text": "Changed", "status": "approved"})
    row = Comment.objects.get()
    assert (row.text, row.status) == ("As it was", "waiting")


@pytest.mark.parametrize("key", ["x", "00000000-0000-4000-8000-000000000000", "1"])
def test_what_is_not_there_is_not_found(staff, key) -> None:
    for end in ("change/", "reply/", "redact/", "erase/"):
        assert staff.get(f"{address('changelist')}{key}/{end}").status_code in (302, 404)


# --- the address ---
def test_an_address_is_shown_once_on_request_and_that_is_written_down(staff, user) -> None:
    comment = make_comment(email="quill@mail.example")
    assert "quill@" not in words_of(staff.get(address("change", comment)))
    assert staff.get(address("reveal", comment)).status_code == 303
    assert not AuditEntry.objects.filter(action="revealed").exists()
    answer = staff.post(address("reveal", comment))
    assert "quill@mail.example" in words_of(answer)
    entry = AuditEntry.objects.get(action="revealed")
    assert (entry.row, entry.staff_id, entry.fields) == (comment.pk, user.pk, ["email"])
    for name in ("change", "reply", "redact"):
        assert "quill@" not in words_of(staff.get(address(name, comment)))
    assert "quill@" not in words_of(staff.get(address("changelist")))


# --- erasing ---
def test_a_person_is_erased_with_all_they_wrote(staff) -> None:
    article = make_article()
    first = make_comment(article=article, email="Quill@Mail.Example", approved=True, text="One")
    second = make_comment(article=article, email="quill@mail.example ", text="Two")
    other = make_comment(article=article, email="other@mail.example", parent=first, text="Mine")
    page = words_of(staff.get(address("erase", second)))
    assert "2 comments were written under this email address. 1 of them is published." in page
    assert "quill@" not in page.lower()
    assert Comment.objects.exclude(status="withdrawn").count() == 3
    answer = staff.post(address("erase", second), follow=True)
    assert "2 comments erased." in words_of(answer)
    for comment in (first, second):
        row = Comment.objects.get(pk=comment.pk)
        assert (row.name, row.email, row.text, row.published_html) == ("", "", "", "")
        assert row.events.newest_first()[0].act == "erase"
    assert Comment.objects.get(pk=other.pk).text == "Mine"
    assert AuditEntry.objects.filter(action="erased").count() == 2
    assert Tombstone.objects.count() == 2
    assert "Nothing is left to erase." in words_of(staff.get(address("erase", first)))


def test_what_moves_in_the_moment_of_erasure_is_erased_too(staff, monkeypatch) -> None:
    article = make_article()
    first = make_comment(article=article, email="quill@mail.example", text="One")
    second = make_comment(article=article, email="quill@mail.example", text="Two")

    def others_are_quicker():
        monkeypatch.undo()
        now = timezone.now()
        workflow.approve_comment(Comment.objects.get(pk=first.pk), by=None, now=now)
        workflow.withdraw_comment(Comment.objects.get(pk=second.pk), now=now)
        return comment_views.transaction.atomic()

    monkeypatch.setattr(comment_views, "transaction", SimpleNamespace(atomic=others_are_quicker))
    answer = staff.post(address("erase", first), follow=True)
    assert "1 comment erased." in words_of(answer)
    assert {status_of(first), status_of(second)} == {"withdrawn"}


def test_without_an_address_only_the_one_comment_is_known(staff) -> None:
    article = make_article()
    one, other = make_comment(article=article), make_comment(article=article)
    for comment in (one, other):
        comment.email = ""
        comment.save(update_fields=["email"])
    assert "only this one comment" in words_of(staff.get(address("erase", one)))
    staff.post(address("erase", one))
    assert (status_of(one), status_of(other)) == ("withdrawn", "waiting")


# --- searching ---
def test_comments_are_found_by_a_whole_address_or_a_published_name(staff) -> None:
    article = make_article()
    waiting = make_comment(article=article, name="Xanthippe", email="quill@mail.example")
    shown = make_comment(article=article, name="Xanthippe", approved=True)

    def found(words: str) -> list[Comment]:
        answer = staff.post(address("search"), {"q": words})
        assert answer.status_code == 200
        assert "?" not in answer.request["QUERY_STRING"]
        return [row.comment for row in answer.context["rows"]]

    assert found(" Quill@MAIL.example") == [waiting]
    assert found("quill@mail") == []
    assert found("xanth") == [shown]
    assert found("100%") == []
    assert staff.get(address("search"), {"q": "Xanthippe"}).status_code == 303
    for words in ("", "x", "a\x00b", "x" * 300):
        answer = staff.post(address("search"), {"q": words})
        assert answer.status_code == 422
        assert answer.context["rows"] == []
