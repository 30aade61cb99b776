"""The moderation queue: folders, order, acts on one and on many, undo, two people at once."""

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
    QUEUE,
    address,
    listed,
    press,
    press_for,
    seen,
    status_of,
    words_of,
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


def report(comment: Comment, network: str = "192.0.2.7") -> None:
    workflow.report_comment(comment, network=network, now=NOW)


# --- folders and order ---
def test_each_folder_with_its_count_and_what_waits_first(staff) -> None:
    article = make_article()
    later = make_comment(article=article, now=NOW + timedelta(minutes=5))
    first = make_comment(article=article)
    approved = make_comment(article=article, approved=True)
    spam = make_comment(article=article, suspicions=["honeypot"])
    report(approved)
    assert listed(staff) == [first, later]
    assert listed(staff, "no-such-folder") == [first, later]
    assert listed(staff, "approved") == [approved]
    assert listed(staff, "spam") == [spam]
    assert listed(staff, "reported") == [approved]
    page = words_of(staff.get(QUEUE))
    for words in ("Waiting (2)", "Published (1)", "Spam (1)", "Trash (0)", "Reported (1)"):
        assert words in page


def test_what_is_to_be_read_first_stands_first(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article, now=NOW + timedelta(minutes=n)) for n in range(4)]
    Comment.objects.filter(pk__in=[comments[1].pk, comments[3].pk]).update(read_first=True)
    assert listed(staff) == [comments[n] for n in (1, 3, 0, 2)]
    page = staff.get(QUEUE).content.decode()
    assert page.count("Read first") == 2
    assert page.count("item-first") == 2


@pytest.mark.parametrize("status", ["waiting", "approved"])
def test_page_after_page_shows_each_comment_once(staff, monkeypatch, status) -> None:
    monkeypatch.setattr(tabs, "PAGE_SIZE", 3)
    article = make_article()
    # Two at each moment: the key has the last word.
    comments = [
        make_comment(article=article, approved=status == "approved", now=NOW + timedelta(hours=n))
        for n in range(4)
        for _twin in "ab"
    ]
    Comment.objects.filter(pk__in=[one.pk for one in comments[2:6:3]]).update(read_first=True)
    found, after = [], ""
    for _page in range(3):
        answer = staff.get(QUEUE, {"status": status, "after": after})
        found += [row.comment for row in answer.context["rows"]]
        after = answer.context["next"]
    assert after == ""
    assert len(found) == 8
    assert set(found) == set(comments)
    whole = Comment.objects.filter(status=status)
    order = "-read_first created_at pk" if status == "waiting" else "-status_changed_at -pk"
    assert found == list(whole.order_by(*order.split()))


@pytest.mark.parametrize("after", ["x", "1-2", "1-9" * 60, "1-0-zz", "1--", "\r\nX: y", "9" * 5000])
def test_a_spoiled_place_begins_at_the_beginning(staff, after) -> None:
    comment = make_comment()
    answer = staff.get(QUEUE, {"after": after})
    assert [row.comment for row in answer.context["rows"]] == [comment]
    fields = {"do": f"approve:{comment.pk}", "seen": seen(comment)}
    assert staff.post(f"{QUEUE}?after=%0d%0aX:%20y", fields).status_code == 303


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
def test_an_empty_folder_says_so(staff, status, words) -> None:
    assert words in words_of(staff.get(QUEUE, {"status": status}))


def test_a_comment_shows_all_that_a_decision_needs(staff) -> None:
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
    answer = staff.get(QUEUE)
    page = words_of(answer)
    for words in (
        "Cedar",
        "A <b>thought",
        "in two parts",
        "On pace",
        "Sent without opening the page",
        "Reads like spam (90 %)",
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
def test_the_score_is_said_in_words(staff, score, words) -> None:
    make_comment()
    Comment.objects.update(score=score)
    assert words in words_of(staff.get(QUEUE))


def test_spam_and_trash_say_when_they_go(staff) -> None:
    comment = make_comment(suspicions=["honeypot"])
    day = f"{timezone.localtime(comment.status_changed_at + timedelta(days=15)):%-d %B}"
    page = words_of(staff.get(QUEUE, {"status": "spam"}))
    assert f"Deleted for good on {day}" in page
    assert "Email address removed" not in page  # all of it goes before


def test_what_stays_says_when_its_address_goes(staff) -> None:
    comment = make_comment()
    day = f"{timezone.localtime(comment.created_at + timedelta(days=180)):%-d %B %Y}"
    assert f"Email address removed on {day}" in words_of(staff.get(QUEUE))
    comment.email = ""
    comment.save()
    assert "Email address removed" not in words_of(staff.get(QUEUE))


# --- acts ---
def test_one_press_decides_and_leads_to_the_next(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article, now=NOW + timedelta(minutes=n)) for n in range(3)]
    fields = {"seen": seen(*comments), "do": f"approve:{comments[1].pk}"}
    answer = staff.post(f"{QUEUE}?status=waiting", fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"?status=waiting#c-{comments[2].pk}")
    assert status_of(comments[1]) == "approved"
    # After the last one the focus goes to the one above.
    fields = {"seen": seen(comments[0], comments[2]), "do": f"spam:{comments[2].pk}"}
    assert staff.post(QUEUE, fields).headers["Location"].endswith(f"#c-{comments[0].pk}")
    assert "1 comment marked as spam." in words_of(staff.get(QUEUE))


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
def test_every_press_that_is_offered_works_and_is_undone_by_one(staff, verb, begin, after) -> None:
    comment = make_comment(
        approved=begin == "approved", suspicions=["honeypot"] if begin == "spam" else []
    )
    if begin == "trash":
        workflow.trash_comment(comment, by=None, now=NOW)
    assert f'value="{verb}:{comment.pk}"' in staff.get(QUEUE, {"status": begin}).content.decode()
    answer = press(staff, verb, comment, begin)
    assert status_of(comment) == after
    assert "Undo" in words_of(answer)
    events = answer.context["done"]["events"]
    undone = staff.post(address("undo"), {"event": events, "back": begin}, follow=True)
    assert status_of(comment) == begin
    assert "1 act undone." in words_of(undone)
    assert f"c-{comment.pk}" in undone.redirect_chain[0][0]


def test_a_published_comment_comes_back_published(staff) -> None:
    comment = make_comment(approved=True, text="As it was")
    press(staff, "trash", comment, "approved")
    assert Comment.objects.get().published_html == ""
    press(staff, "restore", comment, "trash")
    assert "As it was" in Comment.objects.get().published_html


def test_one_press_decides_many_and_one_undoes_them(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article) for _ in range(5)]
    answer = press_for(staff, "approve", *comments[:4])
    assert "4 comments published." in words_of(answer)
    assert [status_of(one) for one in comments] == ["approved"] * 4 + ["waiting"]
    assert f"c-{comments[4].pk}" not in answer.redirect_chain[0][0]  # it was not on that page
    staff.post(address("undo"), {"event": answer.context["done"]["events"], "back": "waiting"})
    assert {status_of(one) for one in comments} == {"waiting"}


def test_all_of_a_page_are_chosen_without_a_script(staff) -> None:
    article = make_article()
    for _ in range(3):
        make_comment(article=article)
    assert staff.get(QUEUE).content.decode().count(" checked") == 0
    page = staff.get(QUEUE, {"pick": "all"}).content.decode()
    assert page.count(" checked") == 3
    assert "Choose none" in page


def test_reported_comments_are_kept_by_one_press(staff) -> None:
    comment = make_comment(approved=True)
    report(comment)
    report(comment, "192.0.2.8")
    assert "Reported by 2 readers" in words_of(staff.get(QUEUE, {"status": "reported"}))
    answer = press(staff, "settle", comment, "reported")
    assert "1 comment stays as it is." in words_of(answer)
    assert "No reader has reported a comment." in words_of(answer)
    assert not CommentReport.objects.open().exists()
    assert status_of(comment) == "approved"


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
def test_a_press_that_means_nothing_changes_nothing(staff, fields) -> None:
    comment = make_comment()
    other = "00000000-0000-4000-8000-000000000000"
    data = {k: v.format(key=comment.pk, other=other) for k, v in fields.items()}
    assert staff.post(QUEUE, data).status_code == 303
    assert status_of(comment) == "waiting"
    assert staff.get(QUEUE).status_code == 200


# --- two people at once ---
def test_of_two_one_wins_and_the_other_is_told_by_whom(staff) -> None:
    comment = make_comment()
    before = seen(comment)
    colleague = make_staff(first_name="Kim", last_name="Other")
    workflow.mark_as_spam(Comment.objects.get(), by=colleague, now=timezone.now())
    answer = press(staff, "approve", comment, seen=before)
    assert status_of(comment) == "spam"
    page = words_of(answer)
    assert "1 comment stayed as it was." in page
    assert "Meanwhile: marked as spam by Kim Other" in page
    assert "It stands under “Spam”" in page
    assert answer.context["done"]["events"] == []


def test_what_the_writer_changed_meanwhile_is_not_approved_unread(staff) -> None:
    comment = make_comment(text="Harmless")
    before = seen(comment)
    workflow.edit_comment(
        Comment.objects.get(), name="Ash", text="Other words", suspicions=[], now=timezone.now()
    )
    page = words_of(press(staff, "approve", comment, seen=before))
    assert status_of(comment) == "waiting"
    assert "Meanwhile: changed by the writer by Visitor" in page
    assert "Other words" in page


def test_of_many_those_that_can_be_are_done(staff) -> None:
    article = make_article()
    comments = [make_comment(article=article) for _ in range(3)]
    workflow.withdraw_comment(Comment.objects.get(pk=comments[1].pk), now=NOW)
    page = words_of(press_for(staff, "approve", *comments))
    assert "2 comments published." in page
    assert "1 comment stayed as it was." in page
    assert [status_of(one) for one in comments] == ["approved", "withdrawn", "approved"]


def test_undo_does_nothing_once_something_else_happened(staff) -> None:
    comment = make_comment()
    events = press(staff, "spam", comment).context["done"]["events"]
    workflow.approve_comment(Comment.objects.get(), by=make_staff(), now=timezone.now())
    page = words_of(staff.post(address("undo"), {"event": events}, follow=True))
    assert status_of(comment) == "approved"
    assert "Meanwhile: approved by login-" in page


def test_what_was_taken_back_stays_taken_back(staff) -> None:
    comment = make_comment()
    events = press(staff, "approve", comment).context["done"]["events"]
    workflow.withdraw_comment(Comment.objects.get(), now=NOW)
    staff.post(address("undo"), {"event": events})
    for verb in ("approve", "spam", "trash", "restore"):
        assert "1 comment stayed as it was." in words_of(press(staff, verb, comment))
    assert status_of(comment) == "withdrawn"


@pytest.mark.parametrize("event", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_undoing_nothing_is_no_fault(staff, event) -> None:
    assert staff.post(address("undo"), {"event": event}, follow=True).status_code == 200
    assert staff.get(address("undo")).status_code == 303


# --- what cannot be opened ---
def test_one_unreadable_comment_does_not_break_the_queue(staff) -> None:
    article = make_article()
    broken, whole = make_comment(article=article), make_comment(article=article, text="Whole words")
    child = make_comment(article=article, parent=broken)
    for column in ("text", "name", "email"):
        tamper(broken, column)
    page = words_of(staff.get(QUEUE))
    assert "Cannot be read" in page
    assert "Whole words" in page
    answer = press_for(staff, "approve", broken, whole)
    assert "1 comment published." in words_of(answer)
    assert "It cannot be read, so it cannot be published." in words_of(answer)
    assert (status_of(broken), status_of(whole)) == ("waiting", "approved")
    press(staff, "trash", broken)
    assert status_of(broken) == "trash"
    for name in ("change", "reply", "redact", "erase"):
        assert staff.get(address(name, broken)).status_code == 200
        assert staff.get(address(name, child)).status_code == 200


# --- what is counted ---
def queries(client: Client, status: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(QUEUE, {"status": status}).status_code == 200
    return len(caught)


@pytest.mark.parametrize("status", ["waiting", "approved", "reported"])
def test_a_full_page_takes_as_many_queries_as_a_short_one(staff, status) -> None:
    article = make_article()

    def add(number: int) -> None:
        parent = make_comment(article=article, approved=True)
        for _ in range(number):
            one = make_comment(article=article, parent=parent, approved=status != "waiting")
            if status == "reported":
                report(one)

    add(2)
    queries(staff, status)
    few = queries(staff, status)
    add(55)
    assert queries(staff, status) == few


# --- rights ---
@pytest.mark.parametrize(
    ("permissions", "reads", "acts"),
    [
        (("view_article",), False, False),
        (("view_comment",), True, False),
        (("view_comment", "change_comment"), True, True),
    ],
)
def test_who_may_read_and_who_may_act(client, permissions, reads, acts) -> None:
    client.force_login(make_staff(*permissions))
    comment, event = make_comment(), None
    for name in ("changelist", "change"):
        answer = client.get(address(name, comment if name == "change" else None))
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
        (QUEUE, {"do": f"approve:{comment.pk}", "seen": seen(comment)}),
        (QUEUE, {"all": "approve", "pick": str(comment.pk)}),
        (address("change", comment), {"_verb": "approve"}),
        (address("undo"), {"event": str(event)}),
        (address("reply", comment), {"text": "Thanks", "press": "publish"}),
        (address("redact", comment), {"text": "Other", "publish": "1"}),
        (address("reveal", comment), {}),
    ):
        status = client.post(path, data).status_code
        assert (status == 403) is not acts, path
    for name in ("reply", "redact"):
        assert (client.get(address(name, comment)).status_code == 200) is acts
    assert client.post(address("search"), {"q": "nobody"}).status_code == (200 if reads else 403)
    # To erase a person takes the right to delete as well.
    assert client.post(address("erase", comment)).status_code == 403
    assert (status_of(comment) == "approved") is acts


def test_every_press_needs_the_token_of_the_form(staff) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    comment = make_comment()
    for path, data in (
        (QUEUE, {"do": f"approve:{comment.pk}"}),
        (address("change", comment), {"_verb": "approve"}),
        (address("undo"), {"event": "x"}),
        (address("reply", comment), {"text": "Thanks", "press": "publish"}),
        (address("redact", comment), {"text": "Other", "publish": "1"}),
        (address("reveal", comment), {}),
        (address("search"), {"q": "nobody"}),
        (address("erase", comment), {}),
    ):
        assert strict.post(path, data).status_code == 403, path
    assert status_of(comment) == "waiting"


def test_strangers_are_sent_to_the_login(client) -> None:
    comment = make_comment()
    for name in ("changelist", "undo", "search"):
        assert client.get(address(name)).status_code == 302
    for name in ("change", "reply", "redact", "reveal", "erase"):
        assert client.post(address(name, comment)).status_code == 302


# --- what is written down ---
def test_no_log_names_a_person_or_a_word(staff) -> None:
    comment = make_comment(name="Xanthippe", email="quill@mail.example", text="Featherword")
    press(staff, "approve", comment)
    staff.post(address("reply", comment), {"text": "Secretword.", "press": "publish"})
    staff.post(address("search"), {"q": "quill@mail.example"})
    staff.post(address("search"), {"q": "Xanthippe"})
    staff.post(address("reveal", comment))
    assert LogEntry.objects.count() >= 2
    written = [
        f"{e.object_repr} {e.change_message} {e.get_change_message()}"
        for e in LogEntry.objects.all()
    ]
    written += [str(vars(entry)) for entry in AuditEntry.objects.all()]
    written += [str(session.get_decoded()) for session in Session.objects.all()]
    for word in ("Xanthippe", "quill@", "Featherword", "Secretword"):
        assert not [line for line in written if word in line]


def test_the_audit_log_knows_who_did_what(staff) -> None:
    comment = make_comment()
    staff.get(QUEUE)
    press(staff, "spam", comment)
    staff.post(address("reveal", comment))
    staff.post(address("search"), {"q": "quill@mail.example"})
    found = [
        (entry.action, entry.row, entry.fields) for entry in AuditEntry.objects.order_by("number")
    ]
    listing = ("listed", None, ["name", "text"])
    assert found[:3] == [listing, ("spam", comment.pk, []), listing]
    assert (
        found[3:]
        == [
            ("revealed", comment.pk, ["email"]),
            ("read", comment.pk, ["name", "text"]),
            ("searched", None, ["name", "text"]),
            # The search found nothing, so nothing was shown.
        ][: len(found) - 3]
    )


def test_pages_are_kept_by_nobody(staff) -> None:
    comment = make_comment()
    for path in (QUEUE, address("change", comment), address("reply", comment)):
        assert "no-store" in staff.get(path).headers["Cache-Control"]
    for name in ("add", "delete"):
        path = f"{QUEUE}add/" if name == "add" else f"{QUEUE}{comment.pk}/delete/"
        assert staff.post(path, {"post": "yes"}).status_code == 403
