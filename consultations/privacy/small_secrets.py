"""Secrets of staff that other code stores as text, such as those of an authenticator app.

Sealed under a durable key, since no row of ours holds them: a change of FIELD_KEYS seals the key
anew, and what stands elsewhere stays readable.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consultations.privacy import durable_keys
from consultations.privacy.encryption import CannotOpen

NONCE_BYTES = 12


def seal(clear: str, *, purpose: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    key = durable_keys.key(purpose, make=True)
    sealed = AESGCM(key).encrypt(nonce, clear.encode("utf-8"), purpose.encode("utf-8"))
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> str:
    """Raises CannotOpen for what was changed, and when the key is gone."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        key = durable_keys.key(purpose, make=False)
        clear = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode("utf-8"))
    except (binascii.Error, ValueError, InvalidTag, durable_keys.Missing) as error:
        raise CannotOpen("changed, or its key is gone") from error
    return clear.decode("utf-8")
