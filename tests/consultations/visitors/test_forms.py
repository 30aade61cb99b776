"""The hidden field and the signed time: they mark, keep every word, and refuse nobody."""

from datetime import timedelta

import pytest
from django import forms
from django.core.signing import Signer

from consultations.visitors.forms import ScreenedForm, read_opened_at, sign_opened_at
from tests.factories.consultations import NOW


class NoteForm(ScreenedForm):
    note = forms.CharField()


def sent(opened: str | None, *, website: str = "", note: str = "words") -> NoteForm:
    data = {"note": note, "website": website}
    if opened is not None:
        data["opened"] = opened
    return NoteForm(data, now=NOW)


def seconds_ago(seconds: float) -> str:
    return sign_opened_at(NOW - timedelta(seconds=seconds))


def test_a_stamp_gives_its_time_back() -> None:
    assert read_opened_at(sign_opened_at(NOW), like=NOW) == NOW


def test_a_stamp_that_is_not_ours_is_nothing() -> None:
    ours = sign_opened_at(NOW)
    for value in ("", "x", "123", "123~x", ours[:-1], "1" + ours):
        assert read_opened_at(value, like=NOW) is None, value


def test_a_stamp_signed_for_another_purpose_is_nothing() -> None:
    assert read_opened_at(Signer(salt="other", sep="~").sign("1777914000"), like=NOW) is None


def test_a_time_beyond_every_calendar_is_nothing() -> None:
    from consultations.visitors import forms as visitors_forms

    assert read_opened_at(visitors_forms._opened_signer.sign("9" * 18), like=NOW) is None


@pytest.mark.parametrize(
    ("seconds", "marks"),
    [(0, ["too_fast"]), (2, ["too_fast"]), (3, []), (60, []), (86_400, [])],
)
def test_only_a_program_is_faster_than_three_seconds(seconds, marks) -> None:
    form = sent(seconds_ago(seconds))
    assert form.is_valid()
    assert form.suspicions() == marks


def test_the_hidden_field_marks_and_is_no_fault() -> None:
    form = sent(seconds_ago(60), website="http://buy.example\x00" + "x" * 5000)
    assert form.is_valid()
    assert form.suspicions() == ["honeypot"]


@pytest.mark.parametrize("opened", [None, "", "forged~signature"])
def test_a_form_that_nobody_opened_is_marked(opened) -> None:
    form = sent(opened)
    assert form.is_valid()
    assert form.suspicions() == ["no_time"]


def test_a_form_of_yesterday_comes_back_with_its_words_and_goes_through_then() -> None:
    form = sent(seconds_ago(86_401))
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()["__all__"]] == ["stale"]
    assert form["note"].value() == "words"
    again = sent(form["opened"].value())
    assert again.is_valid()
    assert again.suspicions() == []


def test_a_second_try_keeps_the_first_time() -> None:
    first = sent(seconds_ago(60), note="")
    assert not first.is_valid()
    assert read_opened_at(first["opened"].value(), like=NOW) == NOW - timedelta(seconds=60)


def test_the_decoy_is_out_of_reach_of_people() -> None:
    drawn = str(NoteForm(now=NOW)["website"])
    assert 'tabindex="-1"' in drawn
    assert 'autocomplete="off"' in drawn
