"""Random keys that survive every rotation of FIELD_KEYS, under which they are stored encrypted.

Signatures that last for years (audit log, tombstones) cannot be made again when FIELD_KEYS change:
the audit log must not be altered, and the data behind a tombstone is gone. So each purpose has one
random key that never changes. A rotation only encrypts that key again, like every encrypted value,
and everything signed with it stays verifiable. Without FIELD_KEYS nobody can sign.

The same keys encrypt secrets that other code stores as text, such as those of authenticator apps:
no row of ours holds them, so a rotation could not reach them.
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
NONCE_BYTES = 12
# The row id is derived from the purpose, so that two processes at once create only one row.
_NAMESPACE = uuid.UUID("5f1c9a70-3c1f-4f0e-9d8e-0d6f0a3b7c11")


class KeyMissing(Exception):
    """The key is missing although it was used; a new one could not verify the old signatures."""


def load_key(purpose: str, *, make: bool) -> bytes:
    """Return the key for a purpose, or create it if ``make`` is true.

    Only pass ``make`` if nothing can have been signed with it yet. Raises DecryptionError for a
    damaged key, and KeyMissing for one that is gone.
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
    """Return an HMAC-SHA256; each part is hashed with its length, so that parts cannot shift."""
    message = b"".join(
        len(data).to_bytes(4, "big") + data for data in (part.encode("utf-8") for part in parts)
    )
    return hmac.new(key, message, sha256).hexdigest()


def is_same_digest(first: str, second: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(first, second)


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


def encrypt_secret(plaintext: str, *, purpose: str) -> str:
    """Encrypt a text under the purpose's durable key, as base64."""
    nonce = os.urandom(NONCE_BYTES)
    key = load_key(purpose, make=True)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext.encode("utf-8"), purpose.encode("utf-8"))
    return base64.b64encode(nonce + ciphertext).decode("ascii")


def decrypt_secret(encrypted: str, *, purpose: str) -> str:
    """Decrypt a text; raises DecryptionError if it was changed or its key is missing."""
    try:
        raw = base64.b64decode(encrypted, validate=True)
        key = load_key(purpose, make=False)
        plaintext = AESGCM(key).decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode("utf-8")
        )
    except (binascii.Error, ValueError, InvalidTag, KeyMissing) as error:
        raise DecryptionError("changed, or its key is gone") from error
    return plaintext.decode("utf-8")
