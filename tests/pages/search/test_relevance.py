"""Tests that searches clients are likely to type find the expected answer at or near the top.

The same table is used on SQLite and PostgreSQL.
"""

from datetime import UTC, datetime

import pytest

from pages.practice.models import PracticeProfile
from pages.search.query import search_content
from tests.factories.pages import (
    make_article,
    make_practice,
    make_practitioner,
    make_question,
    make_service,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)

ARTICLES = {
    "After a death: what grief asks of you": "Bereavement has no timetable. We mourn in waves.",
    "When worry will not switch off": "Anxious thoughts at night, and three ways to meet them.",
    "What a panic attack is, and what it is not": "The heart races, breath is short, it passes.",
    "Burnout: when rest does not help": "Exhausted after a holiday? Work stress has gone deep.",
    "Low mood or depression?": "Sadness that stays for weeks deserves a closer look.",
    "How to choose a therapist": "Ten questions to ask a counsellor before you begin.",
    "Boundaries that hold": "Saying no to a parent, a boss or a friend without guilt.",
    "Sleep after a hard year": "Insomnia feeds on effort. Try less, and later.",
    "Talking with your teenager": "Children of fourteen want to be asked, not managed.",
    "Two people, one argument": "Couples fight about dishes and mean their relationship.",
    "Counselling or coaching?": "One looks at wounds, the other at plans. How they differ.",
    "Setting up a video session": "Telehealth from your kitchen: light, privacy, headphones.",
    "Anger as a messenger": "Rage says that a limit was crossed. What to do before you speak.",
    "Leaving and being left": "Separation and divorce shake the ground. First weeks.",
    "Flashbacks and safe places": "Trauma lives in the body; grounding brings you back.",
    "Feeling at home in a new country": "Moving abroad, homesickness and a second language.",
    "Self-esteem after criticism": "The inner critic, and how confidence grows again.",
    "Being a carer": "Looking after a father with dementia, and after yourself.",
    "Small talk about café culture": "Nothing about feelings at all, only coffee and croissants.",
    "The year in review": "A long list. Grief, worry, sleep, stress, anger: all were here once.",
}
# The query, the start of the expected title, and how far down the results it may be.
QUESTIONS = [
    ("grieving my mother", "After a death", 1),
    ("bereavement", "After a death", 1),
    ("I can't stop worrying", "When worry", 1),
    ("anxiety at night", "When worry", 1),
    ("panic attacks", "What a panic attack", 1),
    ("burned out from work", "Burnout", 1),
    ("always exhausted", "Burnout", 2),
    ("am I depressed", "Low mood", 1),
    ("feeling sad for weeks", "Low mood", 2),
    ("how do I find a counselor", "How to choose", 3),
    ("saying no to my parents", "Boundaries", 1),
    ("cant sleep insomnia", "Sleep after", 1),
    ("my teenage son", "Talking with your teenager", 2),
    ("relationship problems with my partner", "Two people", 3),
    ("difference between coaching and counseling", "Counselling or coaching?", 1),
    ("online sessions", "Setting up a video session", 3),
    ("how much does it cost", "What does a session cost", 1),
    ("do you take insurance", "Do you take insurance", 1),
    ("divorce", "Leaving and being left", 1),
    ("ptsd", "Flashbacks", 1),
    ("self esteem", "Self-esteem", 1),
    ("what do you keep about me", "What do you keep", 1),
    ("cafe", "Small talk about café", 1),
    ("robin", "Robin Example", 1),
    ("couples therapy", "Couples", 1),
    ("anx", "When worry", 3),
    ("how do i know if i need therapy", "How do I know if I need", 1),
    ("couples fighting", "Couples", 2),
    ("my husband and i argue", "Two people", 2),
    ("my mother died", "After a death", 1),
    ("how long does therapy take", "How long will it take", 1),
    ("am i too tired to work", "Burnout", 2),
    ("emergency", "Get help now", 1),
    ("I want to kill myself", "Get help now", 1),
]


@pytest.fixture
def search_site():
    make_practice()
    make_practitioner(name="Robin Example", intro="I see adults and couples.")
    for title, summary in ARTICLES.items():
        make_article(title=title, summary=summary, body=f"<p>{summary} More of it later.</p>")
    make_service(title="Couples counselling", summary="Seventy-five minutes for two.")
    make_question(question="What does a session cost?", answer="<p>Fees are on the fees page.</p>")
    make_question(question="Do you take insurance?", answer="<p>You get a superbill.</p>")
    make_question(question="How do I know if I need counselling?", answer="<p>You ask.</p>")
    make_question(question="How long will it take?", answer="<p>Ten weeks, or two years.</p>")
    make_question(question="What do you keep about me?", answer="<p>Notes, for seven years.</p>")


def test_expected_answers_rank_near_top(search_site) -> None:
    practice = PracticeProfile.load()
    missed = {}
    for question, expected, within in QUESTIONS:
        titles = [hit.title for hit in search_content(question, now=NOW, practice=practice)]
        if not any(title.startswith(expected) for title in titles[:within]):
            missed[question] = titles[:4]
    assert missed == {}
