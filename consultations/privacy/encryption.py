"""Encrypt and decrypt single values: AES-256-GCM under FIELD_KEYS.

An encrypted value is ``version(1) key id(1) nonce(12) ciphertext+tag``. It is bound to its column
and row: moved to another place, it cannot be decrypted.
"""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORMAT_VERSION = 1
NONCE_BYTES = 12
HEADER_BYTES = 2 + NONCE_BYTES


class DecryptionError(Exception):
    """The value was changed, moved to another place, or encrypted with a key we do not have.

    Never replaced by ciphertext or an empty string: the next save would then lose the text.
    """


def encrypt(plaintext: str, *, associated_data: str) -> bytes:
    """Encrypt with the newest key. ``associated_data``: its column and row."""
    key_id, _ = settings.FIELD_KEYS[0]
    nonce = os.urandom(NONCE_BYTES)
    header = bytes((FORMAT_VERSION, key_id))
    ciphertext = _cipher_for_key_id(key_id).encrypt(
        nonce, plaintext.encode("utf-8"), header + associated_data.encode("utf-8")
    )
    return header + nonce + ciphertext


def decrypt(encrypted: bytes, *, associated_data: str) -> str:
    """Decrypt with the key that encrypted it; raises DecryptionError."""
    header, nonce = encrypted[:2], encrypted[2:HEADER_BYTES]
    if len(encrypted) <= HEADER_BYTES or header[0] != FORMAT_VERSION:
        raise DecryptionError("not an encrypted value")
    try:
        plaintext = _cipher_for_key_id(header[1]).decrypt(
            nonce, encrypted[HEADER_BYTES:], header + associated_data.encode("utf-8")
        )
    except InvalidTag as error:
        raise DecryptionError("changed, moved, or encrypted with another key") from error
    return plaintext.decode("utf-8")


def read_key_id(encrypted: bytes) -> int:
    """Return the id of the key that encrypted it, or 0, which no key has, for a truncated value."""
    return encrypted[1] if len(encrypted) > 1 else 0


def newest_key_id() -> int:
    """Return the id of the key that encrypts new values."""
    return settings.FIELD_KEYS[0][0]


def _cipher_for_key_id(key_id: int) -> AESGCM:
    for known_id, key in settings.FIELD_KEYS:
        if known_id == key_id:
            return _aesgcm(key)
    raise DecryptionError(f"key {key_id} is not among FIELD_KEYS")


@lru_cache(maxsize=16)
def _aesgcm(key: bytes) -> AESGCM:
    return AESGCM(key)


def generate_key() -> str:
    """Return a random key in the format of FIELD_KEYS, without its id."""
    return base64.b64encode(os.urandom(32)).decode("ascii")
