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


def encrypt(clear: str, *, cell: str) -> bytes:
    """Encrypt with the newest key. ``cell`` names the column and row it can be decrypted in."""
    key_id, _ = settings.FIELD_KEYS[0]
    nonce = os.urandom(NONCE_BYTES)
    header = bytes((FORMAT_VERSION, key_id))
    sealed = _cipher_for_key_id(key_id).encrypt(
        nonce, clear.encode("utf-8"), header + cell.encode("utf-8")
    )
    return header + nonce + sealed


def decrypt(sealed: bytes, *, cell: str) -> str:
    """Decrypt with the key that encrypted it; raises DecryptionError."""
    header, nonce, body = sealed[:2], sealed[2:HEADER_BYTES], sealed[HEADER_BYTES:]
    if len(sealed) <= HEADER_BYTES or header[0] != FORMAT_VERSION:
        raise DecryptionError("not a sealed value")
    try:
        clear = _cipher_for_key_id(header[1]).decrypt(nonce, body, header + cell.encode("utf-8"))
    except InvalidTag as error:
        raise DecryptionError("changed, moved, or sealed with another key") from error
    return clear.decode("utf-8")


def read_key_id(sealed: bytes) -> int:
    """Return the id of the key that encrypted it, or 0, which no key has, for a truncated value."""
    return sealed[1] if len(sealed) > 1 else 0


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
