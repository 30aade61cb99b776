"""Comments as staff meet them."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.comments import workflow
from consultations.comments.models import Comment
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/comment/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def page_of(comment: Comment) -> str:
    return reverse("admin:consultations_comment_change", args=[comment.pk])


def words_of(response) -> str:
    return response.content.decode()


def listed(client, status: str = "") -> list[Comment]:
    return list(client.get(LIST, {"status": status} if status else {}).context["cl"].result_list)


def press(client, verb: str, *comments: Comment):
    chosen = [str(comment.pk) for comment in comments]
    data = {"action": f"{verb}_selected", "_selected_action": chosen}
    return client.post(f"{LIST}?status=all", data, follow=True)


def test_what_waits_comes_first_oldest_on_top(staff) -> None:
    article = make_article()
    later = make_comment(article=article, now=NOW + timedelta(minutes=5))
    first = make_comment(article=article)
    approved = make_comment(article=article, approved=True)
    spam = make_comment(article=article, suspicions=["honeypot"])
    assert listed(staff) == [first, later]
    assert listed(staff, "approved") == [approved]
    assert listed(staff, "spam") == [spam]
    assert len(listed(staff, "all")) == 4
    page = words_of(staff.get(LIST))
    for words in ("Waiting (2)", "Published (1)", "Spam (1)", "Trash (0)"):
        assert words in page


def test_the_list_shows_words_and_marks_and_no_address(staff) -> None:
    make_comment(text="A <b>thought", email="quill@mail.example", suspicions=["no_time"])
    page = words_of(staff.get(LIST))
    assert "A &lt;b&gt;thought" in page
    assert "Sent without opening the page" in page
    assert "quill@" not in page


def test_one_press_decides_many(staff) -> None:
    comments = [make_comment() for _ in range(3)]
    page = words_of(press(staff, "approve", *comments))
    assert "3 comments changed." in page
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}
    press(staff, "spam", comments[0])
    press(staff, "trash", comments[1])
    press(staff, "restore", comments[0])
    assert "1 stayed as it was." in words_of(press(staff, "restore", comments[2]))
    statuses = [Comment.objects.get(pk=comment.pk).status for comment in comments]
    assert statuses == ["approved", "trash", "approved"]


def test_what_was_taken_back_stays_taken_back(staff) -> None:
    comment = make_comment()
    workflow.withdraw_comment(comment, now=NOW)
    for verb in ("approve", "spam", "trash", "restore"):
        assert "1 stayed as it was." in words_of(press(staff, verb, comment))
    assert Comment.objects.get().status == "withdrawn"
    assert "(erased by the writer)" in words_of(staff.get(LIST, {"status": "withdrawn"}))


@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_the_page_of_one_decides_too(staff, verb) -> None:
    comment = make_comment(email="quill@mail.example")
    page = words_of(staff.get(page_of(comment)))
    assert "quill@mail.example" in page
    assert f'value="{verb}"' in page
    assert comment.token not in page
    assert staff.post(page_of(comment), {"_verb": verb, "reply": ""}).status_code == 302
    expected = {"approve": "approved"}.get(verb, verb)
    assert Comment.objects.get().status == expected


@pytest.mark.parametrize("verb", ["reply", "approve"])
def test_approving_and_answering_in_one_press(client, verb) -> None:
    user = make_staff()
    make_practitioner(name="Jo Example", user=user)
    client.force_login(user)
    comment = make_comment()
    client.post(page_of(comment), {"_verb": verb, "reply": "Thank you."})
    comment.refresh_from_db()
    reply = Comment.objects.get(by_practice=True)
    assert (comment.status, reply.status, reply.parent) == ("approved", "approved", comment)
    assert (reply.published_name, reply.text) == ("Jo Example", "Thank you.")


def test_words_for_a_reply_are_not_published_by_another_button(staff) -> None:
    comment = make_comment()
    staff.post(page_of(comment), {"_verb": "spam", "reply": "Thank you."})
    assert Comment.objects.get() == comment


def test_nothing_of_the_writer_can_be_edited(staff) -> None:
    comment = make_comment(text="As it was")
    staff.post(page_of(comment), {"_verb": "", "reply": "", "text": "Changed", "name": "Changed"})
    assert Comment.objects.get().text == "As it was"
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{comment.pk}/delete/", {"post": "yes"}).status_code == 403


def test_one_unreadable_row_does_not_break_the_list(staff) -> None:
    broken, whole = make_comment(), make_comment(text="Whole words")
    for column in ("text", "name", "email"):
        tamper(broken, column)
    page = words_of(staff.get(LIST))
    assert "cannot be read" in page
    assert "Whole words" in page
    assert staff.get(page_of(broken)).status_code == 200
    assert "1 stayed as it was." in words_of(press(staff, "approve", broken))
    assert "1 comment changed." in words_of(press(staff, "trash", broken))
    assert staff.get(page_of(whole)).status_code == 200


def test_a_list_of_fifty_takes_as_many_queries_as_one_of_five(staff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(LIST, {"status": "all"}).status_code == 200
        return len(seen)

    def add(number: int) -> None:
        parent = make_comment(approved=True)
        for _ in range(number):
            make_comment(article=parent.article, parent=parent)

    add(5)
    staff.get(LIST)
    few = queries()
    add(40)
    assert queries() == few


def test_the_log_of_staff_acts_names_no_person_and_no_word(staff) -> None:
    comment = make_comment(name="Xanthippe", email="quill@mail.example", text="Featherword")
    press(staff, "approve", comment)
    staff.post(page_of(comment), {"_verb": "reply", "reply": "Secretword"})
    entries = LogEntry.objects.all()
    assert entries.count() >= 2
    for entry in entries:
        whole = f"{entry.object_repr} {entry.change_message} {entry.get_change_message()}"
        for word in ("Xanthippe", "quill@", "Featherword", "Secretword"):
            assert word not in whole


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
    comment = make_comment()
    for address in (LIST, page_of(comment)):
        assert client.get(address).status_code == (200 if reads else 403)
    press(client, "approve", comment)
    assert (Comment.objects.get().status == "approved") is acts
    response = client.post(page_of(comment), {"_verb": "trash", "reply": ""})
    assert (response.status_code == 302) is acts
    assert (Comment.objects.get().status == "trash") is acts
