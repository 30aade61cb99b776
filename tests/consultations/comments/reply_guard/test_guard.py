"""The reply guard: findings, false alarms and neutral alternatives."""

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
    ADVICE_REPLIES,
    CLIENT_REPLIES,
    CONTACT_REPLIES,
    HARMLESS_REPLIES,
    KNOWN_TEXTS,
    NAME_REPLIES,
)

RISKY_REPLIES = [
    (code, reply)
    for code, replies in (
        (CONFIRMS_CLIENT, CLIENT_REPLIES),
        (NAMES_PERSON, NAME_REPLIES),
        (MEDICAL_ADVICE, ADVICE_REPLIES),
        (CONTACT_DETAILS, CONTACT_REPLIES),
    )
    for reply in replies
]


def codes_for(reply: str, known: list[str] | None = None) -> list[str]:
    return guard.finding_codes(
        guard.check_reply(reply, known=KNOWN_TEXTS if known is None else known)
    )


@pytest.mark.parametrize(("code", "reply"), RISKY_REPLIES)
def test_risky_wording_is_found(code, reply):
    assert code in codes_for(reply)
    # Also within longer text, after a line break and in capitals.
    longer = f"Thank you for reading.\n\n{reply}\nKind regards"
    assert code in codes_for(longer)


@pytest.mark.parametrize("reply", HARMLESS_REPLIES)
def test_harmless_wording_passes(reply):
    findings = guard.check_reply(reply, known=KNOWN_TEXTS)
    assert [(finding.code, reply[finding.start : finding.end]) for finding in findings] == []


@pytest.mark.parametrize(
    ("code", "reply"), [case for case in RISKY_REPLIES if case[0] != NAMES_PERSON]
)
def test_capitals_do_not_hide_risky_wording(code, reply):
    assert code in codes_for(reply.upper())


@pytest.mark.parametrize(("code", "reply"), RISKY_REPLIES)
def test_neutral_alternative_passes_and_keeps_the_rest(code, reply):
    offer = guard.neutral_alternative(reply, known=KNOWN_TEXTS)
    assert offer.strip()
    assert codes_for(offer) == []
    kept = "What a thoughtful comment this is."
    longer = guard.neutral_alternative(f"{kept} {reply}\n{kept}", known=KNOWN_TEXTS)
    assert longer.startswith(kept)
    assert codes_for(longer) == []


def test_neutral_alternative_keeps_harmless_reply():
    assert guard.neutral_alternative("Thank you for reading this.", known=[]) == (
        "Thank you for reading this."
    )


@pytest.mark.parametrize("words", [str(words) for _key, words in guard.REPLY_TEMPLATES])
def test_reply_templates_pass(words):
    assert codes_for(words, []) == []


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
def test_known_names_are_not_reported(known, is_found):
    assert (codes_for("Thank you, Margaret, for this.", known) == [NAMES_PERSON]) is is_found


def test_segments_mark_the_original_text():
    reply = "So, “our sess\u200bion” with\u00a0you <b>was</b> good. Dear Ánna!"
    pieces = guard.split_by_findings(reply, guard.check_reply(reply))
    assert "".join(segment.text for segment in pieces) == reply
    assert [(p.text, p.code) for p in pieces if p.code] == [
        ("our sess\u200bion", CONFIRMS_CLIENT),
        ("Ánna", NAMES_PERSON),
    ]


def test_findings_are_ordered_and_do_not_overlap():
    reply = " ".join(CLIENT_REPLIES + ADVICE_REPLIES + NAME_REPLIES)
    findings = guard.check_reply(reply)
    assert len(findings) > 60
    for before, after in pairwise(findings):
        assert before.end <= after.start
    assert "".join(segment.text for segment in guard.split_by_findings(reply, findings)) == reply


@pytest.mark.parametrize(
    "reply",
    ["", " ", "\n", "🙂" * 5000, "a" * 5000, "you " * 1250, "שלום עולם", "ﷺ" * 500, "İ" * 50],
)
def test_unusual_text_is_handled(reply):
    findings = guard.check_reply(reply, known=[reply])
    assert findings == []
    assert "".join(segment.text for segment in guard.split_by_findings(reply, findings)) == reply
    guard.neutral_alternative(reply)


def test_text_digest_ignores_line_endings_and_outer_space():
    assert guard.text_digest("Our session\r\nhelped ") == guard.text_digest("Our session\nhelped")
    assert guard.text_digest("Our session") != guard.text_digest("Our sessions")
    assert guard.text_digest("\ud800")


def test_every_code_has_reason_and_label():
    every = {code for code, _reply in RISKY_REPLIES}
    assert set(guard.REASONS) == every == set(guard.code_labels())
    assert guard.finding_codes(
        guard.check_reply(" ".join(CLIENT_REPLIES[:2] + ADVICE_REPLIES[:1]))
    ) == sorted([CONFIRMS_CLIENT, MEDICAL_ADVICE])
