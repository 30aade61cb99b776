"""Fingerprints match the same person and reveal nobody's address."""

import hashlib

import pytest

from consultations.privacy.fingerprints import (
    email_fingerprint,
    email_fingerprints,
    fingerprint,
    fingerprints,
    network_fingerprint,
    normalize_email,
    phone_fingerprint,
)

OLD_KEY, NEW_KEY = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]


@pytest.mark.parametrize("typed", ["ada@mail.example", " Ada@MAIL.example ", "ａda@mail.example"])
def test_email_fingerprint_ignores_case_and_width(typed) -> None:
    assert normalize_email(typed) == "ada@mail.example"
    assert email_fingerprint(typed) == email_fingerprint("ada@mail.example")


def test_phone_fingerprint_ignores_punctuation() -> None:
    assert phone_fingerprint("+1 (503) 555-0142") == phone_fingerprint("+15035550142")


def test_phone_fingerprint_ignores_extension() -> None:
    assert phone_fingerprint("+15035550142 ext. 7") == phone_fingerprint("+15035550142")


def test_fingerprint_is_not_a_plain_hash() -> None:
    value = "ada@mail.example"
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(algorithm, value.encode()).hexdigest()[:16] not in (
            email_fingerprint(value)
        )


def test_fingerprints_cover_all_keys(settings) -> None:
    new = email_fingerprint("ada@mail.example")
    settings.FIELD_KEYS = [OLD_KEY]
    old = email_fingerprint("ada@mail.example")
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert new != old
    assert email_fingerprints("ada@mail.example") == [new, old]


def test_fingerprints_differ_by_purpose() -> None:
    prints = {fingerprint(purpose, "same") for purpose in ("email", "phone", "network", "comment")}
    assert len(prints) == 4
    assert network_fingerprint("192.0.2.1") != fingerprint("email", "192.0.2.1")


def test_empty_value_has_no_fingerprint() -> None:
    assert (email_fingerprint(""), fingerprints("email", "")) == ("", [])


def test_fingerprint_is_independent_of_secret_key(settings) -> None:
    before = email_fingerprint("ada@mail.example")
    settings.SECRET_KEY = "x" * 50
    assert email_fingerprint("ada@mail.example") == before
