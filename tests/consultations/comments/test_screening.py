"""Screening of comments: repeats, learning from staff decisions, read first."""

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
from tests.factories.consultations import NOW, comment_form_data, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
OFFER_TEXT = (
    "Have you seen our marble worktops at https://marble.example, a fair price for kitchens?"
)


@pytest.fixture
def staff():
    return make_staff()


def make_decisions(staff, *, spam=6, genuine=6) -> list[Comment]:
    """Mark six people's offers as spam, and publish six people's thanks."""
    article = make_article()
    texts = [f"We sell marble worktops, offer {n}" for n in range(spam)]
    rows = [make_comment(article=article, text=text) for text in texts]
    for row in rows:
        workflow.mark_as_spam(row, by=staff, now=NOW)
    for n in range(genuine):
        text = f"My mother loved her garden, she had {n} roses"
        workflow.approve_comment(make_comment(article=article, text=text), by=staff, now=NOW)
    return rows


# Learning from staff decisions.
def test_staff_decisions_shift_later_scores(staff) -> None:
    before = make_comment(text=OFFER_TEXT)
    make_decisions(staff)
    tasks.update_screening_model(LATER)
    after = make_comment(text=OFFER_TEXT.replace("kitchens", "baths"), now=LATER)
    assert (after.score or 0) > (before.score or 0) > 0
    kind = make_comment(text="My mother and her garden and marble", now=LATER)
    assert kind.status == "waiting"


def test_learning_waits_for_a_decision(staff) -> None:
    make_comment()
    assert screening.learn_if_due(now=LATER) is None
    make_decisions(staff, spam=1, genuine=1)
    assert screening.learn_if_due(now=LATER) == 0
    assert screening.learn_if_due(now=LATER + timedelta(hours=1)) is None


def test_undone_decision_is_unlearned(staff) -> None:
    rows = make_decisions(staff)
    screening.learn_from_decisions(now=LATER)
    assert learning.learned_log_odds(frozenset({"marble"})) > 0
    for row in rows:
        workflow.undo_event(row.events.latest("number"), by=staff, now=LATER)
    screening.learn_from_decisions(now=LATER)
    assert learning.learned_log_odds(frozenset({"marble"})) == 0


def test_withdrawn_comment_is_unlearned(staff) -> None:
    make_decisions(staff)
    screening.learn_from_decisions(now=LATER)
    known = LearnedWord.objects.count()
    for row in Comment.objects.published():
        workflow.withdraw_comment(row, now=LATER)
    tasks.retrain_screening_model(LATER)
    assert LearnedWord.objects.count() < known
    assert learning.learned_log_odds(frozenset({"garden"})) == 0


def test_automatic_spam_is_not_learned_from(staff) -> None:
    for n in range(6):
        comment = make_comment(text=f"We sell marble worktops, offer {n}", suspicions=["honeypot"])
        assert comment.status == "spam"
    make_decisions(staff, spam=0)
    screening.learn_from_decisions(now=LATER)
    assert learning.learned_log_odds(frozenset({"marble"})) == 0


def test_practice_replies_are_not_learned_from(staff) -> None:
    parent = make_comment(approved=True)
    for n in range(6):
        workflow.reply_to_comment(parent, text=f"Gladly, {n}", by=staff, now=NOW)
    assert {labeled.is_spam for labeled in screening.labeled_comments()} == {False}
    assert len(list(screening.labeled_comments())) == 1


def test_wrong_decisions_do_not_send_genuine_comments_to_spam(staff) -> None:
    """Kind comments of ten people, all marked as spam by mistake."""
    article = make_article()
    kind = "My husband died in May and I cannot sleep, how long does grief last"
    for n in range(10):
        row = make_comment(article=article, text=f"{kind} {'really ' * n}")
        workflow.mark_as_spam(row, by=staff, now=NOW)
    make_decisions(staff, spam=0)
    screening.learn_from_decisions(now=LATER)
    again = make_comment(text=f"{kind}, see https://grief.example", now=LATER)
    assert again.status == "waiting"


def test_disabling_learning_deletes_learned_words(staff) -> None:
    make_decisions(staff)
    screening.learn_from_decisions(now=LATER)
    ScreeningSettings(pk=1, learns=False).save()
    tasks.retrain_screening_model(LATER)
    assert not LearnedWord.objects.exists()


def test_undecryptable_comments_are_skipped(staff, settings) -> None:
    make_decisions(staff)
    settings.FIELD_KEYS = [(9, b"k" * 32)]
    assert screening.learn_from_decisions(now=LATER) == 0


# Repeats and networks.
def test_repeated_text_is_marked() -> None:
    words = "I would like to tell everybody about our new group"
    first = make_comment(text=words)
    second = make_comment(text=words)
    assert (first.suspicions, second.suspicions) == ([], ["repeated"])
    assert second.status == "waiting"


def test_edit_does_not_count_as_repeat(staff) -> None:
    words = "I would like to tell everybody about our new group"
    comment = make_comment(text=words)
    workflow.edit_comment(comment, name="Ada", text=f"{words}!", suspicions=[], now=LATER)
    assert comment.suspicions == []


def test_many_comments_from_one_network_are_marked() -> None:
    for _ in range(limits.COMMENT_LIMITS[0].max_count):
        limits.consume(limits.COMMENT_LIMITS, "192.0.2.9", now=NOW)
    assert make_comment(network="192.0.2.9").suspicions == ["many_from_here"]
    assert make_comment(network="192.0.2.8").suspicions == []


def test_screening_query_count_is_constant() -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            screening.screen(
                name="Sam", email="s@mail.example", text=text, suspicions=[], network="::1", now=NOW
            )
        return len(caught)

    assert queries("a few words of thanks here") == queries("word " * 900) <= 5


# The practice's own word lists.
def test_custom_word_lists_apply_to_next_comment() -> None:
    ScreeningSettings(
        pk=1,
        changed_lists=["spam_words", "hold_words"],
        spam_words=["marble"],
        hold_words=["tiles"],
    ).save()
    assert make_comment(text="Marble for all").status == "spam"
    held = make_comment(text="Tiles for all")
    assert (held.status, held.suspicions) == ("waiting", ["listed_hold"])


# Read first.
def test_distress_marks_read_first_and_shows_crisis_lines(client) -> None:
    make_practice()
    with time_machine.travel(NOW, tick=False):
        make_article(slug="rest")
        post = comment_form_data(text="I do not want to live any more.")
        response = client.post("/articles/rest/comments/", post)
        comment = Comment.objects.get()
        assert (comment.read_first, comment.status) == (True, "waiting")
        page = client.get(response["Location"]).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.index("If you need help now") < main.index("What you wrote")
    assert "We don’t monitor this site around the clock" in main
    assert 'href="tel:988"' in main


def test_neutral_comment_shows_no_crisis_lines_first(client) -> None:
    make_practice()
    with time_machine.travel(NOW, tick=False):
        make_article(slug="rest")
        response = client.post(
            "/articles/rest/comments/", comment_form_data(text="A kind thought.")
        )
        page = client.get(response["Location"]).content.decode()
    assert not Comment.objects.get().read_first
    assert "If you need help now" not in page[page.index("<main") : page.index("</main>")]


def test_distress_marking_can_be_disabled() -> None:
    ScreeningSettings(pk=1, distress_is_on=False).save()
    assert not make_comment(text="I want to die").read_first


def test_distress_in_spam_is_still_read_first() -> None:
    comment = make_comment(text="I want to die", suspicions=["honeypot"])
    assert (comment.status, comment.read_first) == ("spam", True)
