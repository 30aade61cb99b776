"""Fingerprints: the same person, recognised; nobody, readable."""

import hashlib

import pytest

from consultations.privacy.fingerprints import (
    email_fingerprint,
    email_fingerprints,
    fingerprint,
    fingerprints,
    network_fingerprint,
    normalised_email,
    phone_fingerprint,
)

OLD, NEW = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.FIELD_KEYS = [NEW, OLD]


@pytest.mark.parametrize("typed", ["ada@mail.example", " Ada@MAIL.example ", "ａda@mail.example"])
def test_one_address_has_one_fingerprint_however_it_is_typed(typed) -> None:
    assert normalised_email(typed) == "ada@mail.example"
    assert email_fingerprint(typed) == email_fingerprint("ada@mail.example")


def test_phone_numbers_are_compared_without_their_punctuation() -> None:
    assert phone_fingerprint("+1 (503) 555-0142") == phone_fingerprint("+15035550142")


def test_a_number_is_found_without_its_extension() -> None:
    assert phone_fingerprint("+15035550142 ext. 7") == phone_fingerprint("+15035550142")


def test_it_is_no_hash_that_anybody_could_compute() -> None:
    value = "ada@mail.example"
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(algorithm, value.encode()).hexdigest()[:16] not in (
            email_fingerprint(value)
        )


def test_another_key_makes_another_fingerprint_and_all_are_found(settings) -> None:
    new = email_fingerprint("ada@mail.example")
    settings.FIELD_KEYS = [OLD]
    old = email_fingerprint("ada@mail.example")
    settings.FIELD_KEYS = [NEW, OLD]
    assert new != old
    assert email_fingerprints("ada@mail.example") == [new, old]


def test_purposes_are_kept_apart() -> None:
    prints = {fingerprint(purpose, "same") for purpose in ("email", "phone", "network", "comment")}
    assert len(prints) == 4
    assert network_fingerprint("192.0.2.1") != fingerprint("email", "192.0.2.1")


def test_nothing_has_no_fingerprint() -> None:
    assert (email_fingerprint(""), fingerprints("email", "")) == ("", [])


def test_it_does_not_depend_on_the_secret_key(settings) -> None:
    before = email_fingerprint("ada@mail.example")
    settings.SECRET_KEY = "x" * 50
    assert email_fingerprint("ada@mail.example") == before
