"""Comments and screening together: what came before, what staff decided, what is read first."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations import tasks
from consultations.comments import screening, workflow
from consultations.comments.models import Comment
from consultations.rate_limits import limits
from consultations.screening import learning
from consultations.screening.models import LearnedWord, ScreeningSettings
from tests.factories.consultations import NOW, comment_post, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
OFFER = "Have you seen our marble worktops at https://marble.example, a fair price for kitchens?"


@pytest.fixture
def staff():
    return make_staff()


def decide(staff, *, spam=6, genuine=6) -> list[Comment]:
    """Six people's marble in spam, six people's thanks published."""
    article = make_article()
    texts = [f"We sell marble worktops, offer {n}" for n in range(spam)]
    rows = [make_comment(article=article, text=text) for text in texts]
    for row in rows:
        workflow.mark_as_spam(row, by=staff, now=NOW)
    for n in range(genuine):
        text = f"My mother loved her garden, she had {n} roses"
        workflow.approve_comment(make_comment(article=article, text=text), by=staff, now=NOW)
    return rows


# --- learning from staff's decisions ---
def test_decisions_move_the_score_of_later_comments(staff) -> None:
    before = make_comment(text=OFFER)
    decide(staff)
    tasks.learn_from_staff(LATER)
    after = make_comment(text=OFFER.replace("kitchens", "baths"), now=LATER)
    assert (after.score or 0) > (before.score or 0) > 0
    kind = make_comment(text="My mother and her garden and marble", now=LATER)
    assert kind.status == "waiting"


def test_a_lesson_waits_for_a_decision(staff) -> None:
    make_comment()
    assert screening.learn_if_due(now=LATER) is None
    decide(staff, spam=1, genuine=1)
    assert screening.learn_if_due(now=LATER) == 0
    assert screening.learn_if_due(now=LATER + timedelta(hours=1)) is None


def test_a_decision_taken_back_is_forgotten(staff) -> None:
    rows = decide(staff)
    screening.learn_from_decisions(now=LATER)
    assert learning.shift(frozenset({"marble"})) > 0
    for row in rows:
        workflow.undo_event(row.events.latest("number"), by=staff, now=LATER)
    screening.learn_from_decisions(now=LATER)
    assert learning.shift(frozenset({"marble"})) == 0


def test_what_a_writer_takes_back_teaches_nothing_any_more(staff) -> None:
    decide(staff)
    screening.learn_from_decisions(now=LATER)
    known = LearnedWord.objects.count()
    for row in Comment.objects.published():
        workflow.withdraw_comment(row, now=LATER)
    tasks.learn_anew(LATER)
    assert LearnedWord.objects.count() < known
    assert learning.shift(frozenset({"garden"})) == 0


def test_what_was_only_sorted_teaches_nothing(staff) -> None:
    for n in range(6):
        comment = make_comment(text=f"We sell marble worktops, offer {n}", suspicions=["honeypot"])
        assert comment.status == "spam"
    decide(staff, spam=0)
    screening.learn_from_decisions(now=LATER)
    assert learning.shift(frozenset({"marble"})) == 0


def test_the_practices_own_replies_teach_nothing(staff) -> None:
    parent = make_comment(approved=True)
    for n in range(6):
        workflow.reply_to_comment(parent, text=f"Gladly, {n}", by=staff, now=NOW)
    assert {one.is_spam for one in screening.labeled_comments()} == {False}
    assert len(list(screening.labeled_comments())) == 1


def test_a_few_wrong_decisions_put_no_genuine_comment_into_spam(staff) -> None:
    """Ten kind comments of ten people, all marked as spam by a slip of the hand."""
    article = make_article()
    kind = "My husband died in May and I cannot sleep, how long does grief last"
    for n in range(10):
        row = make_comment(article=article, text=f"{kind} {'really ' * n}")
        workflow.mark_as_spam(row, by=staff, now=NOW)
    decide(staff, spam=0)
    screening.learn_from_decisions(now=LATER)
    again = make_comment(text=f"{kind}, see https://grief.example", now=LATER)
    assert again.status == "waiting"


def test_switched_off_nothing_is_learned_and_nothing_used(staff) -> None:
    decide(staff)
    screening.learn_from_decisions(now=LATER)
    ScreeningSettings(pk=1, learns=False).save()
    tasks.learn_anew(LATER)
    assert not LearnedWord.objects.exists()


def test_a_comment_that_no_key_opens_is_passed_over(staff, settings) -> None:
    decide(staff)
    settings.FIELD_KEYS = [(9, b"k" * 32)]
    assert screening.learn_from_decisions(now=LATER) == 0


# --- what came before ---
def test_the_same_words_on_another_article_are_marked() -> None:
    words = "I would like to tell everybody about our new group"
    first = make_comment(text=words)
    second = make_comment(text=words)
    assert (first.suspicions, second.suspicions) == ([], ["repeated"])
    assert second.status == "waiting"


def test_an_edit_is_no_repetition_of_itself(staff) -> None:
    words = "I would like to tell everybody about our new group"
    comment = make_comment(text=words)
    workflow.edit_comment(comment, name="Ada", text=f"{words}!", suspicions=[], now=LATER)
    assert comment.suspicions == []


def test_several_from_one_place_are_marked() -> None:
    for _ in range(limits.COMMENT_LIMITS[0].most):
        limits.consume(limits.COMMENT_LIMITS, "192.0.2.9", now=NOW)
    assert make_comment(network="192.0.2.9").suspicions == ["many_from_here"]
    assert make_comment(network="192.0.2.8").suspicions == []


def test_screening_takes_the_same_queries_for_long_and_short() -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            screening.screen(
                name="Sam", email="s@mail.example", text=text, suspicions=[], network="::1", now=NOW
            )
        return len(caught)

    assert queries("a few words of thanks here") == queries("word " * 900) <= 5


# --- the practice's own words ---
def test_the_practices_words_sort_from_the_next_comment_on() -> None:
    ScreeningSettings(
        pk=1,
        changed_lists=["spam_words", "hold_words"],
        spam_words=["marble"],
        hold_words=["tiles"],
    ).save()
    assert make_comment(text="Marble for all").status == "spam"
    held = make_comment(text="Tiles for all")
    assert (held.status, held.suspicions) == ("waiting", ["listed_hold"])


# --- read first ---
def test_distress_is_read_first_and_its_writer_sees_the_lines_first(client) -> None:
    make_practice()
    with time_machine.travel(NOW, tick=False):
        make_article(slug="rest")
        post = comment_post(text="I do not want to live any more.")
        response = client.post("/articles/rest/comments/", post)
        comment = Comment.objects.get()
        assert (comment.read_first, comment.status) == (True, "waiting")
        page = client.get(response["Location"]).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.index("If you need help now") < main.index("What you wrote")
    assert "This site is not watched day and night" in main
    assert 'href="tel:988"' in main


def test_other_words_show_no_lines_above_them(client) -> None:
    make_practice()
    with time_machine.travel(NOW, tick=False):
        make_article(slug="rest")
        response = client.post("/articles/rest/comments/", comment_post(text="A kind thought."))
        page = client.get(response["Location"]).content.decode()
    assert not Comment.objects.get().read_first
    assert "If you need help now" not in page[page.index("<main") : page.index("</main>")]


def test_it_can_be_switched_off() -> None:
    ScreeningSettings(pk=1, distress_is_on=False).save()
    assert not make_comment(text="I want to die").read_first


def test_distress_in_spam_of_a_program_is_read_first_all_the_same() -> None:
    comment = make_comment(text="I want to die", suspicions=["honeypot"])
    assert (comment.status, comment.read_first) == ("spam", True)
