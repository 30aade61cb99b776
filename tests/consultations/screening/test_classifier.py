"""The classifier's verdict; texts of people in need never go to spam."""

import pytest

from consultations.screening.classifier import (
    HOLD_THRESHOLD,
    REASONS,
    SPAM_THRESHOLD,
    History,
    Submission,
    classify,
)
from consultations.screening.word_lists import WordLists

SPAM_SUBMISSION = Submission(
    name="cheap watches online",
    email="deals4471@mail.example",
    url="https://replica-watches.example/shop",
    text="Great post! Visit my site for replica watches, best price and free shipping.",
)


def verdict_for(text="", *, history=None, **fields) -> str:
    return classify(Submission(text=text, **fields), history).verdict


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Buy cheap viagra online http://pills.example http://more-pills.example"},
        {"text": "[url=http://casino.example]online casino bonus[/url]"},
        {"text": "CHECK OUT MY CHANNEL AND SUBSCRIBE!!! http://video.example/me"},
        {"text": "You have won a £1000 prize! To claim call 09061701461 now. Cost 150p/min"},
        {
            "name": "payday loans",
            "url": "http://quick-cash.example/apply",
            "text": "Nice post, thanks for sharing.",
        },
        {
            "name": "Grace",
            "text": "My husband left me, then a spell caster brought back my ex. Contact him via"
            " email: temple@mail.example or whatsapp +1 555 010 0199.",
        },
    ],
)
def test_advertisements_are_spam_with_reasons(fields) -> None:
    judgement = classify(Submission(**fields))
    assert judgement.verdict == "spam"
    assert judgement.score >= SPAM_THRESHOLD
    assert judgement.reasons
    assert set(judgement.reasons) <= set(REASONS)


@pytest.mark.parametrize(
    "text",
    [
        "I want to die. http://a.example http://b.example buy viagra online",
        "i cant do this anymore please call me on 503 555 0142",
        "HELP ME PLEASE!!!!!!!!",
        "My wife gambles all our money away in an online casino and I am so afraid for our kids.",
        "I paid a spell caster to bring back my ex. I feel so ashamed. My mother will not talk.",
        "You can call or text 988, or https://988lifeline.org and https://www.samaritans.org",
        "https://www.thehotline.org/ https://988lifeline.org/",
        "Estoy muy sola desde que murió mi madre. https://ayuda.example/grupos",
        "Спасибо, мне очень помогло: https://pomosh.example/gruppa",
        "死にたいです https://a.example",
        "ŧħıs ıs ĥøw ı ŧαłκ, zalgo t̴e̵x̶t̷, sorry",
        "Help me out please call me 503 555 0142",
        "How do I stop those thoughts? please call me 503 555 0142",
        "My anger has never been physical until the past year. please call me 503 555 0142",
        "He completely deleted me out of his life. please call me 503 555 0142",
        "I came to find out that he put himself on a dating site. call me 503 555 0142",
        "My doctor gave me xanax and tramadol, I feel so sleepy, I am scared to call him.",
        "",
        "...",
    ],
)
def test_texts_of_people_in_need_are_never_spam(text) -> None:
    assert verdict_for(text, name="Sam", email="sam@mail.example") != "spam"
    assert verdict_for(text) != "spam"


def test_kind_text_is_ham() -> None:
    judgement = classify(Submission(text="Thank you, this helped me to sleep again.", name="Sam"))
    assert (judgement.verdict, judgement.reasons) == ("ham", [])
    assert judgement.score < HOLD_THRESHOLD


@pytest.mark.parametrize("mark", ["honeypot", "too_fast"])
def test_bot_marks_alone_make_spam(mark) -> None:
    judgement = classify(Submission(text="Thank you for this.", marks=(mark,)))
    assert (judgement.verdict, judgement.reasons) == ("spam", [mark])
    assert judgement.score >= 0.99


def test_missing_form_time_only_holds() -> None:
    judgement = classify(Submission(text="Thank you for this.", marks=("no_time",)))
    assert (judgement.verdict, judgement.reasons) == ("hold", ["no_time"])


def test_unknown_marks_are_ignored() -> None:
    assert classify(Submission(text="Thanks", marks=("what?",))).reasons == []


def test_custom_spam_words_make_spam_except_with_distress() -> None:
    history = History(WordLists(spam=("blue widgets",)))
    assert verdict_for("We have blue widgets", history=history) == "spam"
    judgement = classify(Submission(text="blue widgets, I want to die"), history)
    assert judgement.verdict == "hold"
    assert judgement.reasons[-1] == "kept"


def test_default_distress_words_prevent_spam_even_when_disabled() -> None:
    history = History(WordLists(distress=(), spam=("blue widgets",)))
    assert verdict_for("blue widgets, I want to die", history=history) == "hold"


@pytest.mark.parametrize(
    ("history", "expected"),
    [(History(), "ham"), (History(repeats=1), "hold"), (History(from_network=3), "hold")],
)
def test_repeats_and_network_count_only_hold_kind_text(history, expected) -> None:
    assert verdict_for("I was glad to read this today", history=history) == expected


def test_other_script_alone_only_holds() -> None:
    assert verdict_for("Благодарю за вашу статью о горе") == "hold"


@pytest.mark.parametrize("learned", [1.5, 50.0, float("inf")])
def test_learned_words_never_make_kind_text_spam(learned) -> None:
    kind = (
        "Thank you, this helped me to sleep again.",
        "How long does grief last? My mother died in May.",
        "Where can I find the worksheet? The link https://a.example/sheet does not work.",
    )
    for text in kind:
        assert verdict_for(text, history=History(learned=learned), name="Sam") != "spam"


def test_learned_log_odds_shift_score_within_bounds() -> None:
    text = "Check out this nice page about gardens https://garden.example"
    low, middle, high = (
        classify(Submission(text=text), History(learned=shift)).score for shift in (-9, 0, 9)
    )
    assert low < middle < high
    assert classify(Submission(text=text), History(learned=-1.5)).score == low
    assert classify(Submission(text=text), History(learned=1.5)).score == high


def test_learned_reason_is_reported() -> None:
    assert "learned" in classify(SPAM_SUBMISSION, History(learned=1.0)).reasons
    assert "learned" not in classify(SPAM_SUBMISSION).reasons


def test_classification_is_deterministic() -> None:
    assert classify(SPAM_SUBMISSION) == classify(SPAM_SUBMISSION)


HOSTILE_TEXTS = [
    "a" * 100_000,
    "<" * 100_000,
    "<a" * 50_000,
    "http://" * 15_000,
    "www." * 25_000,
    "a@" * 50_000,
    "a.com " * 16_000,
    "{a|" * 33_000,
    "1 " * 50_000,
    "+1-" * 33_000,
    "call " * 20_000,
    "a.b" * 33_000,
    "&#x41;" * 16_000,
    "&amp" * 25_000,
    "\u200b" * 100_000,
    "e\u0301" * 50_000,
    "\u0301" * 100_000,
    "👩‍👩‍👧‍👦" * 15_000,
    "ﷺ" * 100_000,
    "x y z " * 16_000,
    "\ud800" * 1_000,
    "\x00\x01\x7f" * 30_000,
    "\r\n\u2028" * 30_000,
    "شكرا " * 20_000,
    "kill " * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_texts_are_classified(text) -> None:
    judgement = classify(Submission(text=text, name=text, email=text, url=text))
    assert judgement.verdict in ("ham", "hold", "spam")
    assert 0 <= judgement.score <= 1
