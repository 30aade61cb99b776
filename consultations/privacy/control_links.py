"""Signed tokens for private links.

A token is a signed capability: a random public id and a version. Nothing secret is stored, so the
link can be made again for every email. Raising the row's ``token_version`` revokes all old links.
"""

import re
import secrets

from django.core.signing import BadSignature, Signer

PUBLIC_ID_CHARS = 24
_PAYLOAD_PATTERN = re.compile(r"[0-9a-f]{24}-[0-9]{1,6}")


def new_public_id() -> str:
    """Return 96 random bits in hexadecimal."""
    return secrets.token_hex(PUBLIC_ID_CHARS // 2)


def make_token(purpose: str, public_id: str, version: int) -> str:
    """Sign an id and a version; a token is valid for one purpose only."""
    return _signer(purpose).sign(f"{public_id}-{version}")


def read_token(purpose: str, token: str) -> tuple[str, int] | None:
    """Return the public id and version, or None if we did not sign this token for the purpose."""
    if len(token) > 120:
        return None
    try:
        value = _signer(purpose).unsign(token)
    except BadSignature:
        return None
    if not _PAYLOAD_PATTERN.fullmatch(value):
        return None
    public_id, version = value.split("-")
    return public_id, int(version)


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"consultations.{purpose}.v1", sep="~")
