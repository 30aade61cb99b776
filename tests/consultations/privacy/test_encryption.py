"""Encrypted values: bound to their column and row; any change raises an error."""

import pytest

from consultations.privacy.encryption import (
    DecryptionError,
    decrypt,
    encrypt,
    generate_key,
    read_key_id,
)
from practice_site.env import parse_field_keys

OLD_KEY, NEW_KEY = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]


@pytest.mark.parametrize("text", ["x", "naïve 日本語 שלום 🌱", "a" * 100_000, "line\nbreak"])
def test_encrypted_text_decrypts(text) -> None:
    assert decrypt(encrypt(text, associated_data="c:1"), associated_data="c:1") == text


def test_equal_texts_have_different_ciphertexts() -> None:
    encrypted = {encrypt("hello", associated_data="c:1") for _ in range(200)}
    assert len(encrypted) == 200
    assert not any(b"hello" in value for value in encrypted)


@pytest.mark.parametrize("associated_data", ["c:2", "d:1", "", "c:1 "])
def test_ciphertext_is_bound_to_its_column_and_row(associated_data) -> None:
    with pytest.raises(DecryptionError):
        decrypt(encrypt("hello", associated_data="c:1"), associated_data=associated_data)


@pytest.mark.parametrize("position", [2, 8, 14, 20, -1])
def test_changed_bit_is_detected(position) -> None:
    encrypted = bytearray(encrypt("hello", associated_data="c:1"))
    encrypted[position] ^= 1
    with pytest.raises(DecryptionError):
        decrypt(bytes(encrypted), associated_data="c:1")


@pytest.mark.parametrize("encrypted", [b"", b"\x01", b"\x01\x02" + b"n" * 12, b"\x07" * 60])
def test_invalid_ciphertext_is_refused(encrypted) -> None:
    with pytest.raises(DecryptionError):
        decrypt(b"\x00" + encrypted[1:], associated_data="c:1")


@pytest.mark.parametrize("length", [14, 20, 29])
def test_truncated_ciphertext_is_refused(length) -> None:
    with pytest.raises(DecryptionError):
        decrypt(encrypt("hello", associated_data="c:1")[:length], associated_data="c:1")


def test_first_key_encrypts_and_every_key_decrypts(settings) -> None:
    settings.FIELD_KEYS = [OLD_KEY]
    before = encrypt("hello", associated_data="c:1")
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert (read_key_id(before), read_key_id(encrypt("hello", associated_data="c:1"))) == (1, 2)
    assert decrypt(before, associated_data="c:1") == "hello"


def test_missing_key_raises_an_error(settings) -> None:
    encrypted = encrypt("hello", associated_data="c:1")
    settings.FIELD_KEYS = [OLD_KEY]
    with pytest.raises(DecryptionError, match="key 2"):
        decrypt(encrypted, associated_data="c:1")


def test_wrong_key_with_the_same_id_raises_an_error(settings) -> None:
    encrypted = encrypt("hello", associated_data="c:1")
    settings.FIELD_KEYS = [(2, b"c" * 32)]
    with pytest.raises(DecryptionError):
        decrypt(encrypted, associated_data="c:1")


def test_key_id_is_authenticated(settings) -> None:
    # The same key under two ids: a changed id must be detected.
    settings.FIELD_KEYS = [(2, b"b" * 32), (3, b"b" * 32)]
    encrypted = bytearray(encrypt("hello", associated_data="c:1"))
    encrypted[1] = 3
    with pytest.raises(DecryptionError):
        decrypt(bytes(encrypted), associated_data="c:1")


def test_generated_key_is_accepted_by_field_keys() -> None:
    (key_id, key), *others = parse_field_keys(f"7:{generate_key()}")
    assert (key_id, len(key), others) == (7, 32, [])
