"""Sealing and opening: bound to its cell, loud when anything is off."""

import pytest

from consultations.privacy.encryption import CannotOpen, key_id_of, new_key, seal, unseal
from practice_site.env import parse_field_keys

OLD, NEW = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.FIELD_KEYS = [NEW, OLD]


@pytest.mark.parametrize("text", ["x", "naïve 日本語 שלום 🌱", "a" * 100_000, "line\nbreak"])
def test_what_was_sealed_opens_again(text) -> None:
    assert unseal(seal(text, cell="c:1"), cell="c:1") == text


def test_the_same_words_never_look_the_same() -> None:
    sealed = {seal("hello", cell="c:1") for _ in range(200)}
    assert len(sealed) == 200
    assert not any(b"hello" in value for value in sealed)


@pytest.mark.parametrize("cell", ["c:2", "d:1", "", "c:1 "])
def test_a_value_moved_to_another_cell_cannot_be_opened(cell) -> None:
    with pytest.raises(CannotOpen):
        unseal(seal("hello", cell="c:1"), cell=cell)


@pytest.mark.parametrize("position", [2, 8, 14, 20, -1])
def test_one_changed_bit_anywhere_is_noticed(position) -> None:
    sealed = bytearray(seal("hello", cell="c:1"))
    sealed[position] ^= 1
    with pytest.raises(CannotOpen):
        unseal(bytes(sealed), cell="c:1")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01\x02" + b"n" * 12, b"\x07" * 60])
def test_what_was_never_sealed_cannot_be_opened(sealed) -> None:
    with pytest.raises(CannotOpen):
        unseal(b"\x00" + sealed[1:], cell="c:1")


@pytest.mark.parametrize("length", [14, 20, 29])
def test_a_value_that_was_cut_cannot_be_opened(length) -> None:
    with pytest.raises(CannotOpen):
        unseal(seal("hello", cell="c:1")[:length], cell="c:1")


def test_the_first_key_writes_and_every_key_reads(settings) -> None:
    settings.FIELD_KEYS = [OLD]
    before = seal("hello", cell="c:1")
    settings.FIELD_KEYS = [NEW, OLD]
    assert (key_id_of(before), key_id_of(seal("hello", cell="c:1"))) == (1, 2)
    assert unseal(before, cell="c:1") == "hello"


def test_a_missing_key_is_said_aloud(settings) -> None:
    sealed = seal("hello", cell="c:1")
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(CannotOpen, match="key 2"):
        unseal(sealed, cell="c:1")


def test_another_key_under_the_same_id_is_said_aloud(settings) -> None:
    sealed = seal("hello", cell="c:1")
    settings.FIELD_KEYS = [(2, b"c" * 32)]
    with pytest.raises(CannotOpen):
        unseal(sealed, cell="c:1")


def test_the_key_id_is_authenticated(settings) -> None:
    # The same key under two ids: relabelling must not pass.
    settings.FIELD_KEYS = [(2, b"b" * 32), (3, b"b" * 32)]
    sealed = bytearray(seal("hello", cell="c:1"))
    sealed[1] = 3
    with pytest.raises(CannotOpen):
        unseal(bytes(sealed), cell="c:1")


def test_a_new_key_is_one_that_the_environment_takes() -> None:
    (key_id, key), *others = parse_field_keys(f"7:{new_key()}")
    assert (key_id, len(key), others) == (7, 32, [])
