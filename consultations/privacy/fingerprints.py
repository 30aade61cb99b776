"""Keyed hashes of addresses, to count and find them without storing them; truncated IP addresses.

The hash always has a key, because addresses are easy to guess and hash.
"""

import hmac
import unicodedata
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

EXTENSION_SEPARATOR = " ext. "  # between a phone number and its extension
PREFIX_BITS = {4: 24, 6: 48}


def fingerprint(purpose: str, value: str) -> str:
    """Return the fingerprint to store, or "" for an empty value.

    The same value has different fingerprints for different purposes.
    """
    return _digest(settings.FIELD_KEYS[0][1], purpose, value) if value else ""


def fingerprints(purpose: str, value: str) -> list[str]:
    """Return the fingerprint under every key, to find rows written before the last rotation."""
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
    """Return the fingerprint to count posts from one network address by."""
    return fingerprint("network", address)


def network_fingerprints(address: str) -> list[str]:
    return fingerprints("network", address)


def _normalize_phone(number: str) -> str:
    """Drop the extension: people who request their data may not remember it."""
    number = number.partition(EXTENSION_SEPARATOR)[0]
    return "".join(c for c in number if c.isdigit() or c == "+")


def _digest(key: bytes, purpose: str, value: str) -> str:
    return hmac.new(_derive_key(key, purpose), value.encode("utf-8"), sha256).hexdigest()


@lru_cache(maxsize=64)
def _derive_key(key: bytes, purpose: str) -> bytes:
    info = f"fingerprint:{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def truncate_network_address(address: str) -> str:
    """Return ``203.0.113.0/24`` or ``2001:db8:1::/48``, or "" for an invalid address.

    The prefix is too short to identify a household. Idempotent.
    """
    try:
        ip = ip_address(address.partition("/")[0].strip())
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ip_network((ip.packed, PREFIX_BITS[ip.version]), strict=False))
