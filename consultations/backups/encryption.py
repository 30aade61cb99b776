"""Encrypt backups for a public key in the age format (age-encryption.org/v1).

The server knows only the public key, so an attacker who takes it over cannot read old backups.
Any age tool can decrypt a backup with the private key. Keys made before version 0.2.0 are X25519
keys in base64. age uses the same keys, written in Bech32, so the old ones remain valid.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyrage
from pyrage import x25519

from consultations.backups import legacy_encryption
from consultations.backups.errors import DamagedFile, InvalidKey, WrongKey

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

AGE_MAGIC = b"age-encryption.org/v1\n"
PUBLIC_PREFIX, PRIVATE_PREFIX = "age", "age-secret-key-"


def generate_key_pair() -> tuple[str, str]:
    """Return a new private key and its public key, both in age's notation."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def derive_public_key(private: str) -> str:
    """Return the public key of a private key. Raises InvalidKey."""
    return str(_parse_private_key(private).to_public())


def encrypt_file(source: Path, target: BinaryIO, public_keys: list[str]) -> None:
    """Encrypt ``source`` so that any of the keys can decrypt it. Raises InvalidKey and OSError."""
    recipients = [_parse_public_key(public) for public in public_keys]
    writer = _CheckedWriter(target)
    with source.open("rb") as clear:
        try:
            pyrage.encrypt_io(clear, writer, recipients)
        except pyrage.EncryptError as error:
            raise OSError("it could not be encrypted") from error
    writer.raise_error()


def decrypt_file(source: Path, target: Path, private: str) -> None:
    """Decrypt a backup in the age format or the legacy format.

    ``target`` is created only if the whole file is authentic.
    Raises WrongKey, InvalidKey and DamagedFile.
    """
    partial = target.with_name(f"{target.name}.partial")
    with source.open("rb") as encrypted, partial.open("wb") as clear:
        is_legacy = encrypted.read(len(legacy_encryption.MAGIC)) == legacy_encryption.MAGIC
        encrypted.seek(0)
        if is_legacy:
            if _is_age_private_key(private):
                raise WrongKey("it is older than version 0.2.0 and needs the private key of then")
            shutil.copyfileobj(
                legacy_encryption.DecryptingReader(encrypted, private=private), clear, 1 << 20
            )
        else:
            _decrypt_age(encrypted, clear, private)
    partial.replace(target)


def _decrypt_age(encrypted: BinaryIO, clear: BinaryIO, private: str) -> None:
    identity = _parse_private_key(private)
    if encrypted.read(len(AGE_MAGIC)) != AGE_MAGIC:
        raise DamagedFile("this is not a backup of this site")
    encrypted.seek(0)
    writer = _CheckedWriter(clear)
    try:
        pyrage.decrypt_io(encrypted, writer, [identity])
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise WrongKey("this backup was made for another key") from error
        raise DamagedFile("it is cut or changed") from error
    except OSError as error:
        # pyrage raises OSError without an errno for a truncated or modified file, after writing
        # the part before the damage. A full disk raises OSError with an errno.
        if error.errno is not None:
            raise
        raise DamagedFile("it is cut or changed") from error
    writer.raise_error()


class _CheckedWriter:
    """Keep a write error of the file, because pyrage drops the error of its last buffered write."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.error: OSError | None = None

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return self.file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self.file.flush()

    def raise_error(self) -> None:
        if self.error is not None:
            raise self.error


def _parse_public_key(text: str) -> x25519.Recipient:
    text = text.strip()
    if not text.startswith(f"{PUBLIC_PREFIX}1"):
        text = _encode_bech32(PUBLIC_PREFIX, legacy_encryption.decode_key(text))
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise InvalidKey("a public key starts with age1") from None


def _parse_private_key(text: str) -> x25519.Identity:
    text = text.strip()
    if not _is_age_private_key(text):
        text = _encode_bech32(PRIVATE_PREFIX, legacy_encryption.decode_key(text)).upper()
    try:
        return x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise InvalidKey("a private key starts with AGE-SECRET-KEY-1") from None


def _is_age_private_key(text: str) -> bool:
    return text.strip().lower().startswith(f"{PRIVATE_PREFIX}1")


# --- Bech32 (BIP 173), the notation of age keys, for the 32 bytes of an older key -----------------

BECH32_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _encode_bech32(prefix: str, data: bytes) -> str:
    """Return the prefix, the separator "1", the data and a checksum, in lower case."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[start : start + 5], 2) for start in range(0, len(bits), 5)]
    expanded = (
        [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    )
    checksum = _bech32_checksum([*expanded, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [(checksum >> shift) & 31 for shift in (25, 20, 15, 10, 5, 0)]
    return prefix + "1" + "".join(BECH32_ALPHABET[value] for value in values)


def _bech32_checksum(values: list[int]) -> int:
    """Compute the Bech32 checksum of five-bit values."""
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(BECH32_GENERATORS):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
