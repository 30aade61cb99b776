"""Tests for placeholders: what is a fault, and how a text is filled in."""

import pytest

from consultations.email_texts.catalog import EMAIL_KINDS, LINKS, MEANINGS, EmailKind, find_kind
from consultations.email_texts.placeholders import fill_line, fill_paragraphs, find_faults
from consultations.email_texts.sentences import find_health_words

VALUES = {"time": "Monday\nTuesday", "counselor": "Robin", "private link": "https://x/c/1/"}


def kind_of(key: str) -> EmailKind:
    kind = find_kind(key)
    assert kind is not None
    return kind


CONFIRMED = kind_of("consultation_confirmed")


@pytest.mark.parametrize("kind", EMAIL_KINDS, ids=lambda kind: kind.key)
def test_default_text_has_no_fault_and_no_health_word(kind: EmailKind) -> None:
    subject, body = str(kind.subject), str(kind.body)
    assert find_faults(kind, subject, body) == {"subject": [], "body": []}
    assert find_health_words(subject + body.replace("{counselor}", "")) == []
    assert set(kind.placeholders) <= set(MEANINGS)
    assert set(kind.required) <= LINKS & set(kind.placeholders)


@pytest.mark.parametrize(
    ("subject", "body", "field", "fault"),
    [
        ("Hi", "{private link} {name}", "body", "no placeholder {name}"),
        ("Hi", "{private link} {counsellor}", "body", "Did you mean {counselor}?"),
        ("Hi", "See you {time}", "body", "needs {private link}"),
        ("Hi", "{private link} {time", "body", "a single brace"),
        ("Hi {private link}", "{private link}", "subject", "can’t be clicked"),
        ("{note}", "{private link}", "subject", "no placeholder {note}"),
        ("Hi", "{private link} {{time}}", "body", "a single brace"),
    ],
)
def test_faults_are_named(subject: str, body: str, field: str, fault: str) -> None:
    faults = find_faults(CONFIRMED, subject, body)
    assert any(fault in sentence for sentence in faults[field]), faults


def test_no_placeholder_stands_for_what_visitors_type() -> None:
    typed = {"name", "email", "phone", "note", "access", "comment", "text"}
    assert typed & set(MEANINGS) == set()


def test_paragraphs_keep_lines_and_drop_empty_ones() -> None:
    paragraphs = fill_paragraphs("One {counselor}\r\n{reference}\r\n\r\n\n{time}\n \nLast", VALUES)
    assert [paragraph.text for paragraph in paragraphs] == ["One Robin", "Monday\nTuesday", "Last"]


def test_subject_is_one_line() -> None:
    assert fill_line("Call  on {time}", VALUES) == "Call on Monday"


def test_values_are_not_searched_for_placeholders() -> None:
    [paragraph] = fill_paragraphs("{counselor}", {"counselor": "{private link}"})
    assert paragraph.text == "{private link}"
