"""Files that anybody may write and only the holder of a private key can read: backups.

The machine that makes a backup knows the public key alone, so whoever takes the machine does not
get the old backups with it. X25519 with a fresh key for each file, HKDF-SHA256, AES-256-GCM in
chunks: a cut file, a chunk taken out or a flipped bit is refused, and nothing has to fit in memory.
"""

import base64
import io
import os
from hashlib import sha256
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"practice-backup-1\n"
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
KEY_BYTES = 32
KEY_ID_BYTES = 8
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + KEY_BYTES
FINAL_CHUNK_FLAG = b"\x01"


class WrongKey(Exception):
    """The file was made for another key."""


class DamagedFile(Exception):
    """The file is cut, changed, or none of ours."""


class InvalidKey(Exception):
    """What was given is no key."""


def generate_key_pair() -> tuple[str, str]:
    """A private key, to be kept elsewhere, and the public one that goes with it."""
    private = X25519PrivateKey.generate()
    return _encode_key(private.private_bytes_raw()), _encode_key(
        private.public_key().public_bytes_raw()
    )


def derive_public_key(private: str) -> str:
    return _encode_key(_parse_private_key(private).public_key().public_bytes_raw())


class EncryptingWriter(io.RawIOBase):
    """What is written here arrives sealed in ``target``. Only ``finish`` makes the file whole."""

    def __init__(self, target: BinaryIO, public: str) -> None:
        recipient = _decode_key(public)
        fresh = X25519PrivateKey.generate()
        ephemeral = fresh.public_key().public_bytes_raw()
        self.header = MAGIC + _key_id(recipient) + ephemeral
        shared = fresh.exchange(X25519PublicKey.from_public_bytes(recipient))
        # Kept while the file is written, so that it can be read back and compared.
        self.file_key = _file_key(shared, ephemeral, recipient)
        self.target, self.held, self.number = target, bytearray(), 0
        target.write(self.header)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held += data
        while len(self.held) > CHUNK_BYTES:
            self._write_chunk(bytes(self.held[:CHUNK_BYTES]), b"\x00")
            del self.held[:CHUNK_BYTES]
        return len(data)

    def finish(self) -> None:
        self._write_chunk(bytes(self.held), FINAL_CHUNK_FLAG)
        self.held.clear()

    def _write_chunk(self, clear: bytes, flag: bytes) -> None:
        sealed = AESGCM(self.file_key).encrypt(_nonce(self.number, flag), clear, self.header)
        self.target.write(len(sealed).to_bytes(4, "big") + sealed)
        self.number += 1


class DecryptingReader(io.RawIOBase):
    """Reads what a SealingWriter wrote. Raises WrongKey and Damaged."""

    def __init__(self, source: BinaryIO, *, private: str = "", file_key: bytes = b"") -> None:
        self.source = source
        self.header = source.read(HEADER_BYTES)
        if len(self.header) < HEADER_BYTES or not self.header.startswith(MAGIC):
            raise DamagedFile("this is no backup of this site")
        self.file_key = file_key or self._unwrap_file_key(private)
        self.held, self.number, self.is_over = b"", 0, False

    def _unwrap_file_key(self, private: str) -> bytes:
        mine = _parse_private_key(private)
        recipient = mine.public_key().public_bytes_raw()
        if self.header[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES] != _key_id(recipient):
            raise WrongKey("this backup was made for another key")
        ephemeral = self.header[len(MAGIC) + KEY_ID_BYTES :]
        try:
            shared = mine.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        except ValueError as error:
            raise DamagedFile("its first bytes were changed") from error
        return _file_key(shared, ephemeral, recipient)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.held and not self.is_over:
            self._read_chunk()
        part = self.held[: len(buffer)]
        buffer[: len(part)] = part
        self.held = self.held[len(part) :]
        return len(part)

    def drain(self) -> None:
        """Read to the end, so that a cut or changed rest is noticed too."""
        self.held = b""
        while not self.is_over:
            self._read_chunk()
            self.held = b""

    def _read_chunk(self) -> None:
        head = self.source.read(4)
        size = int.from_bytes(head, "big")
        if len(head) < 4 or not TAG_BYTES <= size <= CHUNK_BYTES + TAG_BYTES:
            raise DamagedFile("it is cut or changed")
        sealed = self.source.read(size)
        if len(sealed) < size:
            raise DamagedFile("its end is missing")
        # Which chunk is the last is part of what is sealed: the one behind which nothing comes.
        more = self.source.read(1)
        flag = b"\x00" if more else FINAL_CHUNK_FLAG
        if more:
            self.source.seek(-1, os.SEEK_CUR)
        try:
            nonce = _nonce(self.number, flag)
            self.held = AESGCM(self.file_key).decrypt(nonce, sealed, self.header)
        except InvalidTag as error:
            raise DamagedFile("it is cut or changed") from error
        self.number += 1
        self.is_over = flag == FINAL_CHUNK_FLAG


def _nonce(number: int, flag: bytes) -> bytes:
    return number.to_bytes(11, "big") + flag


def _file_key(shared: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    salt = ephemeral + recipient
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"practice-backup-1").derive(shared)


def _key_id(recipient: bytes) -> bytes:
    return sha256(recipient).digest()[:KEY_ID_BYTES]


def _parse_private_key(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_decode_key(text))


def _decode_key(text: str) -> bytes:
    try:
        data = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        data = b""
    if len(data) != KEY_BYTES:
        raise InvalidKey("a key is 32 bytes in base64")
    return data


def _encode_key(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
