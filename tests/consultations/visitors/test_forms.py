"""Tests for the honeypot field and the signed time, which mark submissions but reject none."""

from datetime import timedelta

import pytest
from django import forms
from django.core.signing import Signer

from consultations.visitors.forms import ScreenedForm, read_opened_at, sign_opened_at
from tests.factories.consultations import NOW


class NoteForm(ScreenedForm):
    note = forms.CharField()


def submitted_form(opened: str | None, *, website: str = "", note: str = "words") -> NoteForm:
    data = {"note": note, "website": website}
    if opened is not None:
        data["opened"] = opened
    return NoteForm(data, now=NOW)


def opened_seconds_ago(seconds: float) -> str:
    return sign_opened_at(NOW - timedelta(seconds=seconds))


def test_signed_time_round_trips() -> None:
    assert read_opened_at(sign_opened_at(NOW), like=NOW) == NOW


def test_forged_time_is_ignored() -> None:
    ours = sign_opened_at(NOW)
    for value in ("", "x", "123", "123~x", ours[:-1], "1" + ours):
        assert read_opened_at(value, like=NOW) is None, value


def test_time_signed_with_other_salt_is_ignored() -> None:
    assert read_opened_at(Signer(salt="other", sep="~").sign("1777914000"), like=NOW) is None


def test_out_of_range_time_is_ignored() -> None:
    from consultations.visitors import forms as visitors_forms

    assert read_opened_at(visitors_forms._opened_signer.sign("9" * 18), like=NOW) is None


@pytest.mark.parametrize(
    ("seconds", "marks"),
    [(0, ["too_fast"]), (2, ["too_fast"]), (3, []), (60, []), (86_400, [])],
)
def test_submit_within_three_seconds_is_marked(seconds, marks) -> None:
    form = submitted_form(opened_seconds_ago(seconds))
    assert form.is_valid()
    assert form.suspicions() == marks


def test_filled_honeypot_is_marked_but_valid() -> None:
    form = submitted_form(opened_seconds_ago(60), website="http://buy.example\x00" + "x" * 5000)
    assert form.is_valid()
    assert form.suspicions() == ["honeypot"]


@pytest.mark.parametrize("opened", [None, "", "forged~signature"])
def test_form_without_valid_time_is_marked(opened) -> None:
    form = submitted_form(opened)
    assert form.is_valid()
    assert form.suspicions() == ["no_time"]


def test_stale_form_is_redisplayed_and_then_accepted() -> None:
    form = submitted_form(opened_seconds_ago(86_401))
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()["__all__"]] == ["stale"]
    assert form["note"].value() == "words"
    again = submitted_form(form["opened"].value())
    assert again.is_valid()
    assert again.suspicions() == []


def test_resubmit_keeps_first_opened_time() -> None:
    first = submitted_form(opened_seconds_ago(60), note="")
    assert not first.is_valid()
    assert read_opened_at(first["opened"].value(), like=NOW) == NOW - timedelta(seconds=60)


def test_honeypot_is_unreachable_by_keyboard() -> None:
    drawn = str(NoteForm(now=NOW)["website"])
    assert 'tabindex="-1"' in drawn
    assert 'autocomplete="off"' in drawn
