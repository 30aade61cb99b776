"""The rules of the comment form."""

import unicodedata
from datetime import timedelta

import pytest

from consultations.comments.forms import CommentForm
from consultations.visitors.forms import sign_opened_at
from tests.factories.consultations import NOW, comment_form_data


def make_form(**answers) -> CommentForm:
    answers.setdefault("opened", sign_opened_at(NOW - timedelta(minutes=1)))
    return CommentForm(comment_form_data(**answers), now=NOW)


def error_fields(**answers) -> set[str]:
    return set(make_form(**answers).errors)


def cleaned_answers(**answers) -> dict:
    filled = make_form(**answers)
    assert filled.is_valid(), filled.errors
    return filled.cleaned_data


def test_fields_are_in_order() -> None:
    assert list(CommentForm(now=NOW).fields)[-5:] == [
        "text", "name", "email", "wants_notice", "parent",
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["text", "name", "email"])
@pytest.mark.parametrize("value", ["", "   ", "\n\n"])
def test_text_name_and_email_are_required(field, value) -> None:
    assert error_fields(**{field: value}) == {field}


@pytest.mark.parametrize(("length", "fits"), [(1, False), (2, True), (5000, True), (5001, False)])
def test_text_length_limits(length, fits) -> None:
    assert (error_fields(text="x" * length) == set()) is fits


def test_line_breaks_are_kept_and_control_characters_removed() -> None:
    text = "One\r\ntwo\x00\x07\u202e\r\rthree\n\n\n\nfour\ud800 "
    assert cleaned_answers(text=text)["text"] == "One\ntwo\n\nthree\n\nfour"


def test_markup_is_kept_as_text() -> None:
    assert cleaned_answers(text="<b>bold</b> & more")["text"] == "<b>bold</b> & more"


@pytest.mark.parametrize("name", ["Sam", "שרה", "李", "x" * 80, "Dr. No", "Ana.Maria"])
def test_name_accepts_any_script(name) -> None:
    assert cleaned_answers(name=name)["name"] == name


@pytest.mark.parametrize(
    "name", ["x" * 81, "see http://x.example", "WWW.x.example", "a\nb", "a\x00", "ftp://x"]
)
def test_invalid_names_are_rejected(name) -> None:
    assert error_fields(name=name) == {"name"}


@pytest.mark.parametrize(
    "name", ["sam@mail.example", "SAM@mail.example", "I am sam@mail.example", "ｓam@mail.example"]
)
def test_own_email_is_rejected_as_name(name) -> None:
    assert error_fields(name=name, email="sam@mail.example") == {"name"}


@pytest.mark.parametrize(
    "email",
    ["x", "a@b", "a@mail.example,b@mail.example", "a@mail.example\nBcc: x"],
)
def test_invalid_emails_are_rejected(email) -> None:
    assert error_fields(email=email) == {"email"}


def test_email_domain_is_lowercased() -> None:
    assert cleaned_answers(email="Sam.X@MAIL.Example")["email"] == "Sam.X@mail.example"


def test_field_ids_are_prefixed() -> None:
    drawn = str(CommentForm(now=NOW)["text"])
    assert 'id="id_comment_text"' in drawn
    assert "maxlength" not in drawn


# Unusual characters, hostile and genuine.
FAMILY_EMOJI = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 5000,
        FAMILY_EMOJI * 1000,
        "\u05e9\u05dc\u05d5\u05dd " * 500,
        "\u2067\u0645\u0631\u062d\u0628\u0627\u2069 and on",
        "Ze\u0301ro" * 900,
        "Z" + "\u0351" * 4000,
        "\u0e44\u0e17\u0e22 \u4e2d\u6587 \U00020000",
        "\u2764\ufe0f",
    ],
)
def test_text_accepts_any_script_and_emoji(text) -> None:
    assert cleaned_answers(text=text)["text"] == unicodedata.normalize("NFC", text).strip()


def test_text_length_counts_emoji_as_one_character() -> None:
    assert error_fields(text="\U0001f600" * 5000) == set()
    assert error_fields(text="\U0001f600" * 5001) == {"text"}


@pytest.mark.parametrize("field", ["text", "name"])
@pytest.mark.parametrize(
    "unseen",
    ["\u200b\u200b\u200b", "\u2060\ufeff\u200d", "\u3164\u3164", "\u2800 \u2800", "\u00ad\u034f",
     "\u115f\u1160\uffa0", "\u2066\u2069", "\U000e0001\U000e0041", "\u202e\u202c", "\u0301\u0301"],
)  # fmt: skip
def test_invisible_text_counts_as_empty(field, unseen) -> None:
    assert error_fields(**{field: unseen}) == {field}


@pytest.mark.parametrize(
    "name",
    ["sam\u200b@mail.example", "sam\uff20mail.example", "s\u00adam@mail.example",
     "other@mail.example", "h\u200bttps://x.example", "\uff57\uff57\uff57.x.example"],
)  # fmt: skip
def test_disguised_addresses_are_rejected_as_name(name) -> None:
    assert error_fields(name=name, email="sam@mail.example") == {"name"}


@pytest.mark.parametrize(("length", "fits"), [(254, True), (255, False)])
def test_email_length_limit(length, fits) -> None:
    domain = ".".join(["x" * 60] * 3) + ".example"
    email = "a" * (length - len(domain) - 1) + "@" + domain
    assert len(email) == length
    assert (error_fields(email=email) == set()) is (fits and length - len(domain) - 1 <= 64)


def test_notices_are_opt_in() -> None:
    assert cleaned_answers()["wants_notice"] is False
    assert cleaned_answers(wants_notice="on")["wants_notice"] is True
    assert "checked" not in str(CommentForm(now=NOW)["wants_notice"])
