"""The guard on staff's replies: true alarms, false ones, and what it offers instead."""

from itertools import pairwise

import pytest

from consultations.comments.reply_guard import guard
from consultations.comments.reply_guard.guard import (
    CONFIRMS_CLIENT,
    CONTACT_DETAILS,
    MEDICAL_ADVICE,
    NAMES_PERSON,
)
from tests.consultations.comments.reply_guard.cases import (
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
        (CONFIRMS_CLIENT, CONFIRM),
        (NAMES_PERSON, NAME_SOMEBODY),
        (MEDICAL_ADVICE, ADVISE),
        (CONTACT_DETAILS, REACH_SOMEBODY),
    )
    for reply in replies
]


def codes_of(reply: str, known: list[str] | None = None) -> list[str]:
    return guard.finding_codes(guard.check_reply(reply, known=KNOWN if known is None else known))


@pytest.mark.parametrize(("code", "reply"), ALARMS)
def test_it_hears_what_tells_too_much(code, reply):
    assert code in codes_of(reply)
    # Within longer words, after a line break and in capitals too.
    longer = f"Thank you for reading.\n\n{reply}\nKind regards"
    assert code in codes_of(longer)


@pytest.mark.parametrize("reply", HARMLESS)
def test_it_lets_harmless_words_pass(reply):
    found = guard.check_reply(reply, known=KNOWN)
    assert [(one.code, reply[one.start : one.end]) for one in found] == []


@pytest.mark.parametrize(("code", "reply"), [one for one in ALARMS if one[0] != NAMES_PERSON])
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


@pytest.mark.parametrize("words", [str(words) for _key, words in guard.REPLY_TEMPLATES])
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
    assert (codes_of("Thank you, Margaret, for this.", known) == [NAMES_PERSON]) is is_found


def test_marks_stand_where_the_words_stand():
    reply = "So, “our sess\u200bion” with\u00a0you <b>was</b> good. Dear Ánna!"
    pieces = guard.split_by_findings(reply, guard.check_reply(reply))
    assert "".join(piece.text for piece in pieces) == reply
    assert [(p.text, p.code) for p in pieces if p.code] == [
        ("our sess\u200bion", CONFIRMS_CLIENT),
        ("Ánna", NAMES_PERSON),
    ]


def test_marks_do_not_overlap_and_run_in_order():
    reply = " ".join(CONFIRM + ADVISE + NAME_SOMEBODY)
    found = guard.check_reply(reply)
    assert len(found) > 60
    for before, after in pairwise(found):
        assert before.end <= after.start
    assert "".join(piece.text for piece in guard.split_by_findings(reply, found)) == reply


@pytest.mark.parametrize(
    "reply",
    ["", " ", "\n", "🙂" * 5000, "a" * 5000, "you " * 1250, "שלום עולם", "ﷺ" * 500, "İ" * 50],
)
def test_odd_text_breaks_nothing(reply):
    found = guard.check_reply(reply, known=[reply])
    assert found == []
    assert "".join(piece.text for piece in guard.split_by_findings(reply, found)) == reply
    guard.neutral_alternative(reply)


def test_the_seal_changes_with_the_words_only():
    assert guard.text_digest("Our session\r\nhelped ") == guard.text_digest("Our session\nhelped")
    assert guard.text_digest("Our session") != guard.text_digest("Our sessions")
    assert guard.text_digest("\ud800")


def test_every_reason_has_its_words():
    every = {code for code, _reply in ALARMS}
    assert set(guard.REASONS) == every == set(guard.code_labels())
    assert guard.finding_codes(guard.check_reply(" ".join(CONFIRM[:2] + ADVISE[:1]))) == sorted(
        [CONFIRMS_CLIENT, MEDICAL_ADVICE]
    )
