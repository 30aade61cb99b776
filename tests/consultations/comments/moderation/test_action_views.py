"""Pages of the desk: reply with its guard, redaction, history, email address, erasure, search."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from consultations.audit.models import AuditEntry
from consultations.comments import workflow
from consultations.comments.models import Comment, CommentEvent
from consultations.comments.moderation import action_views
from consultations.comments.reply_guard import guard
from consultations.data_rights.models import Tombstone
from tests.consultations.comments.moderation.helpers import (
    admin_url,
    stored_status,
    submit_action,
    visible_text,
)
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
SAFE_REPLY = "Thank you for reading so closely."
RISKY_REPLY = "I am glad that our session helped."


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


def post_reply(client, comment: Comment, text: str, how: str = "publish", **data):
    revision = Comment.objects.get(pk=comment.pk).revision
    fields = {"text": text, "press": how, "revision": revision, **data}
    return client.post(admin_url("reply", comment), fields)


def practice_replies() -> list[Comment]:
    return list(Comment.objects.filter(by_practice=True))


# Replying.
@pytest.mark.parametrize("is_published", [True, False])
def test_safe_reply_is_published_under_public_name(staff, user, is_published) -> None:
    make_practitioner(name="Jo Example", user=user)
    comment = make_comment(approved=is_published)
    page = visible_text(staff.get(admin_url("reply", comment)))
    assert "Published at once as “Jo Example”" in page
    assert user.username not in page.split("Reply to a comment")[-1]
    assert post_reply(staff, comment, SAFE_REPLY).status_code == 303
    comment.refresh_from_db()
    (reply,) = practice_replies()
    assert (comment.status, reply.status, reply.parent) == ("approved", "approved", comment)
    assert (reply.published_name, reply.text, reply.by_practice) == ("Jo Example", SAFE_REPLY, True)
    assert reply.events.get().overridden == []


def test_reply_without_public_name_uses_practice_name(staff, user) -> None:
    comment = make_comment(approved=True)
    post_reply(staff, comment, SAFE_REPLY)
    assert practice_replies()[0].published_name == "Quiet Room Counselling"


def test_risky_reply_is_held_with_warning(staff) -> None:
    comment = make_comment()
    answer = post_reply(staff, comment, f"{RISKY_REPLY} <b>& more")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<mark>glad that our session</mark>" in html
    assert "&lt;b&gt;&amp; more" in html
    assert str(guard.REASONS[guard.CONFIRMS_CLIENT]) in visible_text(answer)
    assert answer.context["neutral"] in visible_text(answer)
    assert (practice_replies(), stored_status(comment)) == ([], "waiting")
    # Sending the same text again warns again; publishing takes the other button.
    assert (
        post_reply(staff, comment, RISKY_REPLY, warned=guard.text_digest(RISKY_REPLY)).status_code
        == 422
    )
    assert practice_replies() == []


def test_publish_anyway_applies_only_to_warned_text(staff) -> None:
    comment = make_comment()
    warned = post_reply(staff, comment, RISKY_REPLY).context["warned"]
    other = "It was lovely meeting you."
    assert post_reply(staff, comment, other, "anyway", warned=warned).status_code == 422
    assert post_reply(staff, comment, RISKY_REPLY, "anyway").status_code == 422
    assert practice_replies() == []
    assert (
        post_reply(
            staff, comment, RISKY_REPLY.replace("\n", "\r\n"), "anyway", warned=warned
        ).status_code
        == 303
    )
    event = practice_replies()[0].events.get()
    assert event.overridden == ["confirms_client"]
    page = visible_text(staff.get(admin_url("change", practice_replies()[0])))
    assert "Published despite a warning: may confirm a client" in page


def test_edited_safe_reply_needs_no_override(staff) -> None:
    comment = make_comment()
    warned = post_reply(staff, comment, RISKY_REPLY).context["warned"]
    for how in ("publish", "anyway"):
        Comment.objects.filter(by_practice=True).delete()
        assert post_reply(staff, comment, SAFE_REPLY, how, warned=warned).status_code == 303
        assert practice_replies()[0].events.get().overridden == []


def test_neutral_wording_can_be_applied_and_reverted(staff) -> None:
    comment = make_comment()
    answer = post_reply(staff, comment, f"Thank you for this thought. {RISKY_REPLY}", "neutral")
    taken = answer.context["form"]["text"].value()
    assert taken.startswith("Thank you for this thought.")
    assert "session" not in taken
    assert answer.context["typed"] == f"Thank you for this thought. {RISKY_REPLY}"
    back = post_reply(staff, comment, taken, "mine", typed=answer.context["typed"])
    assert back.context["form"]["text"].value() == f"Thank you for this thought. {RISKY_REPLY}"
    assert practice_replies() == []
    assert post_reply(staff, comment, taken).status_code == 303


@pytest.mark.parametrize("key", [key for key, _words in guard.REPLY_TEMPLATES])
def test_template_is_appended_to_typed_text(staff, key) -> None:
    comment = make_comment()
    words = str(dict(guard.REPLY_TEMPLATES)[key])
    typed = (
        post_reply(staff, comment, "My words.", f"template:{key}").context["form"]["text"].value()
    )
    assert typed == f"My words.\n\n{words}"
    assert (
        post_reply(staff, comment, "", f"template:{key}").context["form"]["text"].value() == words
    )
    assert post_reply(staff, comment, "", "template:none").context["form"]["text"].value() == ""


def test_names_visible_to_readers_raise_no_warning(staff) -> None:
    make_practitioner(name="Ottoline Example")
    article = make_article(title="What Zbigniew taught", body="<p>With Éloïse in mind.</p>")
    first = make_comment(article=article, approved=True, name="Wilhelmina", text="I and Rupert")
    comment = make_comment(article=article, parent=first, name="Cassius")
    for name in ("Ottoline", "Zbigniew", "Éloïse", "Wilhelmina", "Rupert", "Cassius"):
        assert post_reply(staff, comment, f"Thank you, {name}.", "check").status_code == 200
        assert post_reply(staff, comment, f"Thank you, {name}.", "check").context["is_fine"], name
    assert post_reply(staff, comment, "Thank you, Anneliese.", "check").context["reasons"]
    # Readers do not see a name that was redacted.
    workflow.redact_comment(first, text="I and my friend", by=None, now=NOW)
    assert post_reply(staff, comment, "Greet Rupert for me, please.", "check").context["reasons"]
    assert practice_replies() == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_invalid_reply_is_kept_and_reported(staff, text) -> None:
    comment = make_comment()
    answer = post_reply(staff, comment, text)
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == text
    assert answer.context["form"].errors
    assert practice_replies() == []


def test_reply_is_kept_when_colleague_acted_first(staff) -> None:
    comment = make_comment()
    revision = comment.revision
    colleague = make_staff(first_name="Kim", last_name="Other")
    workflow.mark_as_spam(Comment.objects.get(), by=colleague, now=timezone.now())
    answer = post_reply(staff, comment, SAFE_REPLY, revision=revision)
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == SAFE_REPLY
    page = visible_text(answer)
    assert "Meanwhile: marked as spam by Kim Other" in page
    assert "Your words are kept below." in page
    assert 'value="publish"' not in answer.content.decode()
    assert (practice_replies(), stored_status(comment)) == ([], "spam")


def test_reply_can_be_resent_after_colleague_approved(staff) -> None:
    comment = make_comment()
    revision = comment.revision
    workflow.approve_comment(Comment.objects.get(), by=make_staff(), now=timezone.now())
    answer = post_reply(staff, comment, SAFE_REPLY, revision=revision)
    assert answer.status_code == 409
    assert practice_replies() == []
    assert post_reply(staff, comment, SAFE_REPLY, revision=answer.context["row"].comment.revision)
    assert len(practice_replies()) == 1


def test_double_submit_publishes_one_reply(staff) -> None:
    comment = make_comment(approved=True)
    assert [post_reply(staff, comment, SAFE_REPLY).status_code for _press in "ab"] == [303, 303]
    (reply,) = practice_replies()
    # The undo button still works, and the same text may be sent again afterwards.
    outcome = staff.get(admin_url("changelist")).context["outcome"]
    staff.post(admin_url("undo"), {"event": outcome["events"], "back": "approved"})
    assert stored_status(reply) == "trash"
    post_reply(staff, comment, SAFE_REPLY)
    post_reply(staff, comment, "Other words altogether.")
    assert [reply.status for reply in practice_replies()].count("approved") == 2


def test_undo_reverts_both_approval_and_reply(staff) -> None:
    comment = make_comment()
    post_reply(staff, comment, SAFE_REPLY)
    outcome = staff.get(admin_url("changelist")).context["outcome"]
    assert outcome["message"] == "The comment and your reply are published."
    staff.post(admin_url("undo"), {"event": outcome["events"], "back": "waiting"})
    assert stored_status(comment) == "waiting"
    assert practice_replies()[0].status == "trash"
    assert practice_replies()[0].published_html == ""


def test_unpublishable_comment_cannot_be_replied_to(staff) -> None:
    comment = make_comment(suspicions=["honeypot"])
    assert post_reply(staff, comment, SAFE_REPLY).status_code == 409
    workflow.withdraw_comment(Comment.objects.get(), now=NOW)
    assert post_reply(staff, comment, SAFE_REPLY).status_code == 409
    assert practice_replies() == []


# Redacting.
def post_redaction(client, comment: Comment, text: str, **data):
    revision = Comment.objects.get(pk=comment.pk).revision
    fields = {"text": text, "revision": revision, "publish": "1", **data}
    return client.post(admin_url("redact", comment), fields)


def test_redacted_text_stays_visible_to_staff_only(staff) -> None:
    comment = make_comment(text="My sister Ottoline\n\nin Larkspur <b>")
    assert post_redaction(staff, comment, "My sister\n\nin [a town]").status_code == 303
    row = Comment.objects.get()
    assert row.status == "approved"
    assert "[a town]" in row.published_html
    assert "Ottoline" not in row.published_html
    assert row.text == "My sister Ottoline\n\nin Larkspur <b>"
    page = visible_text(staff.get(admin_url("change", comment)))
    assert "The original, for staff alone My sister Ottoline" in page
    assert "in Larkspur <b>" in page
    # Again, starting from the published text; then back to the original.
    assert (
        staff.get(admin_url("redact", comment)).context["form"]["text"].value() == row.redacted_text
    )
    post_redaction(staff, comment, "My sister")
    assert Comment.objects.get().redacted_text == "My sister"
    post_redaction(staff, comment, row.text)
    assert Comment.objects.get().redacted_text == ""


def test_redaction_preview_shows_published_text(staff) -> None:
    comment = make_comment(text="My sister Ottoline")
    answer = post_redaction(staff, comment, "My <i>sister</i>\r\n\r\nand I", preview="1")
    assert answer.context["preview"] == ["My <i>sister</i>", "and I"]
    assert "&lt;i&gt;sister" in answer.content.decode()
    assert "[edited for privacy by the practice]" in visible_text(answer)
    assert stored_status(comment) == "waiting"
    unchanged = post_redaction(staff, comment, "My sister Ottoline", preview="1")
    assert "[edited for privacy by the practice]" not in visible_text(unchanged)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 6000])
def test_invalid_redaction_is_kept_and_reported(staff, text) -> None:
    comment = make_comment()
    answer = post_redaction(staff, comment, text)
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == text
    assert stored_status(comment) == "waiting"


def test_redaction_is_kept_when_writer_edited_first(staff) -> None:
    comment = make_comment(text="Harmless")
    revision = comment.revision
    workflow.edit_comment(
        Comment.objects.get(), name="Ash", text="New words", suspicions=[], now=timezone.now()
    )
    answer = post_redaction(staff, comment, "Harm", revision=revision)
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == "Harm"
    assert "New words" in visible_text(answer)
    assert stored_status(comment) == "waiting"


def test_practice_replies_and_spam_cannot_be_redacted(staff) -> None:
    comment = make_comment()
    post_reply(staff, comment, SAFE_REPLY)
    assert post_redaction(staff, practice_replies()[0], "Other").status_code == 409
    submit_action(staff, "spam", comment, "approved")
    assert post_redaction(staff, comment, "Other").status_code == 409
    assert practice_replies()[0].text == SAFE_REPLY


# The page of one comment.
@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_comment_page_applies_actions(staff, verb) -> None:
    comment = make_comment(email="quill@mail.example")
    page = staff.get(admin_url("change", comment))
    assert f'value="{verb}"' in page.content.decode()
    assert "quill@" not in page.content.decode()
    assert comment.token not in page.content.decode()
    fields = {"_verb": verb, "revision": comment.revision}
    assert staff.post(admin_url("change", comment), fields).status_code == 303
    assert stored_status(comment) == {"approve": "approved"}.get(verb, verb)
    # The same button on a page that was loaded before does nothing.
    answer = staff.post(admin_url("change", comment), {**fields, "_verb": "trash"}, follow=True)
    assert "Meanwhile:" in visible_text(answer)
    assert stored_status(comment) == {"approve": "approved"}.get(verb, verb)


def test_history_lists_actors_and_undoes_last_action(staff) -> None:
    comment = make_comment()
    submit_action(staff, "spam", comment)
    page = staff.get(admin_url("change", comment))
    assert "Robin Desk : marked as spam (Waiting → Spam)" in visible_text(page)
    assert "Visitor : sent" in visible_text(page)
    assert page.content.decode().count("Undo this") == 1
    event = CommentEvent.objects.get(act="spam")
    staff.post(admin_url("undo"), {"event": event.pk, "back": "spam"})
    assert stored_status(comment) == "waiting"


def test_staff_cannot_edit_writer_fields(staff) -> None:
    comment = make_comment(text="As it was")
    staff.post(admin_url("change", comment), {"_verb": "", "text": "Changed", "name": "Changed"})
    staff.post(admin_url("change", comment), {"text": "Changed", "status": "approved"})
    row = Comment.objects.get()
    assert (row.text, row.status) == ("As it was", "waiting")


@pytest.mark.parametrize("key", ["x", "00000000-0000-4000-8000-000000000000", "1"])
def test_unknown_comment_is_not_found(staff, key) -> None:
    for end in ("change/", "reply/", "redact/", "erase/"):
        assert staff.get(f"{admin_url('changelist')}{key}/{end}").status_code in (302, 404)


# The email address.
def test_revealed_email_is_shown_once_and_audited(staff, user) -> None:
    comment = make_comment(email="quill@mail.example")
    assert "quill@" not in visible_text(staff.get(admin_url("change", comment)))
    assert staff.get(admin_url("reveal", comment)).status_code == 303
    assert not AuditEntry.objects.filter(action="revealed").exists()
    answer = staff.post(admin_url("reveal", comment))
    assert "quill@mail.example" in visible_text(answer)
    entry = AuditEntry.objects.get(action="revealed")
    assert (entry.row, entry.staff_id, entry.fields) == (comment.pk, user.pk, ["email"])
    for name in ("change", "reply", "redact"):
        assert "quill@" not in visible_text(staff.get(admin_url(name, comment)))
    assert "quill@" not in visible_text(staff.get(admin_url("changelist")))


# Erasing.
def test_erasing_removes_all_comments_of_one_writer(staff) -> None:
    article = make_article()
    first = make_comment(article=article, email="Quill@Mail.Example", approved=True, text="One")
    second = make_comment(article=article, email="quill@mail.example ", text="Two")
    other = make_comment(article=article, email="other@mail.example", parent=first, text="Mine")
    page = visible_text(staff.get(admin_url("erase", second)))
    assert "2 comments were written under this email address. 1 of them is published." in page
    assert "quill@" not in page.lower()
    assert Comment.objects.exclude(status="withdrawn").count() == 3
    answer = staff.post(admin_url("erase", second), follow=True)
    assert "2 comments erased." in visible_text(answer)
    for comment in (first, second):
        row = Comment.objects.get(pk=comment.pk)
        assert (row.name, row.email, row.text, row.published_html) == ("", "", "", "")
        assert row.events.newest_first()[0].act == "erase"
    assert Comment.objects.get(pk=other.pk).text == "Mine"
    assert AuditEntry.objects.filter(action="erased").count() == 2
    assert Tombstone.objects.count() == 2
    assert "Nothing is left to erase." in visible_text(staff.get(admin_url("erase", first)))


def test_comments_changed_during_erasure_are_erased(staff, monkeypatch) -> None:
    article = make_article()
    first = make_comment(article=article, email="quill@mail.example", text="One")
    second = make_comment(article=article, email="quill@mail.example", text="Two")

    def change_meanwhile():
        monkeypatch.undo()
        now = timezone.now()
        workflow.approve_comment(Comment.objects.get(pk=first.pk), by=None, now=now)
        workflow.withdraw_comment(Comment.objects.get(pk=second.pk), now=now)
        return action_views.transaction.atomic()

    monkeypatch.setattr(action_views, "transaction", SimpleNamespace(atomic=change_meanwhile))
    answer = staff.post(admin_url("erase", first), follow=True)
    assert "1 comment erased." in visible_text(answer)
    assert {stored_status(first), stored_status(second)} == {"withdrawn"}


def test_erasing_without_email_removes_one_comment(staff) -> None:
    article = make_article()
    erased, other = make_comment(article=article), make_comment(article=article)
    for comment in (erased, other):
        comment.email = ""
        comment.save(update_fields=["email"])
    assert "only this one comment" in visible_text(staff.get(admin_url("erase", erased)))
    staff.post(admin_url("erase", erased))
    assert (stored_status(erased), stored_status(other)) == ("withdrawn", "waiting")


# Searching.
def test_search_matches_full_email_or_published_name(staff) -> None:
    article = make_article()
    waiting = make_comment(article=article, name="Xanthippe", email="quill@mail.example")
    published = make_comment(article=article, name="Xanthippe", approved=True)

    def results_for(words: str) -> list[Comment]:
        answer = staff.post(admin_url("search"), {"q": words})
        assert answer.status_code == 200
        assert "?" not in answer.request["QUERY_STRING"]
        return [row.comment for row in answer.context["rows"]]

    assert results_for(" Quill@MAIL.example") == [waiting]
    assert results_for("quill@mail") == []
    assert results_for("xanth") == [published]
    assert results_for("100%") == []
    assert staff.get(admin_url("search"), {"q": "Xanthippe"}).status_code == 303
    for words in ("", "x", "a\x00b", "x" * 300):
        answer = staff.post(admin_url("search"), {"q": words})
        assert answer.status_code == 422
        assert answer.context["rows"] == []
