"""Secret links: made again at will, worthless when changed."""

import pytest

from consultations.privacy import control_links
from consultations.privacy.control_links import make, new_public_id, read

ID = "0123456789abcdef01234567"


def test_a_link_gives_back_what_it_was_made_for() -> None:
    assert read("comment", make("comment", ID, 3)) == (ID, 3)
    assert make("comment", ID, 3) == make("comment", ID, 3)


def test_a_link_of_one_purpose_opens_nothing_of_another() -> None:
    assert read("consultation", make("comment", ID, 0)) is None


def test_no_shorter_or_longer_link_opens() -> None:
    token = make("comment", ID, 0)
    assert [cut for cut in range(len(token)) if read("comment", token[:cut]) is not None] == []
    assert read("comment", token + "A") is None
    assert read("comment", token + "A" * 200) is None


def test_no_single_changed_character_opens() -> None:
    token = make("comment", ID, 0)
    for position, character in enumerate(token):
        other = "b" if character == "a" else "a"
        changed = token[:position] + other + token[position + 1 :]
        # The last character of the signature carries spare bits in base64.
        if position < len(token) - 1:
            assert read("comment", changed) is None, position


@pytest.mark.parametrize("token", ["", "~", "a~b", f"{ID}-0", f"{ID}-0~", "é" * 50, "\x00", "%00"])
def test_nonsense_is_nothing(token) -> None:
    assert read("comment", token) is None


def test_a_signed_value_of_another_form_is_nothing() -> None:
    signer = control_links._signer("comment")
    assert read("comment", signer.sign(f"{ID}-0")) == (ID, 0)
    for value in (ID, f"{ID}-", f"{ID}-x", f"{ID}-0-0", "short-0", f"{ID}--1", f"{ID}-1234567"):
        assert read("comment", signer.sign(value)) is None


def test_links_outlive_a_change_of_the_secret_key_by_its_fallbacks(settings) -> None:
    settings.SECRET_KEY = "old" * 20
    token = make("comment", ID, 0)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    assert read("comment", token) == (ID, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert read("comment", token) is None


def test_public_ids_are_random_and_well_formed() -> None:
    made = {new_public_id() for _ in range(200)}
    assert len(made) == 200
    assert all(read("comment", make("comment", one, 0)) == (one, 0) for one in made)
