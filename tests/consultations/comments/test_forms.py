"""What the comment form takes, rule by rule."""

import unicodedata
from datetime import timedelta

import pytest

from consultations.comments.forms import CommentForm
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import NOW, comment_post


def form(**answers) -> CommentForm:
    answers.setdefault("opened", sign_opened_at(NOW - timedelta(minutes=1)))
    return CommentForm(comment_post(**answers), now=NOW)


def faults(**answers) -> set[str]:
    return set(form(**answers).errors)


def taken(**answers) -> dict:
    filled = form(**answers)
    assert filled.is_valid(), filled.errors
    return filled.cleaned_data


def test_text_name_and_email_are_asked_in_this_order() -> None:
    assert list(CommentForm(now=NOW).fields)[-5:] == [
        "text", "name", "email", "wants_notice", "parent",
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["text", "name", "email"])
@pytest.mark.parametrize("value", ["", "   ", "\n\n"])
def test_all_three_are_needed(field, value) -> None:
    assert faults(**{field: value}) == {field}


@pytest.mark.parametrize(("length", "fits"), [(1, False), (2, True), (5000, True), (5001, False)])
def test_a_comment_has_two_to_five_thousand_characters(length, fits) -> None:
    assert (faults(text="x" * length) == set()) is fits


def test_line_breaks_stay_and_control_characters_go() -> None:
    text = "One\r\ntwo\x00\x07\u202e\r\rthree\n\n\n\nfour\ud800 "
    assert taken(text=text)["text"] == "One\ntwo\n\nthree\n\nfour"


def test_markup_is_text() -> None:
    assert taken(text="<b>bold</b> & more")["text"] == "<b>bold</b> & more"


@pytest.mark.parametrize("name", ["Sam", "שרה", "李", "x" * 80, "Dr. No", "Ana.Maria"])
def test_a_name_or_nickname_in_any_script(name) -> None:
    assert taken(name=name)["name"] == name


@pytest.mark.parametrize(
    "name", ["x" * 81, "see http://x.example", "WWW.x.example", "a\nb", "a\x00", "ftp://x"]
)
def test_a_name_that_cannot_be_shown(name) -> None:
    assert faults(name=name) == {"name"}


@pytest.mark.parametrize(
    "name", ["sam@mail.example", "SAM@mail.example", "I am sam@mail.example", "ｓam@mail.example"]
)
def test_the_address_is_not_published_as_a_name(name) -> None:
    assert faults(name=name, email="sam@mail.example") == {"name"}


@pytest.mark.parametrize(
    "email",
    ["x", "a@b", "a@mail.example,b@mail.example", "a@mail.example\nBcc: x"],
)
def test_an_address_for_one_person(email) -> None:
    assert faults(email=email) == {"email"}


def test_the_domain_is_kept_in_small_letters() -> None:
    assert taken(email="Sam.X@MAIL.Example")["email"] == "Sam.X@mail.example"


def test_ids_are_its_own_among_those_of_the_article() -> None:
    drawn = str(CommentForm(now=NOW)["text"])
    assert 'id="id_comment_text"' in drawn
    assert "maxlength" not in drawn


# --- tricks with characters, and what must not be taken for one ---
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 5000,
        FAMILY * 1000,
        "\u05e9\u05dc\u05d5\u05dd " * 500,
        "\u2067\u0645\u0631\u062d\u0628\u0627\u2069 and on",
        "Ze\u0301ro" * 900,
        "Z" + "\u0351" * 4000,
        "\u0e44\u0e17\u0e22 \u4e2d\u6587 \U00020000",
        "\u2764\ufe0f",
    ],
)
def test_every_script_and_every_sign_may_be_written(text) -> None:
    assert taken(text=text)["text"] == unicodedata.normalize("NFC", text).strip()


def test_five_thousand_emoji_fit_and_one_more_does_not() -> None:
    assert faults(text="\U0001f600" * 5000) == set()
    assert faults(text="\U0001f600" * 5001) == {"text"}


@pytest.mark.parametrize("field", ["text", "name"])
@pytest.mark.parametrize(
    "unseen",
    ["\u200b\u200b\u200b", "\u2060\ufeff\u200d", "\u3164\u3164", "\u2800 \u2800", "\u00ad\u034f",
     "\u115f\u1160\uffa0", "\u2066\u2069", "\U000e0001\U000e0041", "\u202e\u202c", "\u0301\u0301"],
)  # fmt: skip
def test_nothing_to_see_is_nothing_written(field, unseen) -> None:
    assert faults(**{field: unseen}) == {field}


@pytest.mark.parametrize(
    "name",
    ["sam\u200b@mail.example", "sam\uff20mail.example", "s\u00adam@mail.example",
     "other@mail.example", "h\u200bttps://x.example", "\uff57\uff57\uff57.x.example"],
)  # fmt: skip
def test_an_address_is_one_whatever_is_hidden_in_it(name) -> None:
    assert faults(name=name, email="sam@mail.example") == {"name"}


@pytest.mark.parametrize(("length", "fits"), [(254, True), (255, False)])
def test_an_address_has_at_most_254_characters(length, fits) -> None:
    domain = ".".join(["x" * 60] * 3) + ".example"
    email = "a" * (length - len(domain) - 1) + "@" + domain
    assert len(email) == length
    assert (faults(email=email) == set()) is (fits and length - len(domain) - 1 <= 64)


def test_news_is_asked_for_and_never_assumed() -> None:
    assert taken()["wants_notice"] is False
    assert taken(wants_notice="on")["wants_notice"] is True
    assert "checked" not in str(CommentForm(now=NOW)["wants_notice"])
