"""Random keys of our own that outlive every rotation, kept sealed under FIELD_KEYS.

What is signed for years (the audit log, the list of the erased) cannot be signed anew when
FIELD_KEYS change: the one may not be altered, of the other we no longer know the words. So each
gets one random key, made once. Rotation re-seals that key, as it does every sealed cell, and what
was signed with it stays verifiable; without FIELD_KEYS nobody can sign.
"""

import base64
import binascii
import hmac
import os
import secrets
import uuid
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import IntegrityError, transaction

from consultations.privacy.encryption import DecryptionError
from consultations.privacy.models import DurableKey

AUDIT_PURPOSE = "audit"
ERASURE_PURPOSE = "erased"
SECOND_FACTOR_PURPOSE = "second-factor"
SECRET_BYTES = 32
# Row ids come from the purpose: of two processes that make one at once, the index keeps one.
_NAMESPACE = uuid.UUID("5f1c9a70-3c1f-4f0e-9d8e-0d6f0a3b7c11")


class KeyMissing(Exception):
    """The key was there once and is gone: a new one could not verify what the old one signed."""


def load_key(purpose: str, *, make: bool) -> bytes:
    """The key for one purpose. ``make`` says that nothing has been signed with it so far.

    Raises DecryptionError for a damaged one, KeyMissing for one that is gone.
    """
    row = DurableKey.objects.filter(uuid=_key_uuid(purpose)).first()
    if row is None:
        if not make:
            raise KeyMissing(purpose)
        row = _create_key(purpose)
    try:
        return _derive_key(bytes.fromhex(row.secret), purpose)
    except ValueError as error:
        raise DecryptionError("not a key") from error


def compute_mac(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 over parts of any length; no two lists of parts give the same message."""
    message = b"".join(
        len(data).to_bytes(4, "big") + data for data in (part.encode("utf-8") for part in parts)
    )
    return hmac.new(key, message, sha256).hexdigest()


def is_same_digest(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)


def _key_uuid(purpose: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, purpose)


def _create_key(purpose: str) -> DurableKey:
    row = _key_uuid(purpose)
    try:
        with transaction.atomic():
            return DurableKey.objects.create(
                uuid=row, purpose=purpose, secret=secrets.token_hex(SECRET_BYTES)
            )
    except IntegrityError:
        return DurableKey.objects.get(uuid=row)


@lru_cache(maxsize=8)
def _derive_key(secret: bytes, purpose: str) -> bytes:
    info = f"durable:{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


# Secrets of staff that other code stores as text, such as those of an authenticator app.
#
# Sealed under a durable key, since no row of ours holds them: a change of FIELD_KEYS seals the
# key
# anew, and what stands elsewhere stays readable.

NONCE_BYTES = 12


def encrypt_secret(clear: str, *, purpose: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    durable = load_key(purpose, make=True)
    sealed = AESGCM(durable).encrypt(nonce, clear.encode("utf-8"), purpose.encode("utf-8"))
    return base64.b64encode(nonce + sealed).decode("ascii")


def decrypt_secret(sealed: str, *, purpose: str) -> str:
    """Raises DecryptionError for what was changed, and when the key is gone."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        durable = load_key(purpose, make=False)
        clear = AESGCM(durable).decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode("utf-8")
        )
    except (binascii.Error, ValueError, InvalidTag, KeyMissing) as error:
        raise DecryptionError("changed, or its key is gone") from error
    return clear.decode("utf-8")
