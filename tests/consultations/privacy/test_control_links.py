"""Signed tokens of private links: repeatable, and invalid after any change."""

import pytest

from consultations.privacy import control_links
from consultations.privacy.control_links import make_token, new_public_id, read_token

PUBLIC_ID = "0123456789abcdef01234567"


def test_token_round_trips() -> None:
    assert read_token("comment", make_token("comment", PUBLIC_ID, 3)) == (PUBLIC_ID, 3)
    assert make_token("comment", PUBLIC_ID, 3) == make_token("comment", PUBLIC_ID, 3)


def test_token_is_bound_to_its_purpose() -> None:
    assert read_token("consultation", make_token("comment", PUBLIC_ID, 0)) is None


def test_truncated_or_extended_token_is_refused() -> None:
    token = make_token("comment", PUBLIC_ID, 0)
    assert [
        cut for cut in range(len(token)) if read_token("comment", token[:cut]) is not None
    ] == []
    assert read_token("comment", token + "A") is None
    assert read_token("comment", token + "A" * 200) is None


def test_changed_character_is_refused() -> None:
    token = make_token("comment", PUBLIC_ID, 0)
    for position, character in enumerate(token):
        other = "b" if character == "a" else "a"
        changed = token[:position] + other + token[position + 1 :]
        # The last character of the signature carries spare bits in base64.
        if position < len(token) - 1:
            assert read_token("comment", changed) is None, position


@pytest.mark.parametrize(
    "token", ["", "~", "a~b", f"{PUBLIC_ID}-0", f"{PUBLIC_ID}-0~", "é" * 50, "\x00", "%00"]
)
def test_malformed_token_is_refused(token) -> None:
    assert read_token("comment", token) is None


def test_signed_value_of_wrong_format_is_refused() -> None:
    signer = control_links._signer("comment")
    assert read_token("comment", signer.sign(f"{PUBLIC_ID}-0")) == (PUBLIC_ID, 0)
    for value in (
        PUBLIC_ID,
        f"{PUBLIC_ID}-",
        f"{PUBLIC_ID}-x",
        f"{PUBLIC_ID}-0-0",
        "short-0",
        f"{PUBLIC_ID}--1",
        f"{PUBLIC_ID}-1234567",
    ):
        assert read_token("comment", signer.sign(value)) is None


def test_token_survives_secret_key_change_with_fallback(settings) -> None:
    settings.SECRET_KEY = "old" * 20
    token = make_token("comment", PUBLIC_ID, 0)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    assert read_token("comment", token) == (PUBLIC_ID, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert read_token("comment", token) is None


def test_public_ids_are_unique_and_valid() -> None:
    made = {new_public_id() for _ in range(200)}
    assert len(made) == 200
    assert all(
        read_token("comment", make_token("comment", public_id, 0)) == (public_id, 0)
        for public_id in made
    )
