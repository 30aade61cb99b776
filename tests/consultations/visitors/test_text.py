"""Tests that text cleaning turns any input into storable text that stays the same if repeated."""

import unicodedata

from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from consultations.visitors.forms import clean_multiline, clean_single_line

ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_clean_multiline_is_storable_and_idempotent(text) -> None:
    cleaned = clean_multiline(text)
    cleaned.encode("utf-8")
    assert clean_multiline(cleaned) == cleaned
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert "\n\n\n" not in cleaned


@given(ANY_TEXT)
def test_clean_single_line_returns_one_line_or_raises(text) -> None:
    try:
        cleaned = clean_single_line(text)
    except ValidationError:
        return
    assert cleaned.splitlines() in ([], [cleaned])
    assert clean_single_line(cleaned) == cleaned
