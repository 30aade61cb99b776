"""The guard on staff's replies: true alarms, false ones, and what it offers instead."""

from itertools import pairwise

import pytest

from consultations.comments.reply_guard import guard
from consultations.comments.reply_guard.guard import CLIENT, HEALTH, NAME, REACH
from tests.consultations.comments.reply_guard_cases import (
    ADVISE,
    CONFIRM,
    HARMLESS,
    KNOWN,
    NAME_SOMEBODY,
    REACH_SOMEBODY,
)

ALARMS = [
    (code, reply)
    for code, replies in (
        (CLIENT, CONFIRM),
        (NAME, NAME_SOMEBODY),
        (HEALTH, ADVISE),
        (REACH, REACH_SOMEBODY),
    )
    for reply in replies
]


def codes_of(reply: str, known: list[str] | None = None) -> list[str]:
    return guard.codes(guard.check(reply, known=KNOWN if known is None else known))


@pytest.mark.parametrize(("code", "reply"), ALARMS)
def test_it_hears_what_tells_too_much(code, reply):
    assert code in codes_of(reply)
    # Within longer words, after a line break and in capitals too.
    longer = f"Thank you for reading.\n\n{reply}\nKind regards"
    assert code in codes_of(longer)


@pytest.mark.parametrize("reply", HARMLESS)
def test_it_lets_harmless_words_pass(reply):
    found = guard.check(reply, known=KNOWN)
    assert [(one.code, reply[one.start : one.end]) for one in found] == []


@pytest.mark.parametrize(("code", "reply"), [one for one in ALARMS if one[0] != NAME])
def test_capitals_do_not_hide_it(code, reply):
    assert code in codes_of(reply.upper())


@pytest.mark.parametrize(("code", "reply"), ALARMS)
def test_what_it_offers_instead_passes_and_keeps_the_rest(code, reply):
    offer = guard.neutral_alternative(reply, known=KNOWN)
    assert offer.strip()
    assert codes_of(offer) == []
    kept = "What a thoughtful comment this is."
    longer = guard.neutral_alternative(f"{kept} {reply}\n{kept}", known=KNOWN)
    assert longer.startswith(kept)
    assert codes_of(longer) == []


def test_a_harmless_reply_is_offered_as_it_is():
    assert guard.neutral_alternative("Thank you for reading this.", known=[]) == (
        "Thank you for reading this."
    )


@pytest.mark.parametrize("words", [str(words) for _key, words in guard.TEMPLATES])
def test_its_own_templates_pass(words):
    assert codes_of(words, []) == []


@pytest.mark.parametrize(
    ("known", "is_found"),
    [
        ([], True),
        (["My name is Margaret."], False),
        (["margaret"], False),
        (["Márgaret’s friend"], False),
        (["Margarets"], True),
    ],
)
def test_a_name_that_readers_see_already_is_no_alarm(known, is_found):
    assert (codes_of("Thank you, Margaret, for this.", known) == [NAME]) is is_found


def test_marks_stand_where_the_words_stand():
    reply = "So, “our sess\u200bion” with\u00a0you <b>was</b> good. Dear Ánna!"
    pieces = guard.marked(reply, guard.check(reply))
    assert "".join(piece.text for piece in pieces) == reply
    assert [(p.text, p.code) for p in pieces if p.code] == [
        ("our sess\u200bion", CLIENT),
        ("Ánna", NAME),
    ]


def test_marks_do_not_overlap_and_run_in_order():
    reply = " ".join(CONFIRM + ADVISE + NAME_SOMEBODY)
    found = guard.check(reply)
    assert len(found) > 60
    for before, after in pairwise(found):
        assert before.end <= after.start
    assert "".join(piece.text for piece in guard.marked(reply, found)) == reply


@pytest.mark.parametrize(
    "reply",
    ["", " ", "\n", "🙂" * 5000, "a" * 5000, "you " * 1250, "שלום עולם", "ﷺ" * 500, "İ" * 50],
)
def test_odd_text_breaks_nothing(reply):
    found = guard.check(reply, known=[reply])
    assert found == []
    assert "".join(piece.text for piece in guard.marked(reply, found)) == reply
    guard.neutral_alternative(reply)


def test_the_seal_changes_with_the_words_only():
    assert guard.seal("Our session\r\nhelped ") == guard.seal("Our session\nhelped")
    assert guard.seal("Our session") != guard.seal("Our sessions")
    assert guard.seal("\ud800")


def test_every_reason_has_its_words():
    every = {code for code, _reply in ALARMS}
    assert set(guard.REASONS) == every == set(guard.labels())
    assert guard.codes(guard.check(" ".join(CONFIRM[:2] + ADVISE[:1]))) == sorted([CLIENT, HEALTH])
