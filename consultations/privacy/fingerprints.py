"""A keyed hash of an address, so that we can count and find without knowing.

Never an unkeyed hash: everybody's address can be guessed and hashed.
"""

import hmac
import unicodedata
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

EXTENSION_SEPARATOR = " ext. "  # between a phone number and what is dialled behind it


def fingerprint(purpose: str, value: str) -> str:
    """The fingerprint to store; "" for an empty value. ``purpose`` keeps kinds apart."""
    return _digest(settings.FIELD_KEYS[0][1], purpose, value) if value else ""


def fingerprints(purpose: str, value: str) -> list[str]:
    """The fingerprint under every key we hold, to find rows written before the last rotation."""
    return [_digest(key, purpose, value) for _, key in settings.FIELD_KEYS] if value else []


def normalize_email(address: str) -> str:
    return unicodedata.normalize("NFKC", address).strip().lower()


def email_fingerprint(address: str) -> str:
    return fingerprint("email", normalize_email(address))


def email_fingerprints(address: str) -> list[str]:
    return fingerprints("email", normalize_email(address))


def phone_fingerprint(number: str) -> str:
    return fingerprint("phone", _normalize_phone(number))


def phone_fingerprints(number: str) -> list[str]:
    return fingerprints("phone", _normalize_phone(number))


def network_fingerprint(address: str) -> str:
    """For counting posts from one network address; the address itself is not kept."""
    return fingerprint("network", address)


def network_fingerprints(address: str) -> list[str]:
    return fingerprints("network", address)


def _normalize_phone(number: str) -> str:
    """Without its extension: whoever asks for their data may not remember it."""
    number = number.partition(EXTENSION_SEPARATOR)[0]
    return "".join(c for c in number if c.isdigit() or c == "+")


def _digest(key: bytes, purpose: str, value: str) -> str:
    return hmac.new(_derive_key(key, purpose), value.encode("utf-8"), sha256).hexdigest()


@lru_cache(maxsize=64)
def _derive_key(key: bytes, purpose: str) -> bytes:
    info = f"fingerprint:{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


# A network address, cut so that it names a neighbourhood and no household. Pure.

PREFIX_BITS = {4: 24, 6: 48}


def truncate_network_address(address: str) -> str:
    """``203.0.113.0/24`` or ``2001:db8:1::/48``; "" for what is no address. Twice is as once."""
    try:
        found = ip_address(address.partition("/")[0].strip())
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found.packed, PREFIX_BITS[found.version]), strict=False))
