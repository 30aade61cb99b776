"""The moderation queue: folders, order, single and bulk actions, undo, concurrent staff."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations.audit.models import AuditEntry
from consultations.comments import workflow
from consultations.comments.models import Comment, CommentReport
from consultations.comments.moderation import tabs
from tests.consultations.comments.moderation.helpers import (
    QUEUE_URL,
    admin_url,
    listed_comments,
    seen_values,
    stored_status,
    submit_action,
    submit_bulk_action,
    visible_text,
)
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def staff(client):
    client.force_login(make_staff(first_name="Robin", last_name="Desk"))
    return client


def report_comment(comment: Comment, network: str = "192.0.2.7") -> None:
    workflow.report_comment(comment, network=network, now=NOW)


# Folders and order.
def test_tabs_list_comments_with_counts(staff) -> None:
    article = make_article()
    later = make_comment(article=article, now=NOW + timedelta(minutes=5))
    first = make_comment(article=article)
    approved = make_comment(article=article, approved=True)
    spam = make_comment(article=article, suspicions=["honeypot"])
    report_comment(approved)
    assert listed_comments(staff) == [first, later]
    assert listed_comments(staff, "no-such-folder") == [first, later]
    assert listed_comments(staff, "approved") == [approved]
    assert listed_comments(staff, "spam") == [spam]
    assert listed_comments(staff, "reported") == [approved]
    page = visible_text(staff.get(QUEUE_URL))
    for words in ("Waiting 2", "Published 1", "Spam 1", "Trash 0", "Reported 1"):
        assert words in page


def test_read_first_comments_are_listed_first(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article, now=NOW + timedelta(minutes=n)) for n in range(4)]
    Comment.objects.filter(pk__in=[comments[1].pk, comments[3].pk]).update(read_first=True)
    assert listed_comments(staff) == [comments[n] for n in (1, 3, 0, 2)]
    page = staff.get(QUEUE_URL).content.decode()
    assert page.count("Read first") == 2
    assert page.count("item-urgent") == 2


@pytest.mark.parametrize("status", ["waiting", "approved"])
def test_pagination_shows_each_comment_once(staff, monkeypatch, status) -> None:
    monkeypatch.setattr(tabs, "PAGE_SIZE", 3)
    article = make_article()
    # Two comments at each time: the key decides.
    comments = [
        make_comment(article=article, approved=status == "approved", now=NOW + timedelta(hours=n))
        for n in range(4)
        for _twin in "ab"
    ]
    Comment.objects.filter(pk__in=[comment.pk for comment in comments[2:6:3]]).update(
        read_first=True
    )
    listed, after = [], ""
    for _page in range(3):
        answer = staff.get(QUEUE_URL, {"status": status, "after": after})
        listed += [row.comment for row in answer.context["rows"]]
        after = answer.context["next"]
    assert after == ""
    assert len(listed) == 8
    assert set(listed) == set(comments)
    whole = Comment.objects.filter(status=status)
    order = "-read_first created_at pk" if status == "waiting" else "-status_changed_at -pk"
    assert listed == list(whole.order_by(*order.split()))


@pytest.mark.parametrize("after", ["x", "1-2", "1-9" * 60, "1-0-zz", "1--", "\r\nX: y", "9" * 5000])
def test_invalid_cursor_shows_first_page(staff, after) -> None:
    comment = make_comment()
    answer = staff.get(QUEUE_URL, {"after": after})
    assert [row.comment for row in answer.context["rows"]] == [comment]
    fields = {"do": f"approve:{comment.pk}", "seen": seen_values(comment)}
    assert staff.post(f"{QUEUE_URL}?after=%0d%0aX:%20y", fields).status_code == 303


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("waiting", "Nothing waits."),
        ("approved", "No comment is published yet."),
        ("spam", "No spam."),
        ("trash", "The trash is empty."),
        ("reported", "No reader has reported a comment."),
    ],
)
def test_empty_tab_shows_message(staff, status, words) -> None:
    assert words in visible_text(staff.get(QUEUE_URL, {"status": status}))


def test_queue_row_shows_comment_context(staff) -> None:
    article = make_article(title="On pace")
    first = make_comment(article=article, approved=True, name="Ash", text="The first thought")
    second = make_comment(article=article, parent=first, approved=True, name="Birch", text="Second")
    comment = make_comment(
        article=article,
        parent=second,
        name="Cedar",
        email="cedar@mail.example",
        text="A <b>thought\n\nin two parts",
        suspicions=["no_time"],
        now=timezone.now() - timedelta(hours=3),
    )
    Comment.objects.filter(pk=comment.pk).update(score=0.9)
    answer = staff.get(QUEUE_URL)
    page = visible_text(answer)
    for words in (
        "Cedar",
        "A <b>thought",
        "in two parts",
        "On pace",
        "Sent without opening the page",
        "Reads like spam (90%)",
        "3 hours ago",
    ):
        assert words in page
    assert page.index("The first thought") < page.index("Second") < page.index("A <b>thought")
    assert "<b>thought" not in answer.content.decode()
    assert "cedar@" not in answer.content.decode()
    assert comment.token not in answer.content.decode()


@pytest.mark.parametrize(
    ("score", "words"),
    [(0.0, "Reads like a person"), (0.40, "Hard to tell"), (0.85, "Reads like spam")],
)
def test_score_is_shown_as_label(staff, score, words) -> None:
    comment = make_comment()
    Comment.objects.update(score=score)
    assert words in visible_text(staff.get(admin_url("change", comment)))
    # The list labels doubts only.
    assert (words in visible_text(staff.get(QUEUE_URL))) is (score > 0)


def test_spam_shows_deletion_date(staff) -> None:
    comment = make_comment(suspicions=["honeypot"])
    day = f"{timezone.localtime(comment.status_changed_at + timedelta(days=15)):%-d %B}"
    page = visible_text(staff.get(QUEUE_URL, {"status": "spam"}))
    assert f"Deleted for good on {day}" in page
    assert "Email address removed" not in page  # the whole comment is deleted earlier


def test_comment_shows_email_removal_date(staff) -> None:
    comment = make_comment()
    day = f"{timezone.localtime(comment.created_at + timedelta(days=180)):%-d %B %Y}"
    page = admin_url("change", comment)
    assert f"Email address removed on {day}" in visible_text(staff.get(page))
    comment.email = ""
    comment.save()
    assert "Email address removed" not in visible_text(staff.get(page))


# Actions.
def test_action_redirects_to_next_comment(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article, now=NOW + timedelta(minutes=n)) for n in range(3)]
    fields = {"seen": seen_values(*comments), "do": f"approve:{comments[1].pk}"}
    answer = staff.post(f"{QUEUE_URL}?status=waiting", fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"?status=waiting#c-{comments[2].pk}")
    assert stored_status(comments[1]) == "approved"
    # After the last comment the focus goes to the one above.
    fields = {"seen": seen_values(comments[0], comments[2]), "do": f"spam:{comments[2].pk}"}
    assert staff.post(QUEUE_URL, fields).headers["Location"].endswith(f"#c-{comments[0].pk}")
    assert "1 comment marked as spam." in visible_text(staff.get(QUEUE_URL))


@pytest.mark.parametrize(
    ("verb", "begin", "after"),
    [
        ("approve", "waiting", "approved"),
        ("spam", "waiting", "spam"),
        ("trash", "waiting", "trash"),
        ("spam", "approved", "spam"),
        ("trash", "approved", "trash"),
        ("approve", "spam", "approved"),
        ("restore", "spam", "waiting"),
        ("trash", "spam", "trash"),
        ("restore", "trash", "waiting"),
    ],
)
def test_offered_actions_work_and_can_be_undone(staff, verb, begin, after) -> None:
    comment = make_comment(
        approved=begin == "approved", suspicions=["honeypot"] if begin == "spam" else []
    )
    if begin == "trash":
        workflow.trash_comment(comment, by=None, now=NOW)
    assert (
        f'value="{verb}:{comment.pk}"' in staff.get(QUEUE_URL, {"status": begin}).content.decode()
    )
    answer = submit_action(staff, verb, comment, begin)
    assert stored_status(comment) == after
    assert "Undo" in visible_text(answer)
    events = answer.context["outcome"]["events"]
    undone = staff.post(admin_url("undo"), {"event": events, "back": begin}, follow=True)
    assert stored_status(comment) == begin
    assert "1 action undone." in visible_text(undone)
    assert f"c-{comment.pk}" in undone.redirect_chain[0][0]


def test_script_gets_ids_and_counts_instead_of_a_page(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article, name="Ash", text="Own words") for _ in range(3)]
    fields = {
        "seen": seen_values(*comments),
        "pick": [str(comment.pk) for comment in comments],
        "all": "spam",
    }
    for comment in comments[1:]:
        workflow.trash_comment(comment, by=None, now=NOW)
    answer = staff.post(QUEUE_URL, fields, headers={"accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    assert [row["comment"] for row in found["done"]] == [str(comments[0].pk)]
    assert {row["comment"] for row in found["failed"]} == {str(row.pk) for row in comments[1:]}
    assert found["counts"]["spam"] == "1"
    assert "Ash" not in answer.content.decode()
    assert "Own words" not in answer.content.decode()
    event = found["done"][0]["event"]
    assert found["done"][0]["revision"] == Comment.objects.get(pk=comments[0].pk).revision
    undone = staff.post(
        admin_url("undo"), {"event": event}, headers={"accept": "application/json"}
    ).json()
    assert undone["done"][0]["comment"] == str(comments[0].pk)
    assert stored_status(comments[0]) == "waiting"


def test_restoring_published_comment_republishes_it(staff) -> None:
    comment = make_comment(approved=True, text="As it was")
    submit_action(staff, "trash", comment, "approved")
    assert Comment.objects.get().published_html == ""
    submit_action(staff, "restore", comment, "trash")
    assert "As it was" in Comment.objects.get().published_html


def test_bulk_action_can_be_undone_at_once(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article) for _ in range(5)]
    answer = submit_bulk_action(staff, "approve", *comments[:4])
    assert "4 comments published." in visible_text(answer)
    assert [stored_status(comment) for comment in comments] == ["approved"] * 4 + ["waiting"]
    assert f"c-{comments[4].pk}" not in answer.redirect_chain[0][0]  # it was not on the page
    staff.post(admin_url("undo"), {"event": answer.context["outcome"]["events"], "back": "waiting"})
    assert {stored_status(comment) for comment in comments} == {"waiting"}


def test_select_all_works_without_javascript(staff) -> None:
    article = make_article()
    for _ in range(3):
        make_comment(article=article)
    assert staff.get(QUEUE_URL).content.decode().count(" checked") == 0
    page = staff.get(QUEUE_URL, {"pick": "all"}).content.decode()
    assert page.count(" checked") == 3
    assert "Choose none" in page


def test_settling_reports_keeps_the_comment(staff) -> None:
    comment = make_comment(approved=True)
    report_comment(comment)
    report_comment(comment, "192.0.2.8")
    assert "Reported by 2 readers" in visible_text(staff.get(QUEUE_URL, {"status": "reported"}))
    answer = submit_action(staff, "settle", comment, "reported")
    assert "1 comment stays as it is." in visible_text(answer)
    assert "No reader has reported a comment." in visible_text(answer)
    assert not CommentReport.objects.open().exists()
    assert stored_status(comment) == "approved"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": ""},
        {"do": "approve:"},
        {"do": "approve:x"},
        {"do": "erase:{key}"},
        {"all": "approve"},
        {"all": "approve", "pick": "x"},
        {"all": "withdraw", "pick": "{key}"},
        {"do": "approve:{other}"},
        {"seen": "x:y", "do": ""},
    ],
)
def test_invalid_action_changes_nothing(staff, fields) -> None:
    comment = make_comment()
    other = "00000000-0000-4000-8000-000000000000"
    data = {k: v.format(key=comment.pk, other=other) for k, v in fields.items()}
    assert staff.post(QUEUE_URL, data).status_code == 303
    assert stored_status(comment) == "waiting"
    assert staff.get(QUEUE_URL).status_code == 200


# Concurrent staff.
def test_conflicting_action_names_the_colleague(staff) -> None:
    comment = make_comment()
    before = seen_values(comment)
    colleague = make_staff(first_name="Kim", last_name="Other")
    workflow.mark_as_spam(Comment.objects.get(), by=colleague, now=timezone.now())
    answer = submit_action(staff, "approve", comment, seen=before)
    assert stored_status(comment) == "spam"
    page = visible_text(answer)
    assert "1 comment stayed as it was." in page
    assert "Meanwhile: marked as spam by Kim Other" in page
    assert "It stands under “Spam”" in page
    assert answer.context["outcome"]["events"] == []


def test_approving_text_edited_meanwhile_is_rejected(staff) -> None:
    comment = make_comment(text="Harmless")
    before = seen_values(comment)
    workflow.edit_comment(
        Comment.objects.get(), name="Ash", text="Other words", suspicions=[], now=timezone.now()
    )
    page = visible_text(submit_action(staff, "approve", comment, seen=before))
    assert stored_status(comment) == "waiting"
    assert "Meanwhile: changed by the writer by Visitor" in page
    assert "Other words" in page


def test_bulk_action_skips_comments_it_cannot_apply_to(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article) for _ in range(3)]
    workflow.withdraw_comment(Comment.objects.get(pk=comments[1].pk), now=NOW)
    page = visible_text(submit_bulk_action(staff, "approve", *comments))
    assert "2 comments published." in page
    assert "1 comment stayed as it was." in page
    assert [stored_status(comment) for comment in comments] == ["approved", "withdrawn", "approved"]


def test_undo_is_rejected_after_another_action(staff) -> None:
    comment = make_comment()
    events = submit_action(staff, "spam", comment).context["outcome"]["events"]
    workflow.approve_comment(Comment.objects.get(), by=make_staff(), now=timezone.now())
    page = visible_text(staff.post(admin_url("undo"), {"event": events}, follow=True))
    assert stored_status(comment) == "approved"
    assert "Meanwhile: approved by login-" in page


def test_withdrawn_comment_rejects_all_actions(staff) -> None:
    comment = make_comment()
    events = submit_action(staff, "approve", comment).context["outcome"]["events"]
    workflow.withdraw_comment(Comment.objects.get(), now=NOW)
    staff.post(admin_url("undo"), {"event": events})
    for verb in ("approve", "spam", "trash", "restore"):
        assert "1 comment stayed as it was." in visible_text(submit_action(staff, verb, comment))
    assert stored_status(comment) == "withdrawn"


@pytest.mark.parametrize("event", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_undo_without_valid_events_is_harmless(staff, event) -> None:
    assert staff.post(admin_url("undo"), {"event": event}, follow=True).status_code == 200
    assert staff.get(admin_url("undo")).status_code == 303


# Comments that cannot be decrypted.
def test_undecryptable_comment_does_not_break_the_queue(staff) -> None:
    article = make_article()
    broken, whole = make_comment(article=article), make_comment(article=article, text="Whole words")
    child = make_comment(article=article, parent=broken)
    for column in ("text", "name", "email"):
        tamper(broken, column)
    page = visible_text(staff.get(QUEUE_URL))
    assert "Cannot be read" in page
    assert "Whole words" in page
    answer = submit_bulk_action(staff, "approve", broken, whole)
    assert "1 comment published." in visible_text(answer)
    assert "It cannot be read, so it cannot be published." in visible_text(answer)
    assert (stored_status(broken), stored_status(whole)) == ("waiting", "approved")
    submit_action(staff, "trash", broken)
    assert stored_status(broken) == "trash"
    for name in ("change", "reply", "redact", "erase"):
        assert staff.get(admin_url(name, broken)).status_code == 200
        assert staff.get(admin_url(name, child)).status_code == 200


# Query counts.
def query_count(client: Client, status: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(QUEUE_URL, {"status": status}).status_code == 200
    return len(caught)


@pytest.mark.parametrize("status", ["waiting", "approved", "reported"])
def test_queue_query_count_is_constant(staff, status) -> None:
    article = make_article()

    def add(number: int) -> None:
        parent = make_comment(article=article, approved=True)
        for _ in range(number):
            reply = make_comment(article=article, parent=parent, approved=status != "waiting")
            if status == "reported":
                report_comment(reply)

    add(2)
    query_count(staff, status)
    few = query_count(staff, status)
    add(55)
    assert query_count(staff, status) == few


# Permissions.
@pytest.mark.parametrize(
    ("permissions", "reads", "acts"),
    [
        (("view_article",), False, False),
        (("view_comment",), True, False),
        (("view_comment", "change_comment"), True, True),
    ],
)
def test_permissions_limit_reading_and_acting(client, permissions, reads, acts) -> None:
    client.force_login(make_staff(*permissions))
    comment, event = make_comment(), None
    for name in ("changelist", "change"):
        answer = client.get(admin_url(name, comment if name == "change" else None))
        assert answer.status_code == (200 if reads else 403)
        if reads and not acts:
            main = answer.content.decode().split('id="content-start"')[1]
            assert 'name="do"' not in main
            assert 'name="_verb"' not in main
            assert 'name="pick"' not in main
            assert "/reply/" not in main
            assert "/reveal/" not in main
    event = comment.events.get().pk
    for path, data in (
        (QUEUE_URL, {"do": f"approve:{comment.pk}", "seen": seen_values(comment)}),
        (QUEUE_URL, {"all": "approve", "pick": str(comment.pk)}),
        (admin_url("change", comment), {"_verb": "approve"}),
        (admin_url("undo"), {"event": str(event)}),
        (admin_url("reply", comment), {"text": "Thanks", "press": "publish"}),
        (admin_url("redact", comment), {"text": "Other", "publish": "1"}),
        (admin_url("reveal", comment), {}),
    ):
        status = client.post(path, data).status_code
        assert (status == 403) is not acts, path
    for name in ("reply", "redact"):
        assert (client.get(admin_url(name, comment)).status_code == 200) is acts
    assert client.post(admin_url("search"), {"q": "nobody"}).status_code == (200 if reads else 403)
    # Erasing a person's comments needs the delete permission too.
    assert client.post(admin_url("erase", comment)).status_code == 403
    assert (stored_status(comment) == "approved") is acts


def test_every_post_requires_csrf_token(staff) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    comment = make_comment()
    for path, data in (
        (QUEUE_URL, {"do": f"approve:{comment.pk}"}),
        (admin_url("change", comment), {"_verb": "approve"}),
        (admin_url("undo"), {"event": "x"}),
        (admin_url("reply", comment), {"text": "Thanks", "press": "publish"}),
        (admin_url("redact", comment), {"text": "Other", "publish": "1"}),
        (admin_url("reveal", comment), {}),
        (admin_url("search"), {"q": "nobody"}),
        (admin_url("erase", comment), {}),
    ):
        assert strict.post(path, data).status_code == 403, path
    assert stored_status(comment) == "waiting"


def test_anonymous_users_are_sent_to_login(client) -> None:
    comment = make_comment()
    for name in ("changelist", "undo", "search"):
        assert client.get(admin_url(name)).status_code == 302
    for name in ("change", "reply", "redact", "reveal", "erase"):
        assert client.post(admin_url(name, comment)).status_code == 302


# Logging.
def test_logs_contain_no_personal_data(staff) -> None:
    comment = make_comment(name="Xanthippe", email="quill@mail.example", text="Featherword")
    submit_action(staff, "approve", comment)
    staff.post(admin_url("reply", comment), {"text": "Secretword.", "press": "publish"})
    staff.post(admin_url("search"), {"q": "quill@mail.example"})
    staff.post(admin_url("search"), {"q": "Xanthippe"})
    staff.post(admin_url("reveal", comment))
    assert LogEntry.objects.count() >= 2
    written = [
        f"{e.object_repr} {e.change_message} {e.get_change_message()}"
        for e in LogEntry.objects.all()
    ]
    written += [str(vars(entry)) for entry in AuditEntry.objects.all()]
    written += [str(session.get_decoded()) for session in Session.objects.all()]
    for word in ("Xanthippe", "quill@", "Featherword", "Secretword"):
        assert not [line for line in written if word in line]


def test_audit_log_records_actions(staff) -> None:
    comment = make_comment()
    staff.get(QUEUE_URL)
    submit_action(staff, "spam", comment)
    staff.post(admin_url("reveal", comment))
    staff.post(admin_url("search"), {"q": "quill@mail.example"})
    entries = [
        (entry.action, entry.row, entry.fields) for entry in AuditEntry.objects.order_by("number")
    ]
    listing = ("listed", None, ["name", "text"])
    assert entries[:3] == [listing, ("spam", comment.pk, []), listing]
    assert (
        entries[3:]
        == [
            ("revealed", comment.pk, ["email"]),
            ("read", comment.pk, ["name", "text"]),
            ("searched", None, ["name", "text"]),
            # The search had no results, so no comment was viewed.
        ][: len(entries) - 3]
    )


def test_pages_are_uncached_and_add_delete_are_forbidden(staff) -> None:
    comment = make_comment()
    for path in (QUEUE_URL, admin_url("change", comment), admin_url("reply", comment)):
        assert "no-store" in staff.get(path).headers["Cache-Control"]
    for name in ("add", "delete"):
        path = f"{QUEUE_URL}add/" if name == "add" else f"{QUEUE_URL}{comment.pk}/delete/"
        assert staff.post(path, {"post": "yes"}).status_code == 403
